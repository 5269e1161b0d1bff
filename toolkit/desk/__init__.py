"""The desk (工作台): an office does the work of January on pages in the browser of its own machine."""
