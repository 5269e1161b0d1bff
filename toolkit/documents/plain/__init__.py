"""Plain text and Markdown, read as blocks, with the tables that stand in text."""
