"""What the commands on batches print, and the files that they write one by one."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.calls import crew_for, own_form
from toolkit.characters import printable
from toolkit.console import Progress, is_utf8, say, show, show_piece
from toolkit.files.write import OwnSource
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.batch.distribution import Issued
    from toolkit.batch.intake import Item, LeftOut
    from toolkit.batch.jobs import Made
    from toolkit.batch.ledger import FileResult
    from toolkit.batch.letter_jobs import Annotate, Notify
    from toolkit.batch.letters import Sent
    from toolkit.batch.pool_settings import Crew
    from toolkit.batch.priors import Priors
    from toolkit.batch.results import Batch
    from toolkit.batch.run import Maker
    from toolkit.batch.sources import Reading
    from toolkit.files.write_errors import Unwritable
    from toolkit.submission.model import Submission

SKIPPED_SHOWN = 5
NAMES_SHOWN = 30


def tell_issued(issued: "Sequence[Issued]", strange: Sequence[str], list_file: Path) -> None:
    """Say what went out, and what did not."""
    from toolkit.batch.distribution import DONE_WORDS

    for item in issued:
        if item.done == "lost":
            say(f"【{DONE_WORDS[item.done]}】{printable(item.file)}：{item.reason}")
    altered = [item.file for item in issued if item.done == "altered"]
    if altered:
        say(
            f"有 {len(altered)} 份模板应当更新，但文件已有人改动，没有覆盖：{_some(altered)}。"
            "确定不要其中所填的，请加 --force；否则请移走后再运行。"
        )
    if strange:
        say(f"文件夹里另有 {len(strange)} 个文件不在清单上，没有动：{_some(strange)}。不要的请删去，以免误发。")
    without = [item.no_prior for item in issued if item.no_prior]
    if without:
        say(f"有 {len(without)} 个机关的上年结转没有预填：")
        for why in without[:SKIPPED_SHOWN]:
            say(f"  {why}。")
        if len(without) > SKIPPED_SHOWN:
            say("  ……全部见清单的“上年数据”一列，写“无”的就是。")
    counts = [(word, sum(item.done == done for item in issued)) for done, word in DONE_WORDS.items()]
    words = "，".join(f"{word} {count}" for word, count in counts if count)
    say(f"共 {len(issued)} 个机关：{words}。清单见 {list_file}。")


def _some(names: Sequence[str]) -> str:
    from toolkit.batch.intake import shown_name

    more = f" 等 {len(names)} 个" if len(names) > SKIPPED_SHOWN else ""
    return "、".join(map(shown_name, names[:SKIPPED_SHOWN])) + more


def teller(lines: bool) -> "Callable[[int, int, Item, Sequence[FileResult]], None]":
    """Shows how far a check is; with `lines`, one for each file."""
    from toolkit.batch.ledger import STATUS_WORDS

    bar = Progress()

    def tell(done: int, total: int, item: "Item", results: "Sequence[FileResult]") -> None:
        for result in results if lines else ():
            bar.clear()
            counts = [f"错误 {result.count('error')}"] if result.status == "failed" else []
            counts += [f"提醒 {count}"] if (count := result.count("warning")) else []
            if result.status == "unreadable":
                counts = [result.findings[0].message]
            words = "  " + "，".join(counts) if counts else ""
            show(f"【{STATUS_WORDS[result.status]}】{result.path}{_who(result)}{words}")
        bar.at(done, total, item.name)

    return tell


def _who(result: "FileResult") -> str:
    return f"  {result.name} {result.year}" if result.year else ""


def write_results_of(output: Path, batch: "Batch", form_file: Path | None) -> Problem | None:
    """Write the results of a batch and say so; gives what there is to say of those that could not be written."""
    from toolkit.batch.results_folder import write_results
    from toolkit.checks.catalogue import rule_catalogue
    from toolkit.forms.loader import bundled_forms

    forms = [*bundled_forms(), *([own_form(form_file)] if form_file else [])]
    written, missed = write_results(output, batch, [rule for rule, _ in rule_catalogue(forms)])
    if written:
        say(f"已写出 {'、'.join(str(path) for path in written)}。")
    if not missed:
        return None
    more = f"（另有 {len(missed) - 1} 个结果文件也没有写出）" if len(missed) > 1 else ""
    return Problem(f"{missed[0].message}{more}校验已做完并保存，之后加 --resume 再运行一次就能补写，不用重新校验。")


def show_batch(batch: "Batch", as_json: bool, output: Path | None) -> None:
    """The results on standard output: as JSON, or in words; what the result files say is not said again."""
    from toolkit.batch.results import findings_json

    if as_json:
        for piece in findings_json(batch, ascii_only=not is_utf8(sys.stdout)):
            show_piece(piece)
        return
    for result in () if output else batch.ledger.results():
        _show_result(result)
    if output and (later := batch.count_of_together()):
        say(f"合在一起看又有 {later} 处问题（年度、重复、雷同等），没有算在上面各份的条数里，见结果文件。")
    show(batch.in_words())
    if batch.roster:
        _show_standings(batch)
    for sentence in batch.sentences():
        show(f"注意，{sentence}。")


def _show_standings(batch: "Batch") -> None:
    from toolkit.batch.filing_status import STATES

    assert batch.roster is not None
    counts = dict.fromkeys(STATES, 0)
    names: dict[str, list[str]] = {"未报": [], "不在名册": []}
    for line in batch.lines():
        counts[line.state] += 1
        if line.state in names and len(names[line.state]) < NAMES_SHOWN:
            names[line.state].append(line.name)
    words = "，".join(f"{state} {count}" for state, count in counts.items() if count)
    show(f"名册 {len(batch.roster.entries)} 个机关：{words}。")
    for state in STATES:
        if first := names.get(state):
            more = f" 等 {counts[state]} 个" if counts[state] > len(first) else ""
            show(f"{state}：{'、'.join(first)}{more}。")
    if undecided := batch.ledger.undecided():
        named = [batch.roster.entries[entry].name for entry in undecided[:NAMES_SHOWN]]
        more = f" 等 {len(undecided)} 个机关" if len(undecided) > len(named) else ""
        show(f"报了几份、改动时间相同、分不出先后，都没有计入：{'、'.join(named)}{more}。请各只留一份，再校验。")


def _show_result(result: "FileResult") -> None:
    from toolkit.batch.ledger import STATUS_WORDS
    from toolkit.checks.findings import SEVERITY_WORDS

    show(f"【{STATUS_WORDS[result.status]}】{result.path}{_who(result)}")
    for number, found in enumerate(result.findings, 1):
        show(f"  {number}. {SEVERITY_WORDS[found.severity]}：{found.message}")


def made_of(paths: Sequence[Path], work: "Maker", crew: "Crew") -> "Iterator[Made]":
    """What is made of every submission under the paths, with progress on long work."""
    from toolkit.batch.intake import LeftOut
    from toolkit.batch.run import make_of_each

    bar, left_out = Progress(), LeftOut()
    for done, total, made in make_of_each(paths, work, crew, left_out):
        bar.clear()
        yield made
        bar.at(done, total, made.name)
    tell_left_out(left_out)


class Readable:
    """What could be made; the rest is named to the user and counted as it comes."""

    def __init__(self, everything: "Iterator[Made]") -> None:
        self._everything = everything
        self.count = self.failed = 0

    def __iter__(self) -> "Iterator[Made]":
        return self

    def __next__(self) -> "Made":
        for made in self._everything:
            if not made.problem:
                self.count += 1
                return made
            self.failed += 1
            tell_unread(made)
        raise StopIteration


def told(everything: "Iterable[Made]") -> "Iterator[Made]":
    """Each thing that was made, when what there is to know of it has been said."""
    for made in everything:
        if made.remarks:
            say(f"{made.name}：")
            tell_remarks(made)
        yield made


def tell_remarks(made: "Made") -> None:
    """Say what there is to know of something that was made."""
    for remark in made.remarks:
        say(f"  注意：{remark}")


def tell_unread(made: "Made") -> None:
    """Say why there is nothing of a file."""
    say(f"【{'无法读取' if made.unread else '没有生成'}】{made.name}：{made.problem}")


def tell_left_out(left_out: "LeftOut", output: Path | None = None) -> None:
    """Say what lay under the paths and was not read; the whole list is in the results, where `output` takes them."""
    from toolkit.batch.results_workbook import LEFT_OUT_SHEET, WORKBOOK_NAME

    sheet = f"{WORKBOOK_NAME}“{LEFT_OUT_SHEET}”"
    whole = f"全部见 {output} 里的 {sheet}。" if output else f"要看全部，请用 gknb check 加 -o，见其中的 {sheet}。"
    for line in left_out.lines(whole):
        say(line)


def write_and_tell(
    folder: Path,
    everything: "Iterator[Made]",
    force: bool,
    heard: "Callable[[Made, Path], None] | None" = None,
) -> int:
    """Write each thing that was made and say so; gives how many could not be made. `heard` is told where each was
    written.

    Raises Problem, after the others were written, when something stood in the way of one.
    """
    from toolkit.batch.results_folder import write_each
    from toolkit.files.write_errors import Unwritable

    failed, kept, missed = 0, list[Path](), list[Unwritable]()
    for made, target, taken in write_each(folder, everything, force):
        if target is None:
            failed += 1
            tell_unread(made)
        elif isinstance(taken, Unwritable):
            missed.append(taken)
        elif taken:
            kept.append(target)
        else:
            say(f"{made.name} → {target}{made.note}")
            tell_remarks(made)
            if heard:
                heard(made, target)
    require_all_written(missed)
    require_none_kept(kept)
    return failed


def require_all_written(missed: "Sequence[Unwritable]") -> None:
    """Raise Problem when there are outputs that could not be written: they are open elsewhere, or are read in this
    call."""
    if missed:
        more = f"另有 {len(missed) - 1} 个也没有写出。" if len(missed) > 1 else ""
        again = "" if any(isinstance(problem, OwnSource) for problem in missed) else "；再运行时加 --force"
        raise Problem(f"{missed[0].message}{more}其余的都已写出{again}。")


def require_none_kept(kept: Sequence[Path]) -> None:
    """Raises Problem when there are outputs that were left as they stood."""
    if kept:
        more = f" 等 {len(kept)} 个" if len(kept) > 1 else ""
        raise Problem(f"{kept[0]}{more} 已经存在，没有覆盖。要覆盖请加 --force，或换一个输出位置。")


def send_back(
    batch: "Batch", folders: "Sequence[tuple[Path | None, Annotate | Notify]]", crew: "Crew"
) -> tuple[int, Problem | None]:
    """Write what goes back to the agencies into the folders that were asked for, and say so. Return how many letters
    could not be made, and what is to be said at the end of those that could not be written."""
    from toolkit.batch.letter_jobs import failed_returns
    from toolkit.files.write_errors import Unwritable

    wanted = [(folder, work) for folder, work in folders if folder]
    if wanted and next(failed_returns(batch.ledger), None) is None:
        say("没有要退回的表，没有写批注件和退回修改意见。")
    lost, missed = 0, list[Unwritable]()
    for folder, work in wanted:
        try:
            lost += _send_into(folder, work, batch, crew, missed)
        except Problem as problem:
            return lost, problem
    if not missed:
        return lost, None
    more = f"另有 {len(missed) - 1} 个也是。" if len(missed) > 1 else ""
    return lost, Problem(f"{missed[0].message}{more}其余的都已写好；再运行一次就能补上。")


def _send_into(
    folder: Path, work: "Annotate | Notify", batch: "Batch", crew: "Crew", missed: "list[Unwritable]"
) -> int:
    from toolkit.batch.letters import DONE_WORDS, send

    counts = dict.fromkeys(DONE_WORDS, 0)
    try:
        for sent in send(folder, work, batch, crew):
            counts[sent.done] += 1
            _tell_sent(sent)
            if sent.problem:
                missed.append(sent.problem)
    finally:
        if words := "，".join(f"{DONE_WORDS[done]} {count}" for done, count in counts.items() if count):
            say(f"{work.title}（{folder}）：{words}。")
    return counts["lost"]


def _tell_sent(sent: "Sent") -> None:
    """Say what came of one letter; of one that stays as it is there is nothing to say."""
    if sent.made:
        tell_unread(sent.made)
    elif sent.done in ("written", "renewed"):
        say(f"{sent.source} → {sent.file}")
        if sent.kept:
            say(f"  注意：{sent.kept} 不是本工具写的，或写出后有人改动，没有动；新的写在 {sent.file}。")
    elif sent.done == "settled":
        say(f"不再需要：{sent.source} → {sent.file}")
    elif sent.done == "altered":
        say(f"{sent.source}：意见没有变，{sent.kept} 写出后有人改动，没有动。")
    elif sent.done == "left":
        say(f"{sent.kept} 不再需要，但写出后有人改动，没有动。请自行移走。")


def prior_report(path: Path, reading: "Reading", agency: str, year: int) -> "Submission":
    """The one report of last year that a template is filled in from.

    Raises Problem when there is none, or several that differ.
    """
    import json

    from toolkit.batch.jobs import Read
    from toolkit.characters import plain
    from toolkit.submission.json_csv import read_data_bytes

    found = []
    for made in made_of([path], Read(reading), crew_for(None)):
        if made.problem:
            raise Problem(f"上年报告 {made.name} 读不了：{made.problem}")
        (submission,) = read_data_bytes(json.dumps(made.content).encode(), reading.form_of)
        whose = plain(agency or submission.agency)
        if submission.year == year - 1 and plain(submission.agency) == whose:
            found.append(submission)
    whose = f"{agency} " if agency else ""
    if not found:
        raise Problem(f"{path} 里没有 {whose}{year - 1} 年的报告。请检查 --prior、--agency 和 --year。")
    if any(other.all_values != found[0].all_values or other.agency != found[0].agency for other in found):
        raise Problem(f"{path} 里有 {len(found)} 份{whose}{year - 1} 年的报告，内容不同，应正好一份。请只留一份。")
    return found[0]


@contextmanager
def priors_of(
    path: Path | None, reading: "Reading", crew: "Crew", shared: Path | None = None
) -> "Iterator[tuple[Priors | None, int]]":
    """Last year's reports, kept for a while, and how many files of them could not be read. They are kept in `shared`
    for a cluster, whose machines look them up there."""
    if path is None:
        yield None, 0
        return
    import tempfile

    from toolkit.batch.intake import LeftOut
    from toolkit.batch.run import collect_priors

    missed: list[Made] = []
    left_out = LeftOut()
    place = shared if crew.scheduler else None
    if place:
        place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".gknb-", dir=place, ignore_cleanup_errors=True) as folder:
        priors = collect_priors([path], reading, crew, Path(folder), left_out, missed.append)
        for made in missed:
            tell_unread(made)
        tell_left_out(left_out)
        yield priors, len(missed)
