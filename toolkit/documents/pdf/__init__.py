"""Reads PDF files with a text layer as blocks."""
