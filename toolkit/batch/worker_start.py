"""Loaded by the server of worker processes as it begins: what is pressed in the terminal (Ctrl-C) is for the process
that was called, which ends them all, and reaches neither the server nor its workers. What Python would print of its
failures is nothing for the user, who is told in words."""

import os
import sys

if hasattr(os, "setpgrp") and "multiprocessing.forkserver" in " ".join(sys.orig_argv):
    os.setpgrp()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
