"""Where everything of a form stands in its workbook. The template, the reader and the annotated copy all use it.

Rows and columns are counted from 0, as XlsxWriter and calamine do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from toolkit.excel.addresses import Position, address
from toolkit.forms.grid import Box, label_depth, section_grids
from toolkit.forms.model import Case, Form, Section, Table
from toolkit.problems import FormProblem

GUIDE = "填报说明"
INFO = "基本信息"
TEXTS = "文字"
SELF_CHECK = "自查"
IDENTITY = "_gknb"
REVIEW = "审核意见"
RESERVED = (GUIDE, INFO, TEXTS, SELF_CHECK, IDENTITY, REVIEW)

MAGIC = "gknb-toolkit"
ZERO_BLANKS = "空白单元格均为 0"
PLEASE_CHOOSE = "请选 是/否"
"""What stands in the cell of this choice until it is made."""

TITLE_ROW, STATUS_ROW, CHOICE_ROW, TOP_ROW = 0, 1, 2, 3
INFO_YEAR_ROW, INFO_FIRST_ROW, INFO_LABEL, INFO_VALUE, INFO_HELP = 1, 3, 1, 2, 3
YEAR_LABEL = "报告年度"
TEXT_TITLE_ROW, TEXT_HELP_ROW, TEXT_FIRST_ROW = 2, 3, 4
TEXT_ROWS = 500
"""The rows of 文字 that 自查 looks at."""
CHECK_HEAD_ROW, CHECK_LIST_ROW, CHECK_LIST_LENGTH = 3, 5, 8
"""自查 has its headers, then the first lines that need attention, then all lines."""
CHECK_FIRST_ROW = CHECK_LIST_ROW + CHECK_LIST_LENGTH + 1
CHECK_SECTION, CHECK_PLACE, CHECK_SENTENCE, CHECK_LEFT, CHECK_SIGN, CHECK_RIGHT, CHECK_DIFF, CHECK_VERDICT = range(1, 9)
CHECK_LINK, CHECK_EXPLANATION = 9, 10
CHECK_LEFT_BLANKS, CHECK_RIGHT_BLANKS, CHECK_RANK, CHECK_TARGET, CHECK_KEY = range(11, 16)
"""Hidden columns of 自查: blanks on both sides, the rank among the lines that need attention, the address of the cell,
and the key of the line."""
HOLDS, FAILS, ASKS, UNFILLED, EXPLAINED = "相符", "不符", "请核实", "未填完", "已说明"
"""The verdicts of 自查. What does not hold is wrong, or is asked about if it is a reminder (提醒)."""
EXPLANATION, NUMBER = "说明", "编号"
"""Headers in 自查 and 审核意见: where an agency explains, and by what its explanation is known."""
REVIEW_HEAD_ROW = 3
REVIEW_HEADERS = ("序号", "轻重", "位置", "问题和修改意见", "查看", EXPLANATION, NUMBER)
"""The headers of 审核意见, in order. There may be another column between them."""
AGENCY_CHECK, REPEAT_CHECK = "_agency", "_repeat"
"""The keys of the lines in 自查 about the name of the agency, and about paragraphs that were pasted several times."""
IDENTITY_KEYS = ("form", "layout", "agency", "year", "id", "signature")
"""The keys of the hidden sheet, in the order of their rows. A template issued without a signature has no row for it."""
PARTS_KEY, PARTS_COLUMN = "parts", 3
"""In this column of the hidden sheet, a sum (汇总) has the key and under it the agencies whose figures are in it."""
EXACT_FIGURES_ROW = 10
"""From this row on, the hidden sheet keeps figures whose digits a spreadsheet cannot hold: cell id, figure."""


@dataclass(frozen=True, slots=True, eq=False)
class TableSheet:
    """One table section on its sheet. `marks` are the positions of the cells beside and under a table that show if a
    case holds."""

    section: Section
    boxes: tuple[Box, ...]
    cells: Mapping[str, Position]
    freeze: Position
    choice: Position
    marks: Mapping[str, Position]
    mark_labels: tuple[Box, ...]
    last: Position

    @property
    def width(self) -> int:
        """The number of columns of the official table, without the marks beside it."""
        return len(self.section.widths)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The layout of the whole workbook of one form. `fold_row` is the row of 自查 above the lines that are folded:
    those of relations that define a total, which can only fail if a formula is broken."""

    form: Form
    sheets: tuple[TableSheet, ...]
    positions: Mapping[str, tuple[str, int, int]]
    places: Mapping[str, str]
    text_columns: Mapping[str, int]
    info_rows: Mapping[str, int]
    check_rows: Mapping[str, int]
    fold_row: int

    def sheet(self, section: str) -> TableSheet:
        """Return the sheet of a table section."""
        return next(sheet for sheet in self.sheets if sheet.section.id == section)

    @property
    def check_last_row(self) -> int:
        """The last row of 自查, without the lines about last year's figures, which not every template has."""
        return max(self.check_rows.values(), default=CHECK_FIRST_ROW)


@cache
def layout_of(form: Form) -> Layout:
    """Return the layout of a form, always the same object. Raise FormProblem when a section has the id of another
    sheet."""
    for section in form.sections:
        if section.id in RESERVED:
            raise FormProblem(f"格式 {form.id}：部分的 id 不能是「{section.id}」，这是工作簿里另一张表的名字。")
    sheets = tuple(_table_sheet(form, section) for section in form.table_sections)
    positions = {
        cell: (sheet.section.id, row, column) for sheet in sheets for cell, (row, column) in sheet.cells.items()
    }
    checks, folded = _check_keys(form)
    rows = {key: CHECK_FIRST_ROW + index for index, key in enumerate(checks)}
    fold_row = CHECK_FIRST_ROW + len(checks)
    rows |= {key: fold_row + index for index, key in enumerate(folded, 1)}
    return Layout(
        form=form,
        sheets=sheets,
        positions=positions,
        places={cell: f"{sheet}!{address(row, column)}" for cell, (sheet, row, column) in positions.items()},
        text_columns={section.id: index for index, section in enumerate(form.text_sections)},
        info_rows={field.id: INFO_FIRST_ROW + index for index, field in enumerate(form.info)},
        check_rows=rows,
        fold_row=fold_row,
    )


def _check_keys(form: Form) -> tuple[list[str], list[str]]:
    """Return the keys of the lines of 自查 in order: those in view, and those that are folded. Reminders (提醒) stand
    before errors."""
    keys = [AGENCY_CHECK]
    keys += [key for section in form.table_sections for key in (blank_check(section.id), number_check(section.id))]
    texts = [text_check(section.id) for section in form.text_sections]
    keys += [*texts, REPEAT_CHECK] if texts else []
    open_cases = [case for case in form.cases if not case.relation.defines]
    keys += [case.id for case in sorted(open_cases, key=lambda case: case.relation.severity == "error")]
    return keys, [case.id for case in form.cases if case.relation.defines]


def guide_text(section: Section) -> str:
    """Return the explanation that stands under the title of a section on 文字."""
    return section.help + (f"（{section.basis}）" if section.basis else "")


def blank_check(section_id: str) -> str:
    """Return the key of a section's line about blanks in 自查."""
    return f"blank.{section_id}"


def number_check(section_id: str) -> str:
    """Return the key of a section's line about cells without a proper number in 自查."""
    return f"number.{section_id}"


def text_check(section_id: str) -> str:
    """Return the key of a line in 自查 about the text of a section."""
    return f"_text.{section_id}"


def _table_sheet(form: Form, section: Section) -> TableSheet:
    width = len(section.widths)
    boxes: list[Box] = []
    labels: list[Box] = []
    marks: dict[str, Position] = {}
    top = TOP_ROW
    side = _side_columns(form, section, width)
    for table, grid in zip(section.tables, section_grids(section), strict=True):
        shifted = [replace(box, row=box.row + top) for box in grid.boxes]
        cells = {box.cell: (box.row, box.column) for box in shifted if box.cell}
        boxes += shifted
        labels += [
            Box(top, column, grid.head, 1, "header", "勾稽自查")
            for relation, column in side.items()
            if any(case.relation.id == relation and case.relation.table == table.id for case in form.cases)
        ]
        top += grid.height
        for relation in _under(form, table):
            cases = [case for case in form.cases if case.relation.id == relation]
            depth = label_depth(table)
            if depth:
                labels.append(Box(top, 0, 1, depth, "label", f"自查：{cases[0].relation.sentence}"))
            for case in cases:
                marks[case.id] = (top, cells[case.cells[0]][1])
            top += 1
        for case in _beside(form, table):
            marks[case.id] = (cells[case.left.terms[0].cell][0], side[case.relation.id])
    for case in form.cases:
        if case.section == section.id and case.relation.per == "form":
            labels.append(Box(top, 0, 1, width - 1, "label", f"自查：{case.relation.sentence}"))
            marks[case.id] = (top, width - 1)
            top += 1
    positions = {box.cell: (box.row, box.column) for box in boxes if box.cell}
    return TableSheet(
        section=section,
        boxes=tuple(boxes),
        cells=positions,
        freeze=_freeze(section),
        choice=(CHOICE_ROW, width - 1),
        marks=marks,
        mark_labels=tuple(labels),
        last=(top - 1, width - 1 + len(side)),
    )


def _is_beside(table: Table, case: Case) -> bool:
    return case.relation.table == table.id and case.relation.per == "row" and not table.across


def _beside(form: Form, table: Table) -> list[Case]:
    return [case for case in form.cases if _is_beside(table, case)]


def _under(form: Form, table: Table) -> list[str]:
    """Return the ids of the relations (勾稽关系) that are marked under a table, each once."""
    cases = (
        case
        for case in form.cases
        if case.relation.table == table.id and case.relation.per != "form" and not _is_beside(table, case)
    )
    return _once(case.relation.id for case in cases)


def _side_columns(form: Form, section: Section, width: int) -> dict[str, int]:
    """Return the column beside the tables for each relation that is marked per row."""
    relations = _once(case.relation.id for table in section.tables for case in _beside(form, table))
    return {relation: width + index for index, relation in enumerate(relations)}


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _freeze(section: Section) -> Position:
    """Return where to freeze the sheet. With one table, its head and labels stay in view; with several, only the
    sheet's head."""
    if len(section.tables) > 1:
        return TOP_ROW, 0
    table = section.tables[0]
    return TOP_ROW + section_grids(section)[0].head, label_depth(table)
