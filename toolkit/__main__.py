"""Where the program begins: ``gknb``, and ``python -m toolkit``, which does the same.

Loading all of it takes long enough for somebody to press Ctrl-C.
"""

import sys

from toolkit.interrupts import finish, listen
from toolkit.surroundings import fill_closed_streams, take_chinese_names


def main() -> None:
    """Run the program."""
    try:
        fill_closed_streams()
        take_chinese_names()
        listen()
        from toolkit import cli

        cli.main()
    except KeyboardInterrupt:
        finish()
        sys.exit(130)


if __name__ == "__main__":
    main()
