"""Saved web pages, read as blocks."""
