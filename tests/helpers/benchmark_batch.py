"""How whole batches do: files a second on one and two workers beside what reads the same files bare, and how time and
memory grow from 1,000 files to 50,000.

    python tests/helpers/benchmark_batch.py [FILES …]

Every figure is of whole processes, in one run on the same files. Memory is the peak of resident memory: of the process
that was called, and of it and its workers together, looked up ten times a second. It judges nothing.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from batches import make_batch

SIZES = (1_000, 10_000, 50_000)
RACED = 1_000
ROUNDS = 3
BARE = {
    "openpyxl, plain load": "import openpyxl, sys\nfor f in sys.stdin.read().split('\\n'): openpyxl.load_workbook(f)",
    "calamine, plain read": (
        "from python_calamine import CalamineWorkbook as C; import sys\n"
        "for f in sys.stdin.read().split('\\n'):\n"
        " b = C.from_path(f)\n"
        " for n in b.sheet_names: b.get_sheet_by_name(n).to_python()"
    ),
}


@dataclass(frozen=True)
class Run:
    """A finished process: seconds, and peaks of resident memory in MB, alone and with its children."""

    seconds: float
    alone: float
    together: float


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def run(command: list[str], stdin: str = "") -> Run:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(stdin.encode())
    process.stdin.close()
    alone = together = 0.0
    while process.poll() is None:
        sizes = [_resident(pid) for pid in _family(process.pid)]
        alone, together = max(alone, sizes[0]), max(together, sum(sizes))
        time.sleep(0.1)
    assert process.returncode in (0, 1), command
    return Run(time.perf_counter() - start, alone, together)


def check(folder: Path, results: Path, workers: int) -> list[str]:
    call = [sys.executable, "-m", "toolkit", "check", str(folder), "-o", str(results), "--force"]
    return [*call, "--workers", str(workers)]


def link_copies(source: list[Path], folder: Path, count: int) -> None:
    """So many files that are links to the source files."""
    for number in range(count):
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.xlsx").symlink_to(source[number % len(source)])


def main() -> None:
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        made = make_batch(place / "made", min(max(sizes), 1_000), sound=True)
        files = [Path(file) for file in made.expected]
        link_copies(files, place / "raced", RACED)
        listed = "\n".join(map(str, sorted((place / "raced").rglob("*.xlsx"))))
        times: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for workers in (1, 2):
                ran = run(check(place / "raced", place / "out", workers))
                times.setdefault(f"gknb check, {workers} worker{'s' if workers > 1 else ''}", []).append(ran.seconds)
            for title, code in BARE.items():
                times.setdefault(title, []).append(run([sys.executable, "-c", code], listed).seconds)
        print(f"{RACED} files, whole processes, medians of {ROUNDS} rounds in turn")
        first = sorted(next(iter(times.values())))[ROUNDS // 2]
        for title, seconds in times.items():
            median = sorted(seconds)[ROUNDS // 2]
            print(f"  {title:<26}{RACED / median:9.1f} files/s   x {median / first:5.2f}")
        print(f"\nWhole batches (links to {len(files)} different workbooks), all cores")
        base: tuple[float, Run] | None = None
        for size in sizes:
            link_copies(files, place / f"all{size}", size)
            ran = run(check(place / f"all{size}", place / f"out{size}", os.cpu_count() or 1))
            base = base or (ran.seconds / size, ran)
            each, alone, together = ran.seconds / size, ran.alone / base[1].alone, ran.together / base[1].together
            print(
                f"  {size:>7,} files {ran.seconds:8.1f} s  {each * 1000:6.2f} ms a file (x {each / base[0]:4.2f})"
                f"  peak {ran.alone:5.0f} MB (x {alone:4.2f}), with workers {ran.together:5.0f} MB (x {together:4.2f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
