"""The results of a checked batch: the folder, the page, the workbook, and reading them back."""
