"""The command line (命令行): one file a command.

A command turns its arguments into a call of the toolkit and prints what comes back; no logic lives here.
"""
