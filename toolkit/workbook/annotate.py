"""Writes the annotated copy (批注件) of a returned workbook. Cells are coloured and have a note with the message; a
sheet 审核意见 in front lists every finding (发现的问题), linked to its cell.

openpyxl does the editing. It loses some contents of cells (results of formulas, figures in cells formatted as dates,
formatted texts), so the contents are restored afterwards from the returned file. Active content (夹带) does not go into
the copy: macros, connections and links are removed, and of formulas that reach outside only the result stays.
"""

import re
import warnings
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from toolkit.characters import display_width, without_forbidden
from toolkit.excel.addresses import position_of
from toolkit.excel.styles import (
    COMPUTED_FILL,
    FONT,
    HEADER_FILL,
    HEADING_FONT,
    LINE_HEIGHT,
    NOTE_FONT,
    PAPER_A4,
    lines_needed,
)
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.problems import Unreadable
from toolkit.workbook.active_content.removal import remove_outside_content
from toolkit.workbook.layout import REVIEW
from toolkit.workbook.package import open_package

if TYPE_CHECKING:
    from openpyxl import Workbook

AUTHOR = "审核"
HEADERS = ("序号", "轻重", "位置", "问题和修改意见", "查看")
WIDTHS = (6, 8, 24, 84, 10)
FIRST_ROW = 5
FILLS = {"error": "FFFF9C9C", "warning": "FFFFE08A", "info": "FFCFE2F3"}
"""The colour for each severity, the worst first."""
WORDS = {"error": "错误", "warning": "提醒", "info": "提示"}
OWN_NOTE = "原有批注："
OURS = ["TRUE"]
"""The formula of our own colour rules. The rules of a form always refer to a cell, so they never have it. LibreOffice
writes it as 1."""
LINKED = "点“查看”到相应的格；格上的批注写有同样的意见。"
NOT_KEPT = "原表里的图片、图形、宏和连到别处的内容不一定带得过来，请在原表上修改。"
PLACES_SHOWN = 40
NOTE_LIMIT, CELL_LIMIT = 800, 32_000
NOTE_WIDTH, NOTE_LINE, NOTE_ROOM = 380, 20, 44
"""The width of a note and the height of a line in pixels, and the half-width characters in a line."""
ROW_LIMIT = 409.0
UNABLE = "这份表里有不能原样保留的内容，做不了批注件。请按校验结果或退回修改意见修改。"

_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Remark:
    """A message about some places (``三!J9``) of a workbook. `severity` is that of a finding. With `follows` it is a
    consequence of the last remark before it that is none, and is not counted."""

    severity: str
    message: str
    places: tuple[str, ...] = ()
    follows: bool = False


def annotate_workbook(
    content: bytes, heading: str, remarks: Sequence[Remark], limits: Limits = STANDARD_LIMITS
) -> bytes:
    """Return the annotated copy of a returned workbook, as the bytes of an .xlsx file. `heading` names the agency and
    the year.

    Protection stays as it was. A place that the workbook does not have is listed, but not coloured. Notes and colours
    of an earlier review are removed. Raise Unreadable when no copy can be made.
    """
    from openpyxl import load_workbook

    package = open_package(content, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns on stderr about what it leaves out
            book = load_workbook(BytesIO(package.clean), keep_links=False)
            lost_names = remove_outside_content(book)
            _remove_earlier_review(book)
            for sheet, marks in _by_sheet(book, remarks).items():
                _mark_sheet(book[sheet], marks)
            _write_review(book, heading, remarks, NOT_KEPT if package.has_extras or package.has_outside_content else "")
            saved = BytesIO()
            book.save(saved)
            return open_package(saved.getvalue()).with_contents_of(package, REVIEW, lost_names)
    except Unreadable:
        raise
    except Exception:  # openpyxl may raise anything on an unusual file
        raise Unreadable(UNABLE) from None


def _remove_earlier_review(book: "Workbook") -> None:
    """Remove notes, colours and the sheet of an earlier review: an agency may have gone on working in the annotated
    copy."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    if REVIEW in book.sheetnames:
        del book[REVIEW]
    sheets: list[Any] = list(book.worksheets)
    for sheet in sheets:
        _set_colours(sheet, {})
        for cell in sheet._cells.values():  # iter_rows would create a cell for every gap
            note = cell.comment
            if note and _is_ours(note, cell.fill):
                _, _, own = note.text.partition(f"\n{OWN_NOTE}")
                cell.comment = Comment(own, OWN_NOTE) if own else None
                computed = cell.protection.locked and cell.number_format != "General"
                cell.fill = _solid(_rgb(COMPUTED_FILL)) if computed else PatternFill()


def _is_ours(note: Any, fill: Any) -> bool:
    """Return True if a note comes from an earlier review. LibreOffice keeps no authors, but it keeps colours."""
    began = str(note.text).startswith(tuple(f"{word}：" for word in WORDS.values()))
    return note.author == AUTHOR or (began and fill.fgColor.rgb in FILLS.values())


def _by_sheet(book: "Workbook", remarks: Sequence[Remark]) -> dict[str, dict[str, list[Remark]]]:
    """Return the remarks by sheet and cell, for sheets that exist. Remarks on merged cells go to the first of them."""
    found: dict[str, dict[str, list[Remark]]] = {}
    for remark in remarks:
        for place in remark.places:
            sheet, _, address = place.rpartition("!")
            if sheet in book.sheetnames and position_of(address):
                found.setdefault(sheet, {}).setdefault(_first_of_merged(book[sheet], address), []).append(remark)
    return found


def _first_of_merged(sheet: Any, address: str) -> str:
    from openpyxl.cell.cell import MergedCell

    if not isinstance(sheet[address], MergedCell):
        return address
    return next(str(area.start_cell.coordinate) for area in sheet.merged_cells.ranges if address in area)


def _mark_sheet(sheet: Any, marks: Mapping[str, Sequence[Remark]]) -> None:
    """Colour each cell by the worst severity of its remarks, and put all remarks into a note on it."""
    colours: dict[str, list[str]] = {}
    for address, remarks in marks.items():
        worst = min((remark.severity for remark in remarks), key=list(FILLS).index)
        colours.setdefault(worst, []).append(address)
        cell = sheet[address]
        cell.fill = _solid(FILLS[worst])
        cell.comment = _note(remarks, cell.comment.text if cell.comment else "")
    _set_colours(sheet, colours)


def _note(remarks: Sequence[Remark], own: str) -> Any:
    from openpyxl.comments import Comment

    text = _shortened("\n".join(f"{WORDS[remark.severity]}：{remark.message}" for remark in remarks), NOTE_LIMIT)
    text = _as_text(text) + (f"\n{OWN_NOTE}{own}" if own else "")
    lines = sum(-(-display_width(line) // NOTE_ROOM) or 1 for line in text.split("\n"))
    return Comment(text, AUTHOR, height=NOTE_LINE * (lines + 1), width=NOTE_WIDTH)


def _set_colours(sheet: Any, colours: Mapping[str, Sequence[str]]) -> None:
    """Put our colour rules, by severity, before the sheet's own rules, one of which colours blanks. Earlier rules of
    ours are removed. Excel goes by the priority of rules, LibreOffice by their order."""
    from openpyxl.formatting.formatting import ConditionalFormattingList
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles import PatternFill
    from openpyxl.styles.differential import DifferentialStyle

    own = [
        (area.sqref, rule)
        for area in sheet.conditional_formatting
        for rule in area.rules
        if rule.formula not in (OURS, ["1"])
    ]
    sheet.conditional_formatting = ConditionalFormattingList()
    for priority, (severity, addresses) in enumerate(colours.items(), 1):
        look = DifferentialStyle(fill=PatternFill(bgColor=FILLS[severity]))
        rule = Rule("expression", formula=OURS, dxf=look, priority=priority, stopIfTrue=True)
        sheet.conditional_formatting.add(" ".join(addresses), rule)
    for area, rule in own:
        rule.priority += len(colours)
        sheet.conditional_formatting.add(str(area), rule)


def _shortened(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters. A text that is cut says so."""
    return text if len(text) <= limit else f"{text[:limit]}……（其余见「{REVIEW}」）"


def _write_review(book: "Workbook", heading: str, remarks: Sequence[Remark], caution: str) -> None:
    """Write the sheet in front. It has the protection of the sheet that was first before."""
    protection = copy(book.worksheets[0].protection)
    sheet: Any = book.create_sheet(REVIEW, 0)
    book.active = 0
    for view in book.views:
        view.firstSheet = 0
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    sheet.protection = protection
    sheet.protection.sheet = True
    sheets = set(book.sheetnames)
    how = LINKED if any(_link(remark, sheets) for remark in remarks) else ""
    _write_head(sheet, heading, remarks, f"{how}{caution}")
    number = 0
    for row, remark in enumerate(remarks, FIRST_ROW):
        number += not remark.follows
        _write_remark(sheet, row, "" if remark.follows else number, remark, sheets)
    _set_page(sheet)


def _write_head(sheet: Any, heading: str, remarks: Sequence[Remark], note: str) -> None:
    from openpyxl.styles import Font

    counts = {level: sum(remark.severity == level and not remark.follows for remark in remarks) for level in FILLS}
    summary = "，".join(f"{WORDS[level]} {count} 条" for level, count in counts.items() if count)
    summary = f"{summary}。“错误”必须修改，“提醒”请核实，确属实情的请说明。" if summary else "没有发现问题。"
    if any(remark.follows for remark in remarks):
        summary += "灰色的由上面一条引起，改正那一条后一般随之消失，不用另改。"
    lines = (
        (heading, Font(name=HEADING_FONT, size=16), 1.5),
        (summary, _font(), 1.0),
        (note, _font(color=_rgb(NOTE_FONT)), 1.0),
    )
    for row, (text, font, size) in enumerate(lines, 1):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(HEADERS))
        _write_cell(sheet, row, 1, text, font=font, alignment=_alignment())
        sheet.row_dimensions[row].height = LINE_HEIGHT * size * lines_needed(text, sum(WIDTHS) / size) + 7
    fill = _solid(_rgb(HEADER_FILL))
    for column, header in enumerate(HEADERS, 1):
        head = {"font": _font(bold=True), "border": _border(), "alignment": _alignment("center"), "fill": fill}
        _write_cell(sheet, FIRST_ROW - 1, column, header, **head)
    sheet.row_dimensions[FIRST_ROW - 1].height = LINE_HEIGHT + 7


def _write_remark(sheet: Any, row: int, number: int | str, remark: Remark, sheets: set[str]) -> None:
    """Write a row of 审核意见. What follows from another remark is paler."""
    from openpyxl.worksheet.hyperlink import Hyperlink

    places, message = _places(remark.places), _shortened(remark.message, CELL_LIMIT)
    look = {"font": _font(color=_rgb(NOTE_FONT)) if remark.follows else _font(), "border": _border()}
    _write_cell(sheet, row, 1, number, alignment=_alignment("center"), **look)
    _write_cell(
        sheet,
        row,
        2,
        "" if remark.follows else WORDS[remark.severity],
        alignment=_alignment("center"),
        **({} if remark.follows else {"fill": _solid(FILLS[remark.severity])}),
        **look,
    )
    _write_cell(sheet, row, 3, places, alignment=_alignment(), **look)
    _write_cell(sheet, row, 4, message, alignment=_alignment(), **look)
    where = _link(remark, sheets)
    link = _font(color="FF0563C1", underline="single")
    _write_cell(sheet, row, 5, "查看" if where else "", alignment=_alignment("center"), border=_border(), font=link)
    if where:
        sheet.cell(row, 5).hyperlink = Hyperlink(ref=f"E{row}", location=where, display="查看")
    lines = max(lines_needed(text, width) for text, width in ((places, WIDTHS[2]), (message, WIDTHS[3])))
    sheet.row_dimensions[row].height = min(LINE_HEIGHT * lines + 5, ROW_LIMIT)


def _link(remark: Remark, sheets: set[str]) -> str:
    """Return the link target for the first place of a remark, empty if there is no such cell."""
    from openpyxl.utils import quote_sheetname

    name, _, address = remark.places[0].rpartition("!") if remark.places else ("", "", "")
    return f"{quote_sheetname(name)}!{address}" if name in sheets and position_of(address) else ""


def _places(places: Sequence[str]) -> str:
    """Return places as ``三!D7、D8``: the sheet is named once for the cells that follow."""
    if not places:
        return "全表"
    shown, last = [], ""
    for place in places[:PLACES_SHOWN]:
        sheet, _, address = place.rpartition("!")
        shown.append(address if sheet == last else place)
        last = sheet
    return "、".join(shown) + (f" 等 {len(places)} 格" if len(places) > PLACES_SHOWN else "")


def _as_text(text: str) -> str:
    """Return a text so that Excel shows it letter for letter: Excel takes ``_x0041_`` for an A."""
    return _ESCAPED.sub("_x005F_", without_forbidden(text))


def _write_cell(sheet: Any, row: int, column: int, value: str | int, **look: Any) -> None:
    """Write a value and its format. A text is never taken for a formula."""
    cell = sheet.cell(row, column)
    cell.value = _as_text(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    for name, part in look.items():
        setattr(cell, name, part)


def _rgb(colour: str) -> str:
    return f"FF{colour[1:]}"


@cache
def _solid(colour: str) -> Any:
    from openpyxl.styles import PatternFill

    return PatternFill("solid", fgColor=colour)


@cache
def _font(**look: Any) -> Any:
    from openpyxl.styles import Font

    return Font(name=FONT, size=11, **look)


@cache
def _alignment(horizontal: str | None = None) -> Any:
    from openpyxl.styles import Alignment

    return Alignment(horizontal=horizontal, vertical="center", wrap_text=True)


@cache
def _border() -> Any:
    from openpyxl.styles import Border, Side

    thin = Side(style="thin", color="FFBFBFBF")
    return Border(left=thin, right=thin, top=thin, bottom=thin)


def _set_page(sheet: Any) -> None:
    for column, width in zip("ABCDE", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    sheet.page_setup.paperSize = PAPER_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
