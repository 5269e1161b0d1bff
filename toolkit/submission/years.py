"""The report years (报告年度) that are possible."""

YEARS = range(1900, 2200)
