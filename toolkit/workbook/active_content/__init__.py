"""Active content (夹带) of a returned workbook: macros, links, objects, queries.

It is found, reported and taken out; nothing of it is opened, run or followed.
"""
