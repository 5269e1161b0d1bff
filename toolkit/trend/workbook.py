"""趋势.xlsx: a trend as an Excel workbook with live totals, changes and charts, so that a clerk may correct a number.

This module writes the sheets of the sections; `toolkit.trend.overview` writes the first sheet, `toolkit.trend.texts`
the last.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO

from xlsxwriter.worksheet import Worksheet

from toolkit.characters import display_width
from toolkit.excel.addresses import address
from toolkit.excel.list_tables import ROW_HEIGHT_LIMIT, TableBook, shown
from toolkit.excel.output_mark import mark_properties
from toolkit.excel.styles import LINE_HEIGHT, done, lines_needed, set_paper
from toolkit.submission.changes import percent_text
from toolkit.submission.spelling import number_text
from toolkit.trend.formats import (
    LESS_FILL,
    MORE_FILL,
    PERCENT,
    TrendFormats,
    cell_number,
    change_format,
    decimals_of,
    number_length,
    plain_format,
)
from toolkit.trend.model import Trend, TrendBlock, TrendLine
from toolkit.trend.overview import write_overview
from toolkit.trend.plan import FIRST_ROW, FIRST_YEAR, HEAD_ROW, OVERVIEW, TEXTS, SheetPlan, TextRow, TrendPlan
from toolkit.trend.texts import write_texts

NAME_WIDTHS = ((16.0, 46.0), (12.0, 30.0))
"""Least and greatest width of the columns with row names and with column names."""
YEAR_WIDTH, CHANGE_WIDTH, WIDEST = 10.0, 9.0, 26.0
"""Widths of the columns of numbers; longer texts wrap."""
PAGE_WIDTH = 240
"""Half-width characters that can still be read on one landscape page."""
PART_WIDTH, PART_SCALE = 200, 50
"""Characters on each page if there are several, and the print scale in percent at which they certainly fit."""
BIG = 0.5
"""A change by more than this share is coloured."""
NOTE = (
    "增减为该年数减上一年数，上一年数不大于 0 的不计幅度；幅度超过 50% 的着色（增橙减蓝）；灰格：当年的格式没有这一项。"
)
FOLDS = "左上角的 1、2 收起和展开明细。"


def trend_workbook(trend: Trend) -> bytes:
    """Return the workbook as the bytes of an .xlsx file."""
    target = BytesIO()
    book = (tables := TableBook(target)).book
    # A fixed date, so that the same reports give the same file.
    book.set_properties({"created": datetime(2000, 1, 1), **mark_properties("trend")})
    formats, plan = TrendFormats(tables), TrendPlan(trend)
    overview = book.add_worksheet(OVERVIEW)
    for sheet in plan.sheets:
        _SectionSheet(book.add_worksheet(sheet.name), sheet, plan, formats).write()
    write_texts(book.add_worksheet(TEXTS), trend, formats)
    write_overview(book, overview, plan, formats)
    book.close()
    return target.getvalue()


class _SectionSheet:
    """Writes the sheet of one section."""

    def __init__(self, sheet: Worksheet, sheet_plan: SheetPlan, plan: TrendPlan, formats: TrendFormats) -> None:
        self.sheet, self.sheet_plan, self.plan, self.formats = sheet, sheet_plan, plan, formats
        self.years, self.pairs = plan.trend.years, plan.trend.pairs
        self.last_column = plan.change_column(self.years[-1]) + 1
        names = ([line.row for line in sheet_plan.lines], [line.column for line in sheet_plan.lines])
        self.name_widths = [
            min(max([least, *(display_width(text) + 2.0 for text in texts)]), most)
            for (least, most), texts in zip(NAME_WIDTHS, names, strict=True)
        ]

    def write(self) -> None:
        """Write the sheet."""
        folded = {id(line) for block in self.sheet_plan.page.blocks for line in _under_totals(block)}
        self._head()
        self._note(NOTE + FOLDS if folded else NOTE, sum(self._columns()))
        above = ""
        for number, row in enumerate(self.sheet_plan.rows, FIRST_ROW):
            if isinstance(row, TextRow):
                self._band(number, row)
                above = ""
            else:
                self._height(number, row, id(row) in folded)
                self._line(number, row, is_repeated=row.row == above)
                above = row.row
        self._finish(FIRST_ROW + len(self.sheet_plan.rows) - 1)

    def _head(self) -> None:
        sheet = self.sheet
        done(sheet.set_row(0, 30))
        done(
            sheet.write_string(
                0, 0, shown(f"{self.plan.trend.agency}　{self.sheet_plan.page.title}"), self.formats.title
            )
        )
        for column, name in enumerate(["项目", "栏目", *(f"{year} 年" for year in self.years)]):
            self._merged_head((HEAD_ROW, column, HEAD_ROW + 1, column), name)
        for last, this in self.pairs:
            column = self.plan.change_column(this)
            self._merged_head((HEAD_ROW, column, HEAD_ROW, column + 1), f"{this} 年比 {last} 年")
            for offset, name in enumerate(("增减", "幅度")):
                done(sheet.write_string(HEAD_ROW + 1, column + offset, name, self.formats.header))

    def _merged_head(self, box: tuple[int, int, int, int], text: str) -> None:
        done(self.sheet.merge_range(*box, "", self.formats.header))
        done(self.sheet.write_string(box[0], box[1], text, self.formats.header))

    def _note(self, text: str, width: float) -> None:
        """Write the note under the title, no wider than the table: a wider one makes the print smaller."""
        done(self.sheet.merge_range(1, 0, 1, self.last_column, "", self.formats.explanation))
        done(self.sheet.write_string(1, 0, text, self.formats.explanation))
        done(self.sheet.set_row(1, LINE_HEIGHT * lines_needed(text, width) + 3))

    def _columns(self) -> list[float]:
        """Set the widths of the columns and the page breaks. Return the widths."""
        changes = [width for pair in self.pairs for width in self._change_widths(pair)]
        widths = [*self.name_widths, *map(self._year_width, self.years), *changes]
        for column, width in enumerate(widths):
            done(self.sheet.set_column(column, column, width))
        if sum(widths) <= PAGE_WIDTH:
            self.sheet.fit_to_pages(1, 0)
        else:
            self.sheet.repeat_columns(0, FIRST_YEAR - 1)
            self.sheet.set_print_scale(PART_SCALE)
            self.sheet.set_v_pagebreaks(self._breaks(widths))
        return widths

    def _breaks(self, widths: Sequence[float]) -> list[int]:
        """Return the columns before which a new page begins; an amount and its percent stay together."""
        breaks: list[int] = []
        used = names = sum(widths[:FIRST_YEAR])
        starts = [*map(self.plan.column, self.years), *(self.plan.change_column(this) for _, this in self.pairs)]
        for first, after in zip(starts, [*starts[1:], len(widths)], strict=True):
            width = sum(widths[first:after])
            if used + width > PART_WIDTH and used > names:
                breaks.append(first)
                used = names
            used += width
        return breaks

    def _year_width(self, year: int) -> float:
        """Return the width for the longest number of a year; long texts wrap."""
        lengths = []
        for line in self.sheet_plan.lines:
            value = line.values.get(year)
            if isinstance(value, str):
                lengths.append(display_width(shown(value)))
            elif value is not None:
                lengths.append(number_length(value, _decimals(line)))
        return _width(YEAR_WIDTH, lengths)

    def _change_widths(self, pair: tuple[int, int]) -> tuple[float, float]:
        changes = [(line, change) for line in self.sheet_plan.lines if (change := line.change(*pair))]
        amounts = (number_length(one.amount, _decimals(line)) + 1 for line, one in changes if one.amount is not None)
        return _width(CHANGE_WIDTH, amounts), _width(
            CHANGE_WIDTH, (len(percent_text(one.percent)) for _, one in changes)
        )

    def _height(self, number: int, line: TrendLine, folded: bool) -> None:
        """Set the height of a row for texts that wrap. Rows that a total sums up can be folded away."""
        texts = [shown(value) for value in line.values.values() if isinstance(value, str)]
        names = map(lines_needed, (line.row, line.column), self.name_widths)
        lines = max(*names, *(lines_needed(text, WIDEST) for text in texts))
        height = min(LINE_HEIGHT * lines + 3, ROW_HEIGHT_LIMIT)
        done(self.sheet.set_row(number, height, None, {"level": 1} if folded else {}))

    def _band(self, number: int, band: TextRow) -> None:
        cell_format = self.formats.edition if band.edition else self.formats.band
        for column in range(self.last_column + 1):
            done(self.sheet.write_blank(number, column, None, cell_format))
        done(self.sheet.write_string(number, 0, band.text, cell_format))
        done(self.sheet.set_row(number, LINE_HEIGHT + 5))

    def _line(self, number: int, line: TrendLine, is_repeated: bool) -> None:
        done(self.sheet.write_string(number, 0, line.row, self.formats.label(line.is_total, is_repeated)))
        done(self.sheet.write_string(number, 1, line.column, self.formats.label(line.is_total, False)))
        decimals = _decimals(line)
        for year in self.years:
            self._value(number, line, year, decimals)
        for pair in self.pairs:
            self._change(number, line, pair, decimals)

    def _value(self, row: int, line: TrendLine, year: int, decimals: int) -> None:
        """Write a value. A total is a formula; a number that a spreadsheet would not keep exactly is written as
        text."""
        sheet, formats, column = self.sheet, self.formats, self.plan.column(year)
        cell_format = formats.number(plain_format(decimals), line.is_total) if line.kind.is_number else formats.text
        text = formats.no_number if line.kind.is_number else formats.text
        value = line.values.get(year)
        if year not in line.values:
            done(sheet.write_blank(row, column, None, formats.absent))
        elif value is None:
            done(sheet.write_blank(row, column, None, cell_format))
        elif isinstance(value, str):
            done(sheet.write_string(row, column, shown(value), text))
        elif (kept := cell_number(value)) is None:
            done(sheet.write_string(row, column, number_text(value), text))
        elif formula := self.plan.sum_formula(year, line.parts[year], self.sheet_plan.name):
            done(sheet.write_formula(row, column, formula, cell_format, kept))
        else:
            done(sheet.write_number(row, column, kept, cell_format))

    def _change(self, row: int, line: TrendLine, pair: tuple[int, int], decimals: int) -> None:
        """Write the change and its percent as formulas; they are empty while one of the two years has no number."""
        column, formats = self.plan.change_column(pair[1]), self.formats
        change = line.change(*pair)
        if change is None:
            done(self.sheet.write_blank(row, column, None, formats.absent))
            done(self.sheet.write_blank(row, column + 1, None, formats.absent))
            return
        last, this = (address(row, self.plan.column(year)) for year in pair)
        counted = all(cell_number(line.number(year)) is not None for year in pair)
        amount = float(change.amount) if counted and change.amount is not None else ""
        percent = float(change.percent / 100) if counted and change.percent is not None else ""
        difference = f"ROUND({this}-{last},{decimals})" if decimals else f"{this}-{last}"
        both = f"COUNT({last},{this})=2"
        for offset, formula, number_format, value in (
            (0, f'=IF({both},{difference},"")', change_format(decimals), amount),
            (1, f'=IF({both},IF({last}>0,ROUND(({this}-{last})/{last},3),""),"")', PERCENT, percent),
        ):
            cell_format = formats.number(number_format, line.is_total)
            done(self.sheet.write_formula(row, column + offset, formula, cell_format, value))

    def _finish(self, last_row: int) -> None:
        """Set colours, filters, frozen rows and paper."""
        sheet, last_row = self.sheet, max(last_row, FIRST_ROW)
        for _, this in self.pairs:
            column = self.plan.change_column(this) + 1
            cell = address(FIRST_ROW, column)
            for test, fill in ((f"{cell}>{BIG}", MORE_FILL), (f"{cell}<-{BIG}", LESS_FILL)):
                rule = {
                    "type": "formula",
                    "criteria": f"=AND(ISNUMBER({cell}),{test})",
                    "format": self.formats.fill(fill),
                }
                done(sheet.conditional_format(FIRST_ROW, column, last_row, column, rule))
        sheet.freeze_panes(FIRST_ROW, FIRST_YEAR)
        done(sheet.autofilter(HEAD_ROW + 1, 0, last_row, self.last_column))
        sheet.repeat_rows(HEAD_ROW, HEAD_ROW + 1)
        set_paper(sheet, landscape=True)


def _decimals(line: TrendLine) -> int:
    """Return the decimals of a line: the most that any of its years has."""
    return decimals_of([number for year in line.values if (number := line.number(year)) is not None])


def _width(least: float, lengths: Iterable[int]) -> float:
    """Return the width of a column for texts of these lengths."""
    return min(max([least, *(length + 2.0 for length in lengths)]), WIDEST)


def _under_totals(block: TrendBlock) -> Iterator[TrendLine]:
    """Yield the lines of a table that a total of their row sums up."""
    totalled = {line.row for line in block.lines if line.is_total}
    return (line for line in block.lines if line.row in totalled and not line.is_total)
