"""PDF files with a text layer, read as blocks."""
