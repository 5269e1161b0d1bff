"""The annotated copy (批注件) of a returned workbook: cells coloured, a note with the message on each, and a sheet
审核意见 in front with every finding, linked to its cell.

openpyxl does the editing; since it saves formulas without their results, the results are put back afterwards from the
returned file, so that a reader that does not calculate still shows every number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from toolkit.characters import display_width, without_forbidden
from toolkit.problems import Unreadable
from toolkit.workbook.package import DAMAGED, open_package

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

REVIEW = "审核意见"
AUTHOR = "审核"
HEADERS = ("序号", "轻重", "位置", "问题和修改意见", "查看")
WIDTHS = (6, 8, 24, 84, 10)
FIRST_ROW = 5
FILLS = {"error": "FFFF9C9C", "warning": "FFFFE08A", "info": "FFCFE2F3"}
WORDS = {"error": "错误", "warning": "提醒", "info": "提示"}
PLACES_SHOWN = 6
NOTE_LIMIT, CELL_LIMIT = 2000, 32_000
LINE_HEIGHT, ROW_LIMIT = 15.0, 400.0


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of some places (``三!J9``) of a workbook; `severity` as of findings."""

    severity: str
    message: str
    places: tuple[str, ...] = ()


def annotate_workbook(content: bytes, heading: str, remarks: Sequence[Remark]) -> bytes:
    """The annotated copy of a returned workbook; `heading` names the agency and the year.

    Protection stays as it was. Raises Unreadable when the file cannot be opened.
    """
    from openpyxl import load_workbook

    package = open_package(content)
    try:
        book = load_workbook(BytesIO(content), keep_links=False)
    except Exception:  # whatever the file holds, openpyxl may raise on it
        raise Unreadable(DAMAGED) from None
    by_place: dict[str, list[Remark]] = {}
    for remark in remarks:
        for place in remark.places:
            by_place.setdefault(place, []).append(remark)
    for place, here in by_place.items():
        _mark(book, place, here)
    for sheet in {place.rpartition("!")[0] for place in by_place} & set(book.sheetnames):
        _raise_colours(book[sheet])
    _write_review(book, heading, remarks)
    saved = BytesIO()
    book.save(saved)
    return open_package(saved.getvalue()).with_results(package.results())


def _mark(book: "Workbook", place: str, remarks: Sequence[Remark]) -> None:
    """Colour a cell after the worst that is said of it and put all of it into a note."""
    from openpyxl.comments import Comment
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill

    sheet_name, _, address = place.rpartition("!")
    if sheet_name not in book.sheetnames:
        return
    cell: Any = book[sheet_name][address]
    worst = min((remark.severity for remark in remarks), key=list(FILLS).index)
    cell.fill = PatternFill("solid", fgColor=FILLS[worst])
    make: Any = FormulaRule
    colour = make(formula=["TRUE"], fill=PatternFill(bgColor=FILLS[worst]), stopIfTrue=True)
    cell.parent.conditional_formatting.add(cell.coordinate, colour)
    text = "\n".join(f"{WORDS[remark.severity]}：{remark.message}" for remark in remarks)
    if cell.comment:
        text += f"\n原有批注：{cell.comment.text}"
    text = without_forbidden(_short(text, NOTE_LIMIT))
    cell.comment = Comment(text, AUTHOR, height=22 * (display_width(text) // 40 + 3), width=330)


def _raise_colours(sheet: Any) -> None:
    """Put our colours, which were added last, before the sheet's own: a blank is tinted by the sheet itself."""
    rules = [rule for area in sheet.conditional_formatting for rule in area.rules]
    rules.sort(key=lambda rule: (rule.formula != ["TRUE"], rule.priority))
    for priority, rule in enumerate(rules, 1):
        rule.priority = priority


def _short(text: str, limit: int) -> str:
    """A text that says so when it is cut."""
    return text if len(text) <= limit else f"{text[:limit]}……（其余见「{REVIEW}」）"


def _write_review(book: "Workbook", heading: str, remarks: Sequence[Remark]) -> None:
    """The sheet in front. A workbook that has one from an earlier review gets a new one."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    if REVIEW in book.sheetnames:
        del book[REVIEW]
    sheet: Any = book.create_sheet(REVIEW, 0)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    counts = {level: sum(remark.severity == level for remark in remarks) for level in FILLS}
    summary = "，".join(f"{WORDS[level]} {count} 条" for level, count in counts.items() if count) or "没有发现问题"
    lines = (
        (heading, Font(name="黑体", size=16)),
        (f"{summary}。“错误”必须修改，“提醒”请核实，确属实情的请说明。", Font(name="宋体", size=11)),
        ("点“查看”到相应的格；格上的批注写有同样的意见。", Font(name="宋体", size=11, color="FF595959")),
    )
    for row, (text, font) in enumerate(lines, 1):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(HEADERS))
        _put(sheet, row, 1, text, font=font, alignment=Alignment(vertical="center", wrap_text=True))
    sheet.row_dimensions[1].height = 30
    thin = Side(style="thin", color="FFBFBFBF")
    box = Border(left=thin, right=thin, top=thin, bottom=thin)
    plain, middle = Alignment(vertical="center", wrap_text=True), Alignment(horizontal="center", vertical="center")
    for column, header in enumerate(HEADERS, 1):
        head = {"font": Font(name="宋体", size=11, bold=True), "border": box, "alignment": middle}
        _put(sheet, FIRST_ROW - 1, column, header, fill=PatternFill("solid", fgColor="FFE4EAF2"), **head)
    font = Font(name="宋体", size=11)
    for number, remark in enumerate(remarks, 1):
        row = FIRST_ROW + number - 1
        places = _places(remark.places)
        look = {"font": font, "border": box}
        _put(sheet, row, 1, number, alignment=middle, **look)
        fill = PatternFill("solid", fgColor=FILLS[remark.severity])
        _put(sheet, row, 2, WORDS[remark.severity], alignment=middle, fill=fill, **look)
        _put(sheet, row, 3, places, alignment=plain, **look)
        _put(sheet, row, 4, _short(remark.message, CELL_LIMIT), alignment=plain, **look)
        link = Font(name="宋体", size=11, color="FF0563C1", underline="single")
        _put(sheet, row, 5, "查看" if remark.places else "", alignment=middle, border=box, font=link)
        if remark.places:
            _link(sheet, row, 5, remark.places[0])
        texts = ((places, WIDTHS[2]), (remark.message, WIDTHS[3]))
        needed = max(-(-display_width(text) // (width - 2)) for text, width in texts)
        sheet.row_dimensions[row].height = min(LINE_HEIGHT * max(needed, 1) + 5, ROW_LIMIT)
    _set_page(sheet)


def _put(sheet: "Worksheet", row: int, column: int, value: str | int, **look: Any) -> None:
    """A value that is never taken for a formula, and its look."""
    cell: Any = sheet.cell(row, column)
    cell.value = without_forbidden(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    for name, part in look.items():
        setattr(cell, name, part)


def _link(sheet: "Worksheet", row: int, column: int, place: str) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    sheet_name, _, address = place.rpartition("!")
    cell: Any = sheet.cell(row, column)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet_name}'!{address}", display="查看")


def _places(places: Sequence[str]) -> str:
    more = f" 等 {len(places)} 格" if len(places) > PLACES_SHOWN else ""
    return "、".join(places[:PLACES_SHOWN]) + more if places else "全表"


def _set_page(sheet: Any) -> None:
    for column, width in zip("ABCDE", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
