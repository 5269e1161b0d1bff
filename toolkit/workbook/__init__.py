"""The Excel side: where each cell stands (`layout`), writing the template, reading returned workbooks."""
