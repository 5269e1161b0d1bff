"""Distribution (分发): writes one prefilled template for each agency of a roster (名册), and the list of what went
out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from toolkit.batch.ledger.priors import Priors
from toolkit.batch.pool import run_each
from toolkit.batch.pool_settings import LostJob, PoolSettings
from toolkit.batch.roster import RosterEntry
from toolkit.batch.sources import lookup_of
from toolkit.characters import one_line, plain
from toolkit.excel.list_tables import Column, ListCell, table_workbook
from toolkit.files.read import read_whole
from toolkit.files.write import file_name, require_writable, unique_namer, write_output
from toolkit.files.write_errors import Unwritable, in_words, place_of
from toolkit.forms.model import Form
from toolkit.problems import Problem, Unreadable
from toolkit.submission.signing import Key, verify
from toolkit.workbook.template import blank_submission, build_template

LIST_NAME = "发放清单.xlsx"
NAME, FILE, YEAR, PRIOR, ID, DIGEST = "机关全称", "文件", "年度", "上年数据", "编号", "SHA-256"
LIST_COLUMNS = (
    Column("序号", 6),
    Column(NAME, 34, wraps=True),
    Column("统一社会信用代码", 22),
    Column("分组", 14, wraps=True),
    Column("联系人", 12, wraps=True),
    Column("联系电话", 16),
    Column(YEAR, 8),
    Column(FILE, 40, wraps=True),
    Column(PRIOR, 10),
    Column(ID, 20),
    Column(DIGEST, 68),
)
PRINTED = 9
"""Columns that are useful on paper."""
LIST_NOTE = "再次发放时本表会重新生成。要登记签收等情况，请另存一份再填。"
YEAR_SHOWN = 10
"""Characters of a year that are shown; a list may have anything in this column."""
TemplateDone = Literal["written", "moved", "same", "filled", "altered", "lost"]
DONE_WORDS: dict[TemplateDone, str] = {
    "written": "写出",
    "moved": "改名",
    "same": "未变",
    "filled": "已有人填写（没有动）",
    "altered": "已有人改动（没有覆盖）",
    "lost": "没有生成",
}


@dataclass(frozen=True, slots=True)
class Template:
    """An agency's template. `has_prior` is True if last year's figures are in it; `no_prior` says why not, if they were
    looked for."""

    content: bytes
    has_prior: bool = False
    no_prior: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """Job that makes an agency's template, signed if there is a `key`."""

    form_id: str
    year: int
    password: str = ""
    priors: Priors | None = None
    form_file: Path | None = None
    key: Key | None = field(default=None, repr=False)

    def __call__(self, entry: RosterEntry) -> Template:
        form_of = lookup_of(self.form_file)
        form = form_of(self.form_id)
        assert form is not None, "the form was found before"
        prior, why = None, ""
        if self.priors:
            prior, why = self.priors.of(blank_submission(form, self.year, entry.name), form_of, entry.former)
        known = {"code": entry.code}
        content = build_template(form, self.year, entry.name, self.password, prior, known, entry.id, self.key)
        return Template(content, prior is not None, why)


@dataclass(frozen=True, slots=True)
class Issued:
    """What was done for one agency: its file, the SHA-256 of what went out, and if it has last year's figures.
    `no_prior` says why they are missing, `reason` why there is no template."""

    entry: RosterEntry
    file: str
    done: TemplateDone
    digest: str = ""
    has_prior: bool = False
    no_prior: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ListLine:
    """A line of an earlier list."""

    name: str
    file: str
    year: str
    has_prior: bool
    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class TemplatePlace:
    """The file for an agency's template, and what was issued before. `is_edited` is True if somebody has edited that
    file."""

    entry: RosterEntry
    file: str
    before: ListLine | None = None
    is_edited: bool = False


def distribute(
    entries: Sequence[RosterEntry], issue: Issue, folder: Path, pool: PoolSettings, force: bool = False
) -> Iterator[Issued]:
    """Write each agency's template that is missing or has changed, and yield what was done, one agency after the other.

    A file that somebody has edited is not touched, unless `force` is given. Raise Problem when the folder cannot be
    written to, or holds templates of another year or signed with another key.
    """
    earlier = read_list(folder / LIST_NAME)
    if other := next((out.year for out in earlier if out.year != str(issue.year)), ""):
        year = one_line(other)[:YEAR_SHOWN]
        raise Problem(f"{folder} 里是 {year} 年度发放的模板，不能再放 {issue.year} 年度的。请另给一个文件夹。")
    if _is_signed_otherwise(folder, earlier, issue):
        raise Problem(
            f"{folder} 里的模板是用密钥签名发放的，这次{'给的不是那个密钥' if issue.key else '没有给 --key'}，"
            "已发放的会核对不上。请用发放时的 --key；不再签名或换了密钥的，请另给一个文件夹。"
        )
    require_writable(folder / LIST_NAME)
    with in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
    there = place_of(folder)
    places = _places(entries, earlier, folder, force)
    moved = _rename_files(folder, places)
    for place, (entry, made) in zip(places, run_each(issue, entries, pool), strict=True):
        before = (place.before.digest, place.before.has_prior) if place.before else ("", False)
        if isinstance(made, LostJob):
            yield Issued(entry, place.file, "lost", *before, reason=made.reason)
            continue
        there.require()
        digest = sha256(made.content).hexdigest()
        try:
            done = _write_template(folder, place, made.content, digest, force)
        except Unwritable as problem:
            if problem.everywhere:
                raise
            yield Issued(entry, place.file, "lost", *before, reason=problem.message)
            continue
        if done in ("filled", "altered"):  # the list keeps what went out before
            yield Issued(entry, place.file, done, *before)
            continue
        done = "moved" if done == "same" and place.file in moved else done
        yield Issued(entry, place.file, done, digest, made.has_prior, made.no_prior)


def file_names(entries: Sequence[RosterEntry], taken: Sequence[str] = ()) -> list[str]:
    """Return a file name for each agency's template: legal on Windows, unique, none of those in `taken`, and sorted
    like the roster."""
    unique = unique_namer()
    for name in taken:
        unique(name)
    width = len(str(len(entries)))
    return [unique(file_name(f"{number:0{width}}-{entry.name}", ".xlsx")) for number, entry in enumerate(entries, 1)]


def _places(
    entries: Sequence[RosterEntry], earlier: Sequence[ListLine], folder: Path, force: bool
) -> list[TemplatePlace]:
    """Return the file of each agency's template, in the order of the roster."""
    by_id = {out.id: out for out in earlier}
    by_name = {plain(out.name): out for out in earlier}
    befores = [_earlier_line(entry, by_id, by_name) for entry in entries]
    is_edited = [before is not None and not force and _is_edited(folder, before) for before in befores]
    files = [before.file if before and keep else "" for before, keep in zip(befores, is_edited, strict=True)]
    names = file_names(entries, [file for file in files if file])
    return [
        TemplatePlace(entry, file or name, before, keep)
        for entry, file, name, before, keep in zip(entries, files, names, befores, is_edited, strict=True)
    ]


def _earlier_line(entry: RosterEntry, by_id: dict[str, ListLine], by_name: dict[str, ListLine]) -> ListLine | None:
    """Return what was issued to an agency before. Since then it may have got a code or another name."""
    known = (*(by_id.get(one) for one in entry.ids), *(by_name.get(plain(name)) for name in entry.former))
    return next((out for out in known if out), None)


def _is_edited(folder: Path, out: ListLine) -> bool:
    """Return True if somebody has edited a file since it was issued."""
    return _digest(folder / out.file) not in ("", out.digest)


def _is_signed_otherwise(folder: Path, earlier: Sequence[ListLine], issue: Issue) -> bool:
    """Return True if the earlier templates were signed, and not with this key. The first file that still exists decides
    for all."""
    from toolkit.workbook.reader import read_workbook

    first = next((folder / out.file for out in earlier if (folder / out.file).exists()), None)
    try:
        sent = read_workbook(first, lookup_of(issue.form_file)) if first else None
    except Unreadable:
        return False
    if sent is None or sent.identity is None or not sent.signature:
        return False
    return issue.key is None or not verify(issue.key, sent.identity, sent.signature)


def _rename_files(folder: Path, places: Sequence[TemplatePlace]) -> set[str]:
    """Rename files whose agency has another place on the roster, or another name. Return the new names. A file whose
    new name is taken by another file to be renamed is deleted: nobody has edited it, and it is made again."""
    moves = {
        place.before.file: place.file
        for place in places
        if place.before and place.before.file != place.file and (folder / place.before.file).exists()
    }
    done = set()
    for old, new in moves.items():
        with in_words(folder / old, one_file=True):
            if not (folder / new).exists():
                (folder / old).replace(folder / new)
                done.add(new)
            elif new in moves:
                (folder / old).unlink()
    return done


def _write_template(folder: Path, place: TemplatePlace, content: bytes, digest: str, force: bool) -> TemplateDone:
    """Write a template, unless the file is the same already or somebody has edited it. Return what was done."""
    target = folder / place.file
    earlier = place.before.digest if place.before else ""
    there = _digest(target)
    if there == digest:
        return "same"
    if there and not force and there != earlier:
        return "filled" if place.is_edited and earlier == digest else "altered"
    write_output(target, content, force=True)
    return "written"


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, empty if there is none."""
    try:
        return sha256(read_whole(path)).hexdigest()
    except FileNotFoundError:
        return ""
    except OSError:
        raise Unwritable(f"{path} 读不了，看不出有没有改动，可能正在 Excel 或 WPS 中打开。请关闭后再试。") from None


def read_list(path: Path) -> list[ListLine]:
    """Return the lines of an earlier list; empty if there is no list yet.

    Raise Problem when the file is no list of ours.
    """
    rows = _list_rows(path)
    lines = [
        ListLine(row[NAME], row[FILE], row[YEAR], row[PRIOR] == PRIOR_WORDS[True], row[ID], row[DIGEST]) for row in rows
    ]
    return [line for line in lines if line.file and Path(line.file).name == line.file]


PRIOR_WORDS = {True: "已预填", False: "无"}


def _list_rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a list by column title; somebody may have added columns or sorted the list."""
    import python_calamine

    from toolkit.workbook.raw_rows import rows_of

    if not path.exists():
        return []
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(read_whole(path)))
        rows = [[_shown(value) for value in row] for row in rows_of(book.get_sheet_by_index(0))]
    except PermissionError:
        raise Problem(f"{path} 读不了，可能正在 Excel 或 WPS 中打开。请关闭后再试。") from None
    except Exception:  # whatever the bytes hold, the reader may raise on them
        rows = []
    titles = [column.title for column in LIST_COLUMNS]
    header = next((number for number, row in enumerate(rows) if set(titles) <= set(row)), None)
    if header is None:
        raise Problem(f"{path} 打不开，或不是本工具写出的发放清单。请移走后再试。")
    return [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :]]


def _shown(value: Any) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def write_list(path: Path, issued: Sequence[Issued], form: Form, year: int) -> None:
    """Write the list of what went out. A file that has the same lines already is not touched."""
    rows: list[list[ListCell]] = [
        [
            *(number, item.entry.name, item.entry.code, item.entry.group, item.entry.contact, item.entry.phone),
            *(year, item.file, PRIOR_WORDS[item.has_prior], item.entry.id, item.digest),
        ]
        for number, item in enumerate(issued, 1)
        if item.done != "lost" or item.digest
    ]
    titles = [column.title for column in LIST_COLUMNS]
    there = [[row[title] for title in titles] for row in _list_rows(path)]
    if not there or there != [[str(value) for value in row] for row in rows]:
        title = f"{year}年度填报模板发放清单"
        content = table_workbook(
            "发放清单", title, LIST_COLUMNS, rows, f"{form.name}。{LIST_NOTE}", PRINTED, "issue-list"
        )
        write_output(path, content, force=True)


def unlisted_files(folder: Path, issued: Sequence[Issued]) -> list[str]:
    """Return workbooks in the folder that belong to no agency on the roster, such as those of agencies that were
    removed."""
    known = {LIST_NAME, *(item.file for item in issued)}
    names = (path.name for path in folder.glob("*.xlsx"))
    return sorted(name for name in names if name not in known and not name.startswith(("~$", ".")))
