"""Word documents, read as blocks."""
