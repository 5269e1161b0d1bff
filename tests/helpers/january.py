"""A January as an office has it: sixty agencies, eight drops within three weeks, and the truth about every one of them.

Each agency follows a story: on some days something comes in from it, or the office decides something, and from then on
its line in the results is known. The truth is counted from what was sown, not from what the toolkit says.
"""

import os
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from io import BytesIO
from itertools import count
from pathlib import Path

from batches import FAULTS, Base, Fault, Parts, names, workbook
from kit import others_document, write
from openpyxl import load_workbook

UNBALANCED, TOTAL, SPELLING, BLANK, HALF, PLACEHOLDER, WRONG_FIGURE = FAULTS
"""Each is one error, but the last: it is a reminder, the only kind that can be explained."""
DROPS = tuple(datetime(2025, 1, day, 9, 30) for day in (6, 8, 10, 13, 15, 17, 21, 24))
DEADLINE = date(2025, 1, 20)
GOOD, OTHER = "两次申请并为一件办理，文字按申请人次写。", "第三季度有一件由上级移送，表中不计，文字按收到数写。"
BY_FILE, BY_MAIL = "文件时间", "邮件日期"
NOBODY = ("未报", 0, 0, 0, 0, 0)
Line = tuple[str, int, int, int, int, int]
"""What is true of an agency: state, round, and how many findings are 已改, 未改, 新出现, 已说明."""


@dataclass(frozen=True)
class Office:
    """The office's folder, and how it calls the toolkit."""

    folder: Path
    gknb: Callable[..., object]

    @property
    def returned(self) -> Path:
        return self.folder / "收回的表"


Act = Callable[[Office, str, datetime], None]
"""What an agency or the office does on a day."""


@dataclass(frozen=True)
class Story:
    """What happens with one agency: by the number of the drop, what is done and the line that is true from then on.
    `former` is the name that it had before, if it was renamed."""

    steps: dict[int, tuple[Act, Line]]
    former: str = ""

    def line(self, drop: int) -> Line:
        """The line that is true after a drop."""
        return next((self.steps[day][1] for day in range(drop, -1, -1) if day in self.steps), NOBODY)


def filled(agency: str, faults: Sequence[Fault]) -> bytes:
    """The form as an agency filled it in. The same agency always has the same figures and texts, but for the faults."""

    def sow(parts: Parts, source: Base, words: dict[str, str], _rng: random.Random) -> Counter[str]:
        for fault in faults:
            fault(parts, source, words, random.Random(agency))
        return Counter()

    return workbook(agency, random.Random(agency), sow)[0]


def put(path: Path, content: bytes, when: datetime) -> Path:
    write(path, content)
    os.utime(path, (when.timestamp(), when.timestamp()))
    return path


def _place(office: Office, when: datetime, name: str) -> Path:
    return office.returned / f"{when.month}月{when.day}日" / "foreign" / name


def form(*faults: Fault, name: str = "", more: str = "", under: str = "") -> Act:
    """The form comes as a file; `under` is the name by which the agency calls itself in it."""

    def act(office: Office, agency: str, when: datetime) -> None:
        put(_place(office, when, f"{name or agency}{more}.xlsx"), filled(under or agency, faults), when)

    return act


def zipped(*faults: Fault) -> Act:
    def act(office: Office, agency: str, when: datetime) -> None:
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(zipfile.ZipInfo("年报/填报表.xlsx", when.timetuple()[:6]), filled(agency, faults))
        put(_place(office, when, f"{agency}.zip"), packed.getvalue(), when)

    return act


def mailed(*faults: Fault) -> Act:
    """The form comes as the attachment of a mail; the file itself is younger than the mail."""

    def act(office: Office, agency: str, when: datetime) -> None:
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = f"{agency}年报", "a@example.cn", "b@example.cn"
        mail["Date"] = when.astimezone()
        mail.set_content("见附件。")
        mail.add_attachment(
            filled(agency, faults), maintype="application", subtype="octet-stream", filename="填报表.xlsx"
        )
        put(_place(office, when, f"{agency}.eml"), bytes(mail), DROPS[-1])

    return act


def other(ending: str) -> Act:
    """Something else comes in place of the form."""

    def act(office: Office, agency: str, when: datetime) -> None:
        content = others_document() if ending == "docx" else b"\x89PNG\r\n\x1a\n" if ending == "png" else b"%PDF-1.7\n"
        put(_place(office, when, f"{agency}报来的材料.{ending}"), content, when)

    return act


def damaged(office: Office, agency: str, when: datetime) -> None:
    put(_place(office, when, f"{agency}.xlsx"), filled(agency, ())[:900], when)


def both(*acts: Act) -> Act:
    def act(office: Office, agency: str, when: datetime) -> None:
        for one in acts:
            one(office, agency, when)

    return act


def removed(name: str, when: datetime) -> Act:
    """The office removes a file that came on a day."""

    def act(office: Office, _agency: str, _when: datetime) -> None:
        _place(office, when, name).unlink()

    return act


def explained(*texts: str) -> Act:
    """The agency writes explanations into the annotated copy that it got, and sends it back."""

    def act(office: Office, agency: str, when: datetime) -> None:
        (copy,) = (path for path in (office.folder / "批注").iterdir() if path.name.startswith(agency))
        book = load_workbook(copy)
        sheet = book["审核意见"]
        head = next(row for row in sheet.iter_rows() if any(cell.value == "说明" for cell in row))
        columns = {cell.value: cell.column for cell in head}
        remaining = iter(texts)
        for row in range(head[0].row + 1, sheet.max_row + 1):
            if sheet.cell(row, columns["轻重"]).value == "提醒":
                sheet.cell(row, columns["说明"]).value = next(remaining)
        assert next(remaining, None) is None
        saved = BytesIO()
        book.save(saved)
        put(_place(office, when, copy.name), saved.getvalue(), when)

    return act


def refused(why: str) -> Act:
    """The office does not accept the explanation."""

    def act(office: Office, agency: str, _when: datetime) -> None:
        office.gknb("refuse", agency, 1, "--why", why)

    return act


PASSED = ("通过", 1, 0, 0, 0, 0)
STORIES: list[tuple[int, Callable[[int], Story]]] = [
    # sound at once, sooner or later
    (12, lambda n: Story({n % 5: (form(), PASSED)})),
    # one error, mended at the next drop
    (
        5,
        lambda n: Story(
            {n % 4: (form(FAULTS[n % 5]), ("有误", 1, 0, 0, 1, 0)), n % 4 + 2: (form(), ("通过", 2, 1, 0, 0, 0))}
        ),
    ),
    # two errors, mended one after the other
    (
        4,
        lambda _: Story(
            {
                0: (form(BLANK, HALF), ("有误", 1, 0, 0, 2, 0)),
                2: (form(HALF), ("有误", 2, 1, 1, 0, 0)),
                5: (form(), ("通过", 3, 1, 0, 0, 0)),
            }
        ),
    ),
    # mends one and brings in two others
    (
        4,
        lambda _: Story(
            {
                1: (form(BLANK, TOTAL), ("有误", 1, 0, 0, 2, 0)),
                3: (form(TOTAL, SPELLING, PLACEHOLDER), ("有误", 2, 1, 1, 2, 0)),
                6: (form(), ("通过", 3, 3, 0, 0, 0)),
            }
        ),
    ),
    # a reminder that is explained; the explanation holds when a form without it comes again
    (
        5,
        lambda _: Story(
            {
                1: (form(WRONG_FIGURE), ("待说明", 1, 0, 0, 1, 0)),
                3: (explained(GOOD), ("通过", 2, 0, 0, 0, 1)),
                5: (form(WRONG_FIGURE, BLANK), ("有误", 3, 0, 0, 1, 1)),
                6: (form(WRONG_FIGURE, more="（更正）"), ("通过", 4, 1, 0, 0, 1)),
            }
        ),
    ),
    # an explanation without a reason, then one with a reason
    (
        3,
        lambda _: Story(
            {
                0: (form(WRONG_FIGURE), ("待说明", 1, 0, 0, 1, 0)),
                2: (explained("情况属实。"), ("待说明", 2, 0, 1, 0, 0)),
                4: (explained(GOOD), ("通过", 3, 0, 0, 0, 1)),
            }
        ),
    ),
    # an explanation that the office refuses, and another one
    (
        3,
        lambda _: Story(
            {
                0: (form(WRONG_FIGURE), ("待说明", 1, 0, 0, 1, 0)),
                2: (explained(GOOD), ("通过", 2, 0, 0, 0, 1)),
                3: (refused("请写明是哪两件"), ("待说明", 2, 0, 1, 0, 0)),
                5: (explained(OTHER), ("通过", 3, 0, 0, 0, 1)),
            }
        ),
    ),
    # an error that nobody can explain away beside a reminder that is explained
    (
        2,
        lambda _: Story(
            {
                1: (form(WRONG_FIGURE, HALF), ("有误", 1, 0, 0, 2, 0)),
                4: (explained(GOOD), ("有误", 2, 0, 1, 0, 1)),
            }
        ),
    ),
    # Word, scan and picture instead of the form
    (3, lambda _: Story({1: (other("docx"), ("不是填报表", 0, 0, 0, 0, 0)), 4: (form(), PASSED)})),
    (2, lambda n: Story({2: (other(("pdf", "png")[n % 2]), ("不是填报表", 0, 0, 0, 0, 0))})),
    # by mail, in an archive
    (2, lambda _: Story({2: (mailed(), PASSED)})),
    (1, lambda _: Story({3: (mailed(BLANK), ("有误", 1, 0, 0, 1, 0)), 5: (mailed(), ("通过", 2, 1, 0, 0, 0))})),
    (2, lambda _: Story({0: (zipped(), PASSED)})),
    # two versions at the same time, until the office removes one
    (
        2,
        lambda n: Story(
            {
                3: (both(form(BLANK, name=f"甲稿{n}"), form(name=f"乙稿{n}")), ("重复", 0, 0, 0, 0, 0)),
                4: (removed(f"甲稿{n}.xlsx", DROPS[3]), PASSED),
            }
        ),
    ),
    # late
    (3, lambda _: Story({6: (form(), PASSED)})),
    # renamed in between: the first return has the former name
    (
        2,
        lambda n: Story(
            {
                0: (form(BLANK, under=f"甲县旧名{n}局", name=f"旧名{n}"), ("有误", 1, 0, 0, 1, 0)),
                3: (form(), ("通过", 2, 1, 0, 0, 0)),
            },
            former=f"甲县旧名{n}局",
        ),
    ),
    # damaged, then sound
    (2, lambda _: Story({2: (damaged, ("无法读取", 0, 0, 0, 0, 0)), 5: (form(more="（重发）"), PASSED)})),
    # never
    (3, lambda _: Story({})),
]


def january() -> dict[str, Story]:
    """Sixty agencies with their stories, in the order of the roster."""
    agencies, number = names(), count()
    made = [tell(next(number)) for many, tell in STORIES for _ in range(many)]
    random.Random(3).shuffle(made)
    return dict(zip(agencies, made, strict=False))
