"""Submission in, document out."""
