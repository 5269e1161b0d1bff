"""A process of the program that is loaded already and waits for its call (待命): a page of the desk (工作台) starts a
command at once.

    python -m toolkit.cli.waiting

reads one line of JSON from standard input, the arguments of a call, and runs it as `gknb` does. It ends when standard
input is closed.
"""

import json
import os
import sys

from toolkit.cli.process_start import fill_closed_streams

LOADED = ("toolkit.batch.check_job", "toolkit.batch.jobs")
"""The modules of the jobs that a command gives to worker processes."""


def main() -> None:
    """Load what a check needs, wait for the call, and run it."""
    fill_closed_streams()
    try:
        import toolkit.batch.checked_batch
        import toolkit.batch.results.folder
        import toolkit.batch.run
        import toolkit.cli.check  # noqa: F401
        from toolkit.batch.worker_processes import start_fork_server
        from toolkit.cli import main as program

        start_fork_server(LOADED)
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        return
    if not line:
        return
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = [program.PROGRAM, *json.loads(line)]
    program.main()


if __name__ == "__main__":
    main()
