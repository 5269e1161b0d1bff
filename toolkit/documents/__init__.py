"""Readers of texts that are written outside the workbook. They turn files into blocks and split blocks into sections
(部分)."""
