"""Loaded by the server of worker processes when it starts. Ctrl-C in the terminal is for the process that was called,
which ends all the others; the server and its workers do not get it. Python's error messages of the server are dropped:
the user gets a message in words."""

import os
import sys

if hasattr(os, "setpgrp") and "multiprocessing.forkserver" in " ".join(sys.orig_argv):
    os.setpgrp()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
