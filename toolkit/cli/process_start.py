"""What a process needs before anything else: standard streams that are open, and file names in Chinese."""

import os
import sys


def fill_closed_streams() -> None:
    """Open the standard streams that were closed, on nothing: the next file that is opened would take their place, and
    what is written to the screen would go into it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one


def take_chinese_names() -> None:
    """Start the program once more in Python's UTF-8 mode where file names could only be ASCII, as with LC_ALL=C: our
    files have Chinese names. Nothing has been done yet, so that nobody notices."""
    if os.name != "posix" or sys.flags.utf8_mode:
        return
    try:
        os.fsencode("年报")
    except UnicodeEncodeError:
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])
