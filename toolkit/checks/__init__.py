"""Submission in, findings out. Knows nothing of files.

Each module is a family of rules; `review` runs them all, `catalogue` describes them.
"""
