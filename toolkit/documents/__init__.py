"""Reads Word, web, PDF and text files into paragraphs and tables (blocks), and splits them into sections (部分)."""
