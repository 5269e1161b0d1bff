"""Submission in, findings out. Nothing here opens a file or runs a batch.

`findings` says what a rule is. A module with rules says what its functions find. `registry` lists all rules and says
who calls which function, `review` runs the rules on one submission, and `catalogue` describes them.
"""
