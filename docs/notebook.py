"""Check a folder of returns, and look at findings and cells as tables: python notebook.py 收回的表 名册.csv"""

import sys

import pandas

import toolkit

folder, roster = sys.argv[1:3]
checked = toolkit.check_folder(folder, roster=roster)
print(checked.summary)
findings = pandas.DataFrame(checked.rows())
print(findings[["agency", "severity", "rule", "message"]])
cells = pandas.DataFrame(row for submission in checked.submissions() for row in submission.rows())
print(cells.pivot_table(index="cell", columns="agency", values="value", aggfunc="first"))
