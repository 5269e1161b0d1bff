"""What every workbook of ours shares: how it looks and how plain tables stand on its sheets."""
