"""The command line (命令行): one file for each command.

A command turns its arguments into calls of the toolkit and prints the result. It contains no logic of its own.
"""
