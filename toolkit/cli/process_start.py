"""Prepares the process before anything else: opens closed standard streams, and makes Chinese file names work."""

import os
import sys


def fill_closed_streams() -> None:
    """Open closed standard streams on the null device. Without this the next file that is opened would take their
    number, and messages would be written into it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


def take_chinese_names() -> None:
    """Start the program again in Python's UTF-8 mode if file names could only be ASCII, as with LC_ALL=C: our files
    have Chinese names. Nothing has been done before, so the user does not notice."""
    if os.name != "posix" or sys.flags.utf8_mode:
        return
    try:
        os.fsencode("年报")
    except UnicodeEncodeError:
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])
