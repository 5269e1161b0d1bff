"""How the third round of a large batch compares with the first: time and memory of `gknb check`.

    python tests/helpers/benchmark_rounds.py FOLDER [AGENCIES]

Every agency sends a different return in every round; in the first one, one in ten has an error that it mends in the
second one. The forms lie in one folder, as an office that replaces them by the corrected ones keeps them.
"""

import os
import random
import resource
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, product
from pathlib import Path

from batches import BLANK, COUNTIES, NUMBER, WORDS, Base, Parts, workbook, write_roster

ROUNDS = 3
BODIES = WORDS["bodies"]
VILLAGES = [a + b for a, b in product("一二三四五六七八九十", "东西南北中")]


def agencies(count: int) -> list[str]:
    made = (county + village + body for village, county, body in product(["", *VILLAGES], COUNTIES, BODIES))
    return list(islice(made, count))


def write_return(job: tuple[Path, int, str, int]) -> None:
    """Write the return of an agency for a round."""
    folder, number, agency, this_round = job

    def sow(parts: Parts, source: Base, _words: dict[str, str], _rng: random.Random) -> dict[str, int]:
        from batches import put

        put(parts, source, "services.licensing.decisions", NUMBER.format(100 + this_round))
        if number % 10 == 0 and this_round == 1:
            put(parts, source, "enforcement.coercion.decisions", BLANK)
        return {}

    content = workbook(agency, random.Random(agency), sow)[0]  # type: ignore[arg-type]
    path = folder / f"{number // 1000}" / f"{agency}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_736_000_000 + 86_400 * this_round,) * 2)


def main(place: Path, count: int) -> None:
    """Make the rounds, check each of them, and print what it took."""
    names = agencies(count)
    returned, roster = place / "收回的表", write_roster_of(place, names)
    first: tuple[float, float] | None = None
    for this_round in range(1, ROUNDS + 1):
        with ProcessPoolExecutor() as pool:
            jobs = [(returned, number, agency, this_round) for number, agency in enumerate(names)]
            list(pool.map(write_return, jobs, chunksize=50))
        resume = ["--resume"] if this_round > 1 else []
        call = [sys.executable, "-m", "toolkit", "check", str(returned), "--roster", str(roster), "--year", "2024"]
        start = time.perf_counter()
        ran = subprocess.run([*call, "-o", str(place / "结果"), *resume], capture_output=True, text=True, check=False)
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        first = first or (took, peak)
        print(
            f"round {this_round}: {took:.1f} s ({took / first[0]:.2f} of the first), largest process so far"
            f" {peak:.0f} MB ({peak / first[1]:.2f}); {ran.stdout.splitlines()[-1]}",
            flush=True,
        )


def write_roster_of(place: Path, names: list[str]) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    return write_roster(place / "名册.csv", names)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
