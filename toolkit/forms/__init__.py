"""The official form (格式) as data: its definition, its cells, its relations and its table grids.

Knows nothing of Excel, Word or files that agencies return.
"""
