"""Gathers the returns (报送) for a roll-up: checks each one, finds its agency, and decides if it counts (计入)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Literal

from toolkit.batch.check_job import CheckJob
from toolkit.batch.checked_batch import Batch
from toolkit.batch.filing_status import Standing
from toolkit.batch.jobs import CHANGED
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.pool import run_each
from toolkit.batch.pool_settings import LostJob, PoolSettings
from toolkit.batch.received.files import Item
from toolkit.batch.received.left_out import LeftOut
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.batch.run import OnChecked, Review, check_batch
from toolkit.batch.sources import STANDARD_READING, ReadingOptions, read_item
from toolkit.characters import plain
from toolkit.checks.registry import is_blocking, is_refused
from toolkit.forms.model import Form
from toolkit.problems import Unreadable
from toolkit.rollup.explanations import explanations_in_words
from toolkit.rollup.sums import Share, share_of
from toolkit.submission.model import NO_NAME, Explanation

ReturnState = Literal["有误", "签名不符", "无法读取", "不在名册", "其他年度", "空白", "重复", "通过"]
COUNTED: tuple[ReturnState, ...] = ("通过", "有误")
"""The states of returns whose figures are added."""

OnRead = Callable[[int, int, Item], None]
"""Called after the figures of each file were read: number of the file, number of all files, the file."""


@dataclass(frozen=True, slots=True)
class RollUpRequest:
    """The settings of a roll-up: `agency` is the authority that the sum belongs to, `work` the check of one file,
    `year` the year if only that one counts. `results` is a results folder with the history of the agencies."""

    agency: str
    work: CheckJob
    pool: PoolSettings
    roster: Roster | None = None
    year: int | None = None
    results: Path | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """One return and its state. `agency` is the name on the roster if the agency is on it. `fault` is the first of its
    `errors`. `empty` is True if nothing was filled in. `entry` is the agency's place on the roster. `asked` has what
    the agency was asked to explain, by fingerprint, and `answered` what it wrote to it, in this return or in an earlier
    one; `explained` is all that it wrote, with what it is about."""

    state: ReturnState
    agency: str
    path: str
    item: Item
    group: str = ""
    year: int | None = None
    errors: int = 0
    fault: str = ""
    note: str = ""
    digest: str = ""
    empty: bool = False
    entry: int | None = None
    share: Share | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    answered: tuple[Explanation, ...] = ()
    explained: tuple[str, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Return True if the figures of the return are added."""
        return self.state in COUNTED and self.share is not None

    @property
    def label(self) -> str:
        """Return the agency and the file, for messages."""
        return f"{self.agency or NO_NAME}（{self.path}）"


@dataclass(frozen=True)
class Gathered:
    """All returns of a roll-up. `counted` are those whose figures are added, group by group. `missing` are the agencies
    of the roster without a return. `form` and `year` are those of the sum."""

    agency: str
    returns: tuple[Return, ...]
    counted: tuple[Return, ...]
    missing: tuple[RosterEntry, ...]
    form: Form | None
    year: int | None
    asked_year: int | None = None
    has_roster: bool = False

    def of(self, *states: ReturnState) -> list[Return]:
        """Return the returns in one of these states."""
        return [one for one in self.returns if one.state in states]

    @property
    def shares(self) -> list[Share]:
        """Return the shares of the returns that count."""
        return [one.share for one in self.counted if one.share]

    def groups(self) -> list[tuple[str, list[Return]]]:
        """Return the returns that count, by the roster's groups; one group without a name if the roster has no
        groups."""
        return [(group, list(members)) for group, members in groupby(self.counted, lambda one: one.group)]


def gather(
    paths: Sequence[Path], request: RollUpRequest, left_out: LeftOut, on_checked: OnChecked, on_read: OnRead
) -> Gathered:
    """Check every return under the paths and read the figures of all that can be read. `on_checked` is called after
    each file that was checked, `on_read` after each file whose figures were read.

    Raise KeyboardInterrupt when the run is broken off.
    """
    review = Review(request.work, request.pool, request.roster, request.year, remembers=request.results)
    batch = check_batch(paths, review, left_out, on_checked)
    try:
        if batch.unfinished:
            raise KeyboardInterrupt
        year = batch.year if request.roster else request.year or batch.ledger.usual_year()
        returns = list(_mark_copies(_returns(batch, year)))
        missing = tuple(line.entry for line in batch.lines() if line.entry and (line.state == "未报" or line.sent))
    finally:
        batch.close()
    found = tuple(_with_shares(returns, request, on_read))
    counted = _in_groups([one for one in found if one.is_counted])
    form_ids = Counter(one.share.form for one in counted if one.share)
    form = request.work.reading.form_of(form_ids.most_common(1)[0][0]) if form_ids else None
    return Gathered(request.agency, found, counted, missing, form, year, request.year, request.roster is not None)


def _returns(batch: Batch, year: int | None) -> Iterator[Return]:
    for line in batch.lines():
        if line.result:
            yield _return(line, line.result, batch.ledger.item(line.result.item), year)


def _return(line: Standing, result: FileResult, item: Item, year: int | None) -> Return:
    is_held = line.state == "待说明"
    errors = [found.message for found in result.findings if found.is_open and (is_held or is_blocking(found))]
    state = _state(line, result, year, bool(errors))
    return Return(
        state=state,
        agency=line.agency if line.entry else result.agency,
        path=result.path,
        item=item,
        group=line.group,
        year=result.year,
        errors=len(errors),
        fault=errors[0] if errors else "",
        note=f"{result.year} 年的" if state == "其他年度" else line.note,
        digest=result.digest,
        empty=result.empty,
        entry=result.entry,
        asked={found.fingerprint: found.message for found in result.findings if found.severity != "error"},
        answered=tuple(
            Explanation(found.fingerprint, found.explanation) for found in result.findings if found.is_explained
        ),
    )


def _state(line: Standing, result: FileResult, year: int | None, has_errors: bool) -> ReturnState:
    if line.state == "重复":
        return "重复"
    if result.status == "unreadable":
        return "无法读取"
    if year is not None and result.year != year:
        return "其他年度"
    if line.state == "不在名册":
        return "不在名册"
    if result.empty:
        return "空白"
    if is_refused(result.findings):
        return "签名不符"
    return "有误" if result.status == "failed" or line.state == "待说明" or has_errors else "通过"


def _mark_copies(returns: Iterable[Return]) -> Iterator[Return]:
    """Yield the returns. A copy of a file, byte for byte, counts once, with a roster or without."""
    first_paths: dict[tuple[str, str], str] = {}
    for one in returns:
        key = one.digest, one.path.removeprefix(one.item.name)
        if one.digest and one.state in COUNTED:
            first = first_paths.setdefault(key, one.path)
            yield one if first == one.path else replace(one, state="重复", note=f"与 {first} 内容相同")
        else:
            yield one


def _in_groups(returns: Sequence[Return]) -> tuple[Return, ...]:
    """Return the returns group by group, groups in the order in which they first come."""
    places = {group: place for place, group in enumerate(dict.fromkeys(one.group for one in returns))}
    return tuple(sorted(returns, key=lambda one: places[one.group]))


@dataclass(frozen=True, slots=True)
class ReadShares:
    """Job that reads the figures of a file: the digest of the file, and a share for each submission in it."""

    reading: ReadingOptions = STANDARD_READING

    def __call__(self, item: Item) -> tuple[str, Mapping[str, Share]]:
        try:
            digest = sha256(item.read(self.reading.admission.limits)).hexdigest()
        except Unreadable:
            return "", {}
        sources = read_item(item, self.reading)
        return digest, {
            source.name: share_of(source.submission, source.name) for source in sources if source.submission
        }


def _with_shares(returns: Sequence[Return], request: RollUpRequest, on_read: OnRead) -> Iterator[Return]:
    """Yield the returns with their figures. A file that was changed after the check is not used."""
    items = list(dict.fromkeys(one.item for one in returns if one.state != "无法读取"))
    shares: dict[str, tuple[str, Share]] = {}
    for number, (item, found) in enumerate(run_each(ReadShares(request.work.reading), items, request.pool), 1):
        if not isinstance(found, LostJob):
            digest, by_name = found
            shares.update({name: (digest, share) for name, share in by_name.items()})
        on_read(number, len(items), item)
    for one in returns:
        digest, share = shares.get(one.path, ("", None))
        if one.state == "无法读取" or (one.state == "重复" and share is None):
            yield one
        elif share is None or digest != one.digest:
            yield replace(one, state="无法读取", fault=CHANGED)
        else:
            form = request.work.reading.form_of(share.form)
            texts = {answer.text for answer in one.answered}
            others = (other for other in share.explanations if other.about not in one.asked and other.text not in texts)
            written = (*one.answered, *others)
            explained = tuple(explanations_in_words(written, form, one.asked)) if form else ()
            yield replace(one, share=_with_roster_name(share, one, request.roster), asked={}, explained=explained)


def _with_roster_name(share: Share, one: Return, roster: Roster | None) -> Share:
    """Return a share under the name that its agency has on the roster; its other names go into `also`."""
    former = roster.entries[one.entry].former if roster and one.entry is not None else ()
    also = {plain(name): name for name in (share.agency, *former) if name and plain(name) != plain(one.agency)}
    return replace(share, agency=one.agency, also=tuple(also.values()))
