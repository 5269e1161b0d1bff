"""The screens of the desk (工作台), one file a job of the office, in the order of January."""
