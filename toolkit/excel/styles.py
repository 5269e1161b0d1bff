"""Fonts, colours and cell formats of the workbooks, and a Workbook whose structure is locked."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, cast

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from toolkit.characters import cell_length, display_width, without_forbidden
from toolkit.problems import Problem, Unreadable

FONT = "宋体"
HEADING_FONT = "黑体"
HEADER_FILL = "#E4EAF2"
COMPUTED_FILL = "#EDEDED"
BLANK_FILL = "#FFF8D6"
REMINDER_FILL = "#FFE08A"
FAIL_FILL, FAIL_FONT = "#FFC7CE", "#9C0006"
PASS_FONT = "#1E6B34"
NOTE_FONT = "#595959"
PASSWORD_LIMIT = 15
PAPER_A4 = 9
LINE_HEIGHT = 15.0
ROW_HEIGHT_LIMIT = 409.0
"""The greatest height of a row, in points."""


CELL_TEXT_LIMIT = 32_767
"""Most characters in a cell, as Excel counts them."""
SHEET_ROWS = 1_048_576


class CleanSheet(Worksheet):
    """A sheet that accepts any text. Characters that XML forbids are removed: no program would open a file with them.
    Raise Unreadable for a text that is too long for a cell: XlsxWriter would cut it."""

    _growing: frozenset[int] = frozenset()

    def set_growing_row(self, row: int, height: float) -> None:
        """Set the height that a row has until its text changes; programs then fit it to the new text. XlsxWriter has no
        function for that: it writes every height as one that stays."""
        done(self.set_row(row, height))
        self._growing |= {row}

    def _xml_start_tag_unencoded(self, tag: str, attributes: list[tuple[str, Any]] | None = None) -> None:
        if tag == "row" and attributes and dict(attributes)["r"] - 1 in self._growing:
            attributes = [(name, value) for name, value in attributes if name != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)

    def _write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> Literal[0, -1, -2]:
        text = without_forbidden(string)
        if len(text) > CELL_TEXT_LIMIT // 2 and (length := cell_length(text)) > CELL_TEXT_LIMIT:
            raise Unreadable(
                f"要写在 {self.name}!{xl_rowcol_to_cell(row, col)} 的内容有 {length} 字，"
                f"一个单元格最多放 {CELL_TEXT_LIMIT} 字。请改短，或核对是不是认错了表格。"
            )
        return super()._write_string(row, col, text, cell_format)


class CleanWorkbook(Workbook):
    """A workbook of CleanSheets."""

    worksheet_class = CleanSheet


class LockedWorkbook(CleanWorkbook):
    """A workbook in which sheets cannot be added, removed, renamed or unhidden. XlsxWriter has no function for that, so
    the element is written right after `workbookPr`, where the schema wants it."""

    def __init__(self, target: Any, password: str = "") -> None:
        super().__init__(target, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
        self._password = password

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        attributes: list[tuple[str, Any]] = []
        if self._password:
            attributes.append(("workbookPassword", self.worksheets()[0]._encode_password(self._password)))
        self._xml_empty_tag("workbookProtection", [*attributes, ("lockStructure", 1)])

    def add_locked_sheet(self, name: str) -> CleanSheet:
        """Add a protected sheet and return it. Columns and rows may still be widened."""
        sheet: Any = self.add_worksheet(name)
        sheet.protect(self._password, {"format_columns": True, "format_rows": True})
        return cast(CleanSheet, sheet)


def check_password(password: str) -> None:
    """Raise Problem when Excel's sheet protection cannot take the password."""
    if not password.isascii() or not password.isprintable() or len(password) > PASSWORD_LIMIT:
        raise Problem(f"--password 只能用英文字母、数字和符号，最长 {PASSWORD_LIMIT} 位。请换一个密码。")


def done(code: int | None) -> None:
    """Raise AssertionError when XlsxWriter refused a write: it reports that only by a negative return value."""
    if code is not None and code < 0:
        raise AssertionError(f"XlsxWriter refused a write ({code})")


def set_paper(sheet: Worksheet, landscape: bool = False) -> None:
    """Set A4 paper, margins and page numbers."""
    sheet.set_paper(PAPER_A4)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")


class WorkbookStyles:
    """The cell formats of one workbook. Each is made when it is first used."""

    def __init__(self, book: Workbook) -> None:
        self._make: Callable[[dict[str, Any]], Format] = book.add_format
        self._inputs: dict[str, Format] = {}
        self._boxed: dict[str, Format] = {}

    def _style(self, **properties: Any) -> Format:
        base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
        return self._make({**base, **properties})

    @cached_property
    def title(self) -> Format:
        return self._style(font_name=HEADING_FONT, font_size=16, align="center")

    @cached_property
    def heading(self) -> Format:
        return self._style(font_name=HEADING_FONT, font_size=12)

    @cached_property
    def plain(self) -> Format:
        return self._style(text_wrap=True)

    @cached_property
    def note(self) -> Format:
        return self._style(text_wrap=True, font_color=NOTE_FONT)

    @cached_property
    def note_right(self) -> Format:
        return self._style(font_color=NOTE_FONT, align="right", indent=1)

    @cached_property
    def status(self) -> Format:
        return self._style(bold=True, font_color=PASS_FONT)

    @cached_property
    def header(self) -> Format:
        return self._style(bold=True, align="center", text_wrap=True, border=1, bg_color=HEADER_FILL)

    @cached_property
    def caption(self) -> Format:
        return self._style(bold=True, align="center", border=1, bg_color=HEADER_FILL)

    @cached_property
    def label(self) -> Format:
        return self._style(text_wrap=True, border=1, indent=0)

    @cached_property
    def label_centered(self) -> Format:
        return self._style(text_wrap=True, border=1, align="center")

    @cached_property
    def boxed(self) -> Format:
        return self._style(text_wrap=True, border=1, border_color="#BFBFBF")

    @cached_property
    def boxed_center(self) -> Format:
        return self._style(text_wrap=True, border=1, border_color="#BFBFBF", align="center")

    @cached_property
    def choice(self) -> Format:
        return self._style(border=2, align="center", locked=False, bold=True, bg_color="#FFFFFF")

    @cached_property
    def mark(self) -> Format:
        return self._style(align="center", font_color=PASS_FONT, shrink=True)

    @cached_property
    def mark_label(self) -> Format:
        return self._style(text_wrap=True, font_color=NOTE_FONT, align="right", font_size=10)

    @cached_property
    def info(self) -> Format:
        return self._style(border=1, locked=False, num_format="@", text_wrap=True)

    @cached_property
    def paragraph(self) -> Format:
        return self._style(locked=False, text_wrap=True, valign="top", num_format="@", border=4, border_color="#BFBFBF")

    @cached_property
    def link(self) -> Format:
        return self._style(font_color="#0563C1", underline=1, align="center", border=1, border_color="#BFBFBF")

    @cached_property
    def link_plain(self) -> Format:
        return self._style(font_color="#0563C1", underline=1)

    @cached_property
    def blank_tint(self) -> Format:
        return self._make({"bg_color": BLANK_FILL})

    @cached_property
    def pending(self) -> Format:
        """The look of what is not wrong, but not done either."""
        return self._make({"bold": False, "font_color": NOTE_FONT})

    @cached_property
    def reminder(self) -> Format:
        return self._make({"bg_color": REMINDER_FILL})

    @cached_property
    def says_blank(self) -> Format:
        """The look of a number that is 0 only because cells are blank."""
        return self._make({"num_format": '"空白"', "font_color": NOTE_FONT, "bg_color": BLANK_FILL})

    @cached_property
    def says_nothing(self) -> Format:
        """The look of a number that says nothing yet."""
        return self._make({"num_format": '"—"', "font_color": NOTE_FONT, "bg_color": BLANK_FILL})

    @cached_property
    def explanation(self) -> Format:
        return self._style(locked=False, text_wrap=True, num_format="@", border=1, border_color="#7F7F7F")

    @cached_property
    def list_line(self) -> Format:
        return self._style(shrink=True)

    @cached_property
    def list_line_center(self) -> Format:
        return self._style(shrink=True, align="center")

    @cached_property
    def hidden(self) -> Format:
        """The format in hidden columns. A text that is centred would be seen in the column before."""
        return self._style(font_color=NOTE_FONT, align="left")

    def boxed_number(self, num_format: str) -> Format:
        """Return the format of a boxed cell that shows its number in this way."""
        if num_format not in self._boxed:
            look = {"border": 1, "border_color": "#BFBFBF", "align": "center"}
            self._boxed[num_format] = self._style(num_format=num_format, **look)
        return self._boxed[num_format]

    @cached_property
    def failing(self) -> Format:
        return self._make({"bg_color": FAIL_FILL, "font_color": FAIL_FONT})

    def number(self, num_format: str, locked: bool) -> Format:
        """Return the format of a cell in the official tables, with this number format."""
        key = f"{num_format}|{locked}"
        if key not in self._inputs:
            extra = {"bg_color": COMPUTED_FILL} if locked else {"locked": False}
            self._inputs[key] = self._style(border=1, align="center", num_format=num_format, **extra)
        return self._inputs[key]


def lines_needed(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of this width."""
    room = max(width - 1.5, 2)
    return sum(max(1, -(-display_width(line) // int(room))) for line in text.split("\n"))
