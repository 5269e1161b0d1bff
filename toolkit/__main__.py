"""Where the program begins: ``gknb``, and ``python -m toolkit``, which does the same.

Loading all of it takes long enough for somebody to press Ctrl-C.
"""

import sys

from toolkit.cli.interrupts import ignore_signals, raise_on_signals
from toolkit.cli.process_start import fill_closed_streams, take_chinese_names


def main() -> None:
    """Run the program."""
    try:
        fill_closed_streams()
        take_chinese_names()
        raise_on_signals()
        from toolkit.cli import main as program

        program.main()
    except KeyboardInterrupt:
        ignore_signals()
        sys.exit(130)


if __name__ == "__main__":
    main()
