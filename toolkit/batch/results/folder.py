"""The results folder (结果文件夹) of a checked batch: findings.json, 校验结果.xlsx and 校验结果.html."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from toolkit.batch.checked_batch import Batch, findings_json, totals_of
from toolkit.batch.jobs import JobOutput
from toolkit.batch.ledger.ledger import LEDGER_NAME
from toolkit.batch.results.lock import lock_folder
from toolkit.batch.results.page import PAGE_NAME, results_page
from toolkit.batch.results.workbook import WORKBOOK_NAME, write_results_workbook
from toolkit.checks.findings import Rule
from toolkit.files.protected_inputs import is_read
from toolkit.files.write import (
    OutputIsSource,
    atomic_file,
    refuse_existing,
    require_folder,
    unique_namer,
    write_output,
)
from toolkit.files.write_errors import Unwritable, place_of
from toolkit.problems import Problem

FINDINGS_NAME = "findings.json"
RESULT_NAMES = (FINDINGS_NAME, WORKBOOK_NAME, PAGE_NAME)


def require_free(folder: Path, force: bool, resume: bool) -> None:
    """Raise Problem when the folder has results already that may not be replaced, or when there is nothing to
    resume."""
    require_folder(folder)
    if resume and not (folder / LEDGER_NAME).exists():
        raise Problem(f"{folder} 里没有上次的进度，不能接着做。第一次校验请不加 --resume。")
    refuse_existing([folder / name for name in RESULT_NAMES], force or resume)


@contextmanager
def lock_results(folder: Path | None, force: bool, resume: bool) -> Iterator[None]:
    """Lock a results folder for this run, if there is one. Results that another run has written since this call began
    are not replaced either. Raise Problem."""
    if folder is None:
        yield
        return
    with lock_folder(folder):
        require_free(folder, force, resume)
        yield


def write_results(folder: Path, batch: Batch, rules: Sequence[Rule]) -> tuple[list[Path], list[Unwritable]]:
    """Write the results of a batch into its folder, over earlier ones. Return the files that were written, and why
    others were not: a file that is open elsewhere does not affect the others.

    Raise Unwritable when the folder is gone.
    """
    batch.ledger.place.require()
    totals = totals_of(batch)
    catalogue = {rule.id: rule for rule in rules}

    def text_of(pieces: Iterable[str]) -> Callable[[Path], None]:
        def write(part: Path) -> None:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)

        return write

    writers: dict[str, Callable[[Path], None]] = {
        FINDINGS_NAME: text_of(findings_json(batch)),
        WORKBOOK_NAME: lambda part: write_results_workbook(part, batch, totals, catalogue, folder),
        PAGE_NAME: text_of(results_page(batch, totals, catalogue, folder)),
    }
    written, missed = list[Path](), list[Unwritable]()
    for name, write in writers.items():
        try:
            with atomic_file(folder / name, force=True) as part:
                write(part)
        except Unwritable as problem:
            missed.append(problem)
        else:
            written.append(folder / name)
    return written, missed


def write_each(
    folder: Path, outputs: Iterator[JobOutput], force: bool
) -> Iterator[tuple[JobOutput, Path | None, bool | Unwritable]]:
    """Write each output into a folder. Yield the output, its path (None if it was not made), and how it went: False if
    it was written, True if another file was there and was kept, or the reason why it could not be written.

    Raise Problem when the folder cannot be written to.
    """
    require_folder(folder)
    unique, place = unique_namer(), None
    for made in outputs:
        if made.problem:
            yield made, None, False
            continue
        target = folder / unique(made.target)
        if is_read(target):
            yield made, target, OutputIsSource(target)
            continue
        if target.is_dir() or (target.exists() and not force):
            yield made, target, True
            continue
        if place:
            place.require()
        try:
            write_output(target, made.content, force)
        except Unwritable as problem:
            if problem.everywhere:
                raise
            yield made, target, problem
        else:
            yield made, target, False
        place = place or place_of(folder)
