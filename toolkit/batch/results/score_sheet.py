"""The sheet 考评 of 校验结果.xlsx: the score of each agency, and each deduction with its reason. Deductions can be
changed by hand: the score is a formula."""

from collections.abc import Sequence
from decimal import Decimal

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from toolkit.batch.checked_batch import Batch
from toolkit.batch.filing_status import Standing
from toolkit.batch.scores import Score, Scoring, plain_number
from toolkit.batch.scoring_scheme import ScoringItem
from toolkit.characters import display_width
from toolkit.excel.list_tables import HEADER_ROW, KEPT_ROWS, ROW_HEIGHT_LIMIT, Column, TableBook
from toolkit.excel.styles import LINE_HEIGHT, done, lines_needed

SHEET = "考评"
UNDECIDED = "报了几份，分不出先后，没有计分"
_HEAD = (Column("机关", 32), Column("分组", 14), Column("报送情况", 11), Column("得分", 8), Column("扣分合计", 10))
_REASON = Column("扣分的理由", 72, True)
_POINTS, _SUM = 3, 4
"""The columns of the score and of the sum of the deductions; those of the deductions follow."""


def write_scores(tables: TableBook, batch: Batch) -> None:
    """Add the sheet, if the batch is scored."""
    if batch.scoring is None:
        return
    items = batch.scoring.scheme.items
    columns = (*_HEAD, *map(_column, items), _REASON)
    title = batch.scoring.scheme.title or "年度报告考评"
    sheet = tables.sheet(SHEET, title, _note(batch.scoring), columns)
    lines = max(lines_needed(column.title, column.width) for column in columns)
    done(sheet.set_row(HEADER_ROW, LINE_HEIGHT * lines + 3))
    row, seen = HEADER_ROW, -1
    for line, score in batch.scores():
        if line.entry and line.entry.row != seen:
            row, seen = row + 1, line.entry.row
            _write_row(tables, sheet, row, line, score, batch.scoring)
    sheet.autofilter(HEADER_ROW, 0, max(row, HEADER_ROW + 1), len(columns) - 1)
    sheet.freeze_panes(HEADER_ROW + 1, 1)


def _column(item: ScoringItem) -> Column:
    return Column(item.name, min(max(display_width(item.name) + 3, 9), 15))


def _note(scoring: Scoring) -> str:
    scheme, day = scoring.scheme, scoring.deadline
    deadline = f"期限 {day.year}年{day.month}月{day.day}日。" if day else ""
    points = f"满分 {plain_number(scheme.full)}，最低 {plain_number(scheme.least)}。"
    return f"照 {scheme.source} 计分，{points}{deadline}得分由公式算出，核定时可以直接改各项扣分。"


def _write_row(
    tables: TableBook, sheet: Worksheet, row: int, line: Standing, score: Score | None, scoring: Scoring
) -> None:
    items, reason_column = scoring.scheme.items, _SUM + 1 + len(scoring.scheme.items)
    reasons = "\n".join(_in_words(score)) if score else UNDECIDED
    lines = lines_needed(reasons, _REASON.width)
    if lines > 1 and row <= KEPT_ROWS:
        done(sheet.set_row(row, min(LINE_HEIGHT * lines + 3, ROW_HEIGHT_LIMIT)))
    for column, text in enumerate((line.agency, line.group, line.state)):
        tables.write(sheet, row, column, text)
    _write_points(tables, sheet, row, score, scoring)
    lost = {deduction.name: deduction.points for deduction in score.deductions} if score else {}
    for column, item in enumerate(items, _SUM + 1):
        if item.name in lost:
            done(sheet.write_number(row, column, plain_number(lost[item.name]), tables.plain))
        else:
            done(sheet.write_blank(row, column, None, tables.plain))
    tables.write(sheet, row, reason_column, reasons, wraps=True)


def _write_points(tables: TableBook, sheet: Worksheet, row: int, score: Score | None, scoring: Scoring) -> None:
    """Write the score and the sum of the deductions as formulas with their values."""
    if score is None:
        for column in (_POINTS, _SUM):
            done(sheet.write_blank(row, column, None, tables.plain))
        return
    scheme = scoring.scheme
    first, last = (xl_rowcol_to_cell(row, column) for column in (_SUM + 1, _SUM + len(scheme.items)))
    full, least = plain_number(scheme.full), plain_number(scheme.least)
    lost = sum((deduction.points for deduction in score.deductions), Decimal(0))
    kept = f"=MAX({least},{full}-{xl_rowcol_to_cell(row, _SUM)})"
    done(sheet.write_formula(row, _POINTS, kept, tables.plain, plain_number(score.points)))
    done(sheet.write_formula(row, _SUM, f"=SUM({first}:{last})", tables.plain, plain_number(lost)))


def _in_words(score: Score) -> Sequence[str]:
    return [f"{one.name} −{plain_number(one.points)}：{one.reason}" for one in score.deductions]
