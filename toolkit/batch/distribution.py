"""Distribution (分发): one pre-filled template for each agency of a roster, and the list of what went out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Literal

from toolkit.batch.checking import lookup_of
from toolkit.batch.crew import Crew, Lost
from toolkit.batch.engine import run_each
from toolkit.batch.priors import Priors
from toolkit.batch.roster import Entry
from toolkit.batch.tables import Column, table_workbook
from toolkit.forms.model import Form
from toolkit.outputs import file_name, unique_names, write_output
from toolkit.problems import Problem
from toolkit.workbook.template import blank_submission, build_template

LIST_NAME = "发放清单.xlsx"
LIST_COLUMNS = (
    Column("序号", 6),
    Column("机关全称", 34),
    Column("统一社会信用代码", 22),
    Column("分组", 14),
    Column("联系人", 12),
    Column("联系电话", 16),
    Column("文件", 44),
    Column("上年数据", 10),
    Column("编号", 20),
    Column("SHA-256", 68),
)
FILE, ID, DIGEST = 6, 8, 9
Done = Literal["written", "same", "altered", "lost"]
DONE_WORDS: dict[Done, str] = {
    "written": "写出",
    "same": "未变",
    "altered": "已有人改动，没有覆盖",
    "lost": "没有生成",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """Makes an agency's template, as a worker does it: the file, and whether last year's figures are in."""

    form_id: str
    year: int
    password: str = ""
    priors: Priors | None = None
    form_file: str = ""

    def __call__(self, entry: Entry) -> tuple[bytes, bool]:
        form_of = lookup_of(self.form_file)
        form = form_of(self.form_id)
        assert form is not None, "the form was found before"
        prior = None
        if self.priors:
            prior, _ = self.priors.of(blank_submission(form, self.year, entry.name), form_of, entry.former)
        known = {"code": entry.code}
        content = build_template(form, self.year, entry.name, self.password, prior, known, entry.id)
        return content, prior is not None


@dataclass(frozen=True, slots=True)
class Issued:
    """What came of one agency: its file, the id and SHA-256 of it, and what was done."""

    entry: Entry
    file: str
    done: Done
    digest: str = ""
    has_prior: bool = False
    reason: str = ""


def file_names(entries: Sequence[Entry]) -> list[str]:
    """A name for each agency's template: legal on Windows, each another one, sorted as the roster is."""
    width = len(str(len(entries)))
    return unique_names(
        file_name(f"{number:0{width}}-{entry.name}", ".xlsx") for number, entry in enumerate(entries, 1)
    )


def distribute(
    entries: Sequence[Entry], issue: Issue, folder: Path, crew: Crew, force: bool = False
) -> Iterator[Issued]:
    """Write each agency's template that is missing or would be another one now, one after the other.

    A file that is not as it went out (somebody has worked in it) stays, unless `force` is given. Raises Problem when
    the folder cannot be written to.
    """
    went_out = {out.id: out for out in read_list(folder / LIST_NAME)}
    names = file_names(entries)
    for number, (entry, made) in enumerate(run_each(issue, entries, crew)):
        target = folder / names[number]
        if isinstance(made, Lost):
            yield Issued(entry, target.name, "lost", reason=made.reason)
            continue
        content, has_prior = made
        digest = sha256(content).hexdigest()
        before = went_out.get(entry.id)
        if before:
            _move_to(target, before)
        done = _put(target, content, digest, before.digest if before else "", force)
        yield Issued(entry, target.name, done, digest, has_prior)


def _move_to(target: Path, before: "WentOut") -> None:
    """An agency that changed its place on the roster keeps its file, unless somebody has worked in it."""
    file = target.with_name(before.file)
    if file != target and not target.exists() and _digest(file) == before.digest:
        file.replace(target)


def _put(target: Path, content: bytes, digest: str, before: str, force: bool) -> Done:
    there = _digest(target)
    if there == digest:
        return "same"
    if there and not force and there != before:
        return "altered"
    write_output(target, content, force=True)
    return "written"


def _digest(path: Path) -> str:
    """The SHA-256 of a file, empty when there is none."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
    except OSError:
        raise Problem(f"{path} 读不了，看不出有没有改动。请检查后再试。") from None


@dataclass(frozen=True, slots=True)
class WentOut:
    """A line of an earlier list."""

    file: str
    id: str
    digest: str


def read_list(path: Path) -> list[WentOut]:
    """What an earlier list says went out; nothing when there is no list yet.

    Raises Problem when it is no list of ours.
    """
    import python_calamine

    if not path.exists():
        return []
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception:  # whatever the bytes hold, the reader may raise on them
        raise Problem(f"{path} 打不开，或不是本工具写出的发放清单。请移走后再试。") from None
    return [WentOut(str(row[FILE]), str(row[ID]), str(row[DIGEST])) for row in rows if len(row) > DIGEST]


def left_behind(folder: Path, went_out: Sequence[WentOut], issued: Sequence[Issued]) -> list[str]:
    """Files of earlier distributions that belong to nobody on the roster any more, or were worked in under an earlier
    name; they are not touched."""
    current = {item.file for item in issued}
    return [
        out.file
        for out in went_out
        if out.file.endswith(".xlsx") and out.file not in current and (folder / out.file).exists()
    ]


def list_workbook(issued: Sequence[Issued], form: Form, year: int) -> bytes:
    """The list of what went out, as the bytes of an .xlsx file."""
    rows = [
        (
            *(number, item.entry.name, item.entry.code, item.entry.group, item.entry.contact, item.entry.phone),
            *(item.file, "已预填" if item.has_prior else "无", item.entry.id, item.digest),
        )
        for number, item in enumerate(issued, 1)
        if item.done != "lost"
    ]
    return table_workbook("发放清单", f"{year}年度填报模板发放清单（{form.name}）", LIST_COLUMNS, rows)
