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

from toolkit.characters import cell_length, display_width, without_forbidden
from toolkit.excel.addresses import position_of
from toolkit.excel.styles import (
    BLANK_FILL,
    CELL_TEXT_LIMIT,
    COMPUTED_FILL,
    FONT,
    HEADER_FILL,
    HEADING_FONT,
    LINE_HEIGHT,
    NOTE_FONT,
    PAPER_A4,
    ROW_HEIGHT_LIMIT,
    lines_needed,
)
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.problems import Unreadable
from toolkit.workbook.active_content.removal import remove_outside_content
from toolkit.workbook.layout import EXPLANATION, NUMBER, REVIEW, REVIEW_HEAD_ROW, REVIEW_HEADERS
from toolkit.workbook.package import open_package

if TYPE_CHECKING:
    from openpyxl import Workbook

AUTHOR = "审核"
SINCE_LAST = "与上次相比"
WIDTHS = {
    **{"序号": 5, "轻重": 7, "位置": 20, "问题和修改意见": 62, "查看": 7},
    **{SINCE_LAST: 10, EXPLANATION: 40, NUMBER: 15},
}
"""The width of each column. The column on what changed since the last review is there only if there was one."""
FIRST_ROW = REVIEW_HEAD_ROW + 2
FILLS = {"error": "FFFF9C9C", "warning": "FFFFE08A", "info": "FFCFE2F3"}
"""The colour for each severity, the worst first."""
WORDS = {"error": "错误", "warning": "提醒", "info": "提示"}
OWN_NOTE = "原有批注："
OURS = ["TRUE"]
"""The formula of our own colour rules. The rules of a form always refer to a cell, so they never have it. LibreOffice
writes it as 1."""
LINKED = "点“查看”到相应的格；格上的批注写有同样的意见。"
NOT_KEPT = "原表里的图片、图形、宏和连到别处的内容不一定带得过来，请在原表上修改。"
EXPLAIN_ROOM = 3
"""Lines of text that an explanation has room for."""
PROMPT = "核实无误、确属实情的，在这里写明原因，不用改数。只写“无”“见附件”的不算说明。“错误”不能用说明代替修改。"
REFUSED = "你单位的说明没有接受：{}。请改正，或另行说明。"
CHANGES = "与上次相比改动的数"
PLACES_SHOWN = 40
NOTE_LIMIT, CELL_LIMIT = 800, 32_000
NOTE_WIDTH, NOTE_LINE, NOTE_ROOM = 380, 20, 44
"""The width of a note and the height of a line in pixels, and the half-width characters in a line."""
UNABLE = "这份表里有不能原样保留的内容，做不了批注件。请按校验结果或退回修改意见修改。"

_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Remark:
    """A message about some places (``三!J9``) of a workbook. `severity` and `fingerprint` are those of a finding.

    `explanation` is what the agency wrote to it, and `refusal` why the office does not accept that. `status` says how
    the finding stands beside the last review: 已改, 未改, 新出现 or 已说明. With `follows` it is a consequence of the
    last remark before it that is none, and is not counted.
    """

    severity: str
    message: str
    places: tuple[str, ...] = ()
    fingerprint: str = ""
    explanation: str = ""
    refusal: str = ""
    status: str = ""
    follows: bool = False

    @property
    def can_be_explained(self) -> bool:
        """Return True for a reminder (提醒) that can be recognized when the copy comes back."""
        return self.severity == "warning" and bool(self.fingerprint)


def annotate_workbook(
    content: bytes,
    heading: str,
    remarks: Sequence[Remark],
    limits: Limits = STANDARD_LIMITS,
    changes: Sequence[str] = (),
) -> bytes:
    """Return the annotated copy of a returned workbook, as the bytes of an .xlsx file. `heading` names the agency and
    the year. `changes` say in sentences which figures changed since the last return.

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
            caution = NOT_KEPT if package.has_extras or package.has_outside_content else ""
            _write_review(book, heading, remarks, changes, caution)
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

    for name in [sheet.title for sheet in book.worksheets if _is_review(sheet)]:
        del book[name]
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


def _is_review(sheet: Any) -> bool:
    """Return True for the sheet of an earlier review, even if it was renamed."""
    heads: dict[int, set[object]] = {}
    for (row, _), cell in sheet._cells.items():
        if row <= FIRST_ROW + 5:
            heads.setdefault(row, set()).add(cell.value)
    return sheet.title == REVIEW or any({*REVIEW_HEADERS} <= head for head in heads.values())


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


def _write_review(
    book: "Workbook", heading: str, remarks: Sequence[Remark], changes: Sequence[str], caution: str
) -> None:
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
    has_status = any(remark.status for remark in remarks)
    headers = [header for header in WIDTHS if header != SINCE_LAST or has_status]
    _write_head(sheet, headers, heading, remarks, f"{how}{caution}")
    number = 0
    for row, remark in enumerate(remarks, FIRST_ROW):
        number += not remark.follows
        _write_remark(sheet, headers, row, "" if remark.follows else number, remark, sheets)
    _open_explanations(sheet, headers, remarks)
    _write_changes(sheet, headers, FIRST_ROW + len(remarks) + 1, changes)
    _set_page(sheet, headers)


def _write_head(sheet: Any, headers: Sequence[str], heading: str, remarks: Sequence[Remark], note: str) -> None:
    from openpyxl.styles import Font

    counts = {level: sum(remark.severity == level and not remark.follows for remark in remarks) for level in FILLS}
    summary = "，".join(f"{WORDS[level]} {count} 条" for level, count in counts.items() if count)
    told = "“错误”必须修改；“提醒”请核实，确属实情的，在同一行“说明”里写明原因。改好后把本文件交回。"
    summary = f"{summary}。{told}" if summary else "没有发现问题。"
    if any(remark.follows for remark in remarks):
        summary += "灰色的由上面一条引起，改正那一条后一般随之消失，不用另改。"
    lines = (
        (heading, Font(name=HEADING_FONT, size=16), 1.5),
        (summary, _font(), 1.0),
        (note, _font(color=_rgb(NOTE_FONT)), 1.0),
    )
    for row, (text, font, size) in enumerate(lines, 1):
        _write_across(sheet, headers, row, text, font, size)
    fill = _solid(_rgb(HEADER_FILL))
    for column, header in enumerate(headers, 1):
        head = {"font": _font(bold=True), "border": _border(), "alignment": _alignment("center"), "fill": fill}
        _write_cell(sheet, FIRST_ROW - 1, column, header, **head)
    sheet.row_dimensions[FIRST_ROW - 1].height = LINE_HEIGHT + 7


def _write_across(sheet: Any, headers: Sequence[str], row: int, text: str, font: Any, size: float = 1.0) -> None:
    """Write a text across all columns, in a row that is high enough for it."""
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(headers))
    _write_cell(sheet, row, 1, text, font=font, alignment=_alignment())
    room = sum(WIDTHS[header] for header in headers) / size
    sheet.row_dimensions[row].height = min(LINE_HEIGHT * size * lines_needed(text, room) + 7, ROW_HEIGHT_LIMIT)


def _write_remark(
    sheet: Any, headers: Sequence[str], row: int, number: int | str, remark: Remark, sheets: set[str]
) -> None:
    """Write a row of 审核意见. What follows from another remark is paler."""
    from openpyxl.worksheet.hyperlink import Hyperlink

    refusal = f"\n{REFUSED.format(remark.refusal)}" if remark.refusal else ""
    places, message = _places(remark.places), _shortened(remark.message, CELL_LIMIT) + refusal
    where = _link(remark, sheets)
    explanation = _as_one_cell(remark.explanation)
    texts: dict[str, str | int] = {
        **{
            "序号": number,
            "轻重": "" if remark.follows else WORDS[remark.severity],
            "位置": places,
            "问题和修改意见": message,
        },
        **{"查看": "查看" if where else "", SINCE_LAST: remark.status},
        **{EXPLANATION: explanation, NUMBER: remark.fingerprint},
    }
    looks = {
        "轻重": {} if remark.follows else {"fill": _solid(FILLS[remark.severity])},
        "查看": {"font": _font(color="FF0563C1", underline="single")},
        NUMBER: {"font": _font(color=_rgb(NOTE_FONT)), "number_format": "@"},
    }
    if remark.can_be_explained:
        looks[EXPLANATION] = {"fill": _solid(_rgb(BLANK_FILL)), "protection": _unlocked(), "number_format": "@"}
    for column, header in enumerate(headers, 1):
        is_wide = header in ("位置", "问题和修改意见", EXPLANATION)
        font = _font(color=_rgb(NOTE_FONT)) if remark.follows else _font()
        look = {"font": font, "border": _border(), "alignment": _alignment(None if is_wide else "center")}
        _write_cell(sheet, row, column, texts[header], **{**look, **looks.get(header, {})})
        if header == "查看" and where:
            cell = sheet.cell(row, column)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=where, display="查看")
    lines = [lines_needed(str(texts[header]), WIDTHS[header]) for header in ("位置", "问题和修改意见", EXPLANATION)]
    lines.append(EXPLAIN_ROOM if remark.can_be_explained else 1)
    sheet.row_dimensions[row].height = min(LINE_HEIGHT * max(lines) + 5, ROW_HEIGHT_LIMIT)


def _as_one_cell(text: str) -> str:
    """Return an explanation as it fits into a cell. One that came from a cell of Excel always does."""
    if cell_length(_as_text(text)) <= CELL_TEXT_LIMIT:
        return text
    return f"{text[: CELL_LIMIT // 2]}……（说明共 {len(text)} 字，一格放不下，全文见报来的表）"


def _open_explanations(sheet: Any, headers: Sequence[str], remarks: Sequence[Remark]) -> None:
    """Say beside each open cell what to write into it."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    column = get_column_letter(headers.index(EXPLANATION) + 1)
    rows = [row for row, remark in enumerate(remarks, FIRST_ROW) if remark.can_be_explained]
    if rows:
        prompt = DataValidation(showInputMessage=True, promptTitle=EXPLANATION, prompt=PROMPT, allow_blank=True)
        for row in rows:
            prompt.add(f"{column}{row}")
        sheet.add_data_validation(prompt)


def _write_changes(sheet: Any, headers: Sequence[str], row: int, changes: Sequence[str]) -> None:
    """Write below the table which figures changed since the last return."""
    for line, text in enumerate((CHANGES, *changes) if changes else ()):
        _write_across(sheet, headers, row + line, _shortened(text, CELL_LIMIT), _font(bold=not line))


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


@cache
def _unlocked() -> Any:
    from openpyxl.styles import Protection

    return Protection(locked=False)


def _set_page(sheet: Any, headers: Sequence[str]) -> None:
    from openpyxl.utils import get_column_letter

    for column, header in enumerate(headers, 1):
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS[header]
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    sheet.page_setup.paperSize = PAPER_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
