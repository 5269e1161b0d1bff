"""What all workbooks of the toolkit share: styles, and plain tables on sheets."""
