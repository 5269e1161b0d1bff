"""Reads plain text and Markdown as blocks, with the tables in the text."""
