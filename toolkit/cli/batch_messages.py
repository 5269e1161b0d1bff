"""Messages of the commands on batches, and the files that they write one by one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.batch.progress_line import Verdict
from toolkit.cli.console import Progress, say, show
from toolkit.files.write import OutputIsSource
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.batch.jobs import JobOutput
    from toolkit.batch.ledger.file_result import FileResult
    from toolkit.batch.ledger.priors import Priors
    from toolkit.batch.pool_settings import PoolSettings
    from toolkit.batch.received.files import Item
    from toolkit.batch.received.left_out import LeftOut
    from toolkit.batch.run import OutputJob
    from toolkit.batch.sources import ReadingOptions
    from toolkit.files.write_errors import Unwritable

SKIPPED_SHOWN = 5
NAMES_SHOWN = 30


def progress_shower(lines: bool) -> "Callable[[int, int, Item, Sequence[FileResult]], None]":
    """Return a callback that shows the progress of a check; with `lines`, it prints one line for each file."""
    bar = Progress()

    def show_progress(done: int, total: int, item: "Item", results: "Sequence[FileResult]") -> None:
        for result in results if lines else ():
            bar.clear()
            show(_result_line(result))
        bar.at(done, total, item.name, [*map(_verdict, results)])

    return show_progress


def _verdict(result: "FileResult") -> Verdict:
    return Verdict(result.path, result.name, result.status, fault_counts(result))


def _result_line(result: "FileResult") -> str:
    """Return the line on a file: its status, how many errors and warnings it has, or why it could not be read."""
    from toolkit.checks.result import STATUS_WORDS

    words = f"  {counts}" if (counts := fault_counts(result)) else ""
    return f"【{STATUS_WORDS[result.status]}】{result.path}{agency_and_year(result)}{words}"


def fault_counts(result: "FileResult") -> str:
    """Return how many errors and warnings a file has, without consequences, or why it could not be read."""
    if result.status == "unreadable":
        return result.findings[0].message
    counts = ("错误", result.count("error")), ("提醒", result.count("warning"))
    return "，".join(f"{word} {count}" for word, count in counts if count)


def agency_and_year(result: "FileResult") -> str:
    """Return the agency and the year of a result for its line; empty if there is no year."""
    return f"  {result.name} {result.year}" if result.year else ""


def outputs_of(paths: Sequence[Path], work: "OutputJob", pool: "PoolSettings") -> "Iterator[JobOutput]":
    """Yield the outputs of `work` for every submission under the paths. Show progress on long work."""
    from toolkit.batch.received.left_out import LeftOut
    from toolkit.batch.run import make_of_each

    bar, left_out = Progress(), LeftOut()
    for done, total, made in make_of_each(paths, work, pool, left_out):
        bar.clear()
        yield made
        bar.at(done, total, made.name)
    say_left_out(left_out)


class SuccessfulOutputs:
    """Iterates over the outputs that could be made. The others are reported to the user; both are counted."""

    def __init__(self, outputs: "Iterator[JobOutput]") -> None:
        self._everything = outputs
        self.count = self.failed = 0

    def __iter__(self) -> "Iterator[JobOutput]":
        return self

    def __next__(self) -> "JobOutput":
        for made in self._everything:
            if not made.problem:
                self.count += 1
                return made
            self.failed += 1
            say_unread(made)
        raise StopIteration


def say_remarks_of_each(outputs: "Iterable[JobOutput]") -> "Iterator[JobOutput]":
    """Yield each output after printing its remarks."""
    for made in outputs:
        if made.remarks:
            say(f"{made.name}：")
            say_remarks(made)
        yield made


def say_remarks(made: "JobOutput") -> None:
    """Print the remarks about an output."""
    for remark in made.remarks:
        say(f"  注意：{remark}")


def say_unread(made: "JobOutput") -> None:
    """Print why there is no output for a file."""
    say(f"【{'无法读取' if made.unread else '没有生成'}】{made.name}：{made.problem}")


def say_left_out(left_out: "LeftOut", output: Path | None = None) -> None:
    """Print which files under the paths were not read. The whole list is in the results, if they are written to
    `output`."""
    from toolkit.batch.results.workbook import LEFT_OUT_SHEET, WORKBOOK_NAME

    sheet = f"{WORKBOOK_NAME}“{LEFT_OUT_SHEET}”"
    where_all = f"全部见 {output} 里的 {sheet}。" if output else f"要看全部，请用 gknb check 加 -o，见其中的 {sheet}。"
    for line in left_out.lines(where_all):
        say(line)


def write_each_and_say(
    folder: Path,
    outputs: "Iterator[JobOutput]",
    force: bool,
    on_written: "Callable[[JobOutput, Path], None] | None" = None,
) -> int:
    """Write each output and print its path. Return how many could not be made. `on_written` is called with each output
    and its path.

    Raise Problem, after all others were written, when an output could not be written.
    """
    from toolkit.batch.results.folder import write_each
    from toolkit.files.write_errors import Unwritable

    failed, kept, missed = 0, list[Path](), list[Unwritable]()
    for made, target, taken in write_each(folder, outputs, force):
        if target is None:
            failed += 1
            say_unread(made)
        elif isinstance(taken, Unwritable):
            missed.append(taken)
        elif taken:
            kept.append(target)
        else:
            say(f"{made.name} → {target}{made.note}")
            say_remarks(made)
            if on_written:
                on_written(made, target)
    require_all_written(missed)
    require_none_kept(kept)
    return failed


def require_all_written(missed: "Sequence[Unwritable]") -> None:
    """Raise Problem when there are outputs that could not be written: they are open elsewhere, or this call reads
    them."""
    if missed:
        more = f"另有 {len(missed) - 1} 个也没有写出。" if len(missed) > 1 else ""
        again = "" if any(isinstance(problem, OutputIsSource) for problem in missed) else "；再运行时加 --force"
        raise Problem(f"{missed[0].message}{more}其余的都已写出{again}。")


def require_none_kept(kept: Sequence[Path]) -> None:
    """Raise Problem when there are outputs that were not written because a file was there already."""
    if kept:
        more = f" 等 {len(kept)} 个" if len(kept) > 1 else ""
        raise Problem(f"{kept[0]}{more} 已经存在，没有覆盖。要覆盖请加 --force，或换一个输出位置。")


@contextmanager
def priors_of(
    path: Path | None, reading: "ReadingOptions", pool: "PoolSettings", shared: Path | None = None
) -> "Iterator[tuple[Priors | None, int]]":
    """Yield last year's reports, and the number of files that could not be read. The reports are deleted at the end of
    the block. For a cluster they are kept in the folder `shared`, because its machines read them there."""
    from toolkit.batch.received.left_out import LeftOut
    from toolkit.batch.run import temporary_priors

    missed: list[JobOutput] = []
    left_out = LeftOut()
    with temporary_priors(path, reading, pool, left_out, missed.append, shared) as priors:
        for made in missed:
            say_unread(made)
        if path:
            say_left_out(left_out)
        yield priors, len(missed)
