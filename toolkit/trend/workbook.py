"""趋势.xlsx: a trend as an Excel workbook that goes on counting: totals, changes and charts are live, so that a clerk
may correct a number.

This module owns the sheets of the sections; `toolkit.trend.overview` the first sheet, `toolkit.trend.texts` the last.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO

from xlsxwriter.worksheet import Worksheet

from toolkit.characters import display_width
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
from toolkit.trend.overview import write_overview
from toolkit.trend.plan import FIRST_ROW, FIRST_YEAR, HEAD_ROW, OVERVIEW, TEXTS, SheetPlan, TextRow, TrendPlan
from toolkit.trend.texts import write_texts
from toolkit.trend.years import Block, Trend, TrendLine
from toolkit.workbook.layout import address

NAME_WIDTHS = ((16.0, 46.0), (12.0, 30.0))
"""How wide the columns of row and column names are, at least and at most."""
YEAR_WIDTH, CHANGE_WIDTH, WIDEST = 10.0, 9.0, 26.0
"""Of the columns of numbers; texts there wrap."""
PAGE_WIDTH = 240
"""Half-width characters that can still be read on a landscape page."""
PART_WIDTH, PART_SCALE = 200, 50
"""The same on each of several pages, and the scale in percent at which so much surely has room."""
BIG = 0.5
"""A change by more than this share is coloured."""
NOTE = (
    "增减为该年数减上一年数，上一年数不大于 0 的不计幅度；幅度超过 50% 的着色（增橙减蓝）；灰格：当年的格式没有这一项。"
)
FOLDS = "左上角的 1、2 收起和展开明细。"


def trend_workbook(trend: Trend) -> bytes:
    """The workbook, as the bytes of an .xlsx file."""
    target = BytesIO()
    book = (tables := TableBook(target)).book
    # A day that does not change: the same reports give the same file.
    book.set_properties({"created": datetime(2000, 1, 1), **mark_properties("trend")})
    looks, plan = TrendFormats(tables), TrendPlan(trend)
    overview = book.add_worksheet(OVERVIEW)
    for sheet in plan.sheets:
        _SectionSheet(book.add_worksheet(sheet.name), sheet, plan, looks).write()
    write_texts(book.add_worksheet(TEXTS), trend, looks)
    write_overview(book, overview, plan, looks)
    book.close()
    return target.getvalue()


class _SectionSheet:
    """Writes one section's sheet."""

    def __init__(self, sheet: Worksheet, mine: SheetPlan, plan: TrendPlan, looks: TrendFormats) -> None:
        self.sheet, self.mine, self.plan, self.looks = sheet, mine, plan, looks
        self.years, self.pairs = plan.trend.years, plan.trend.pairs
        self.last_column = plan.change_column(self.years[-1]) + 1
        names = ([line.row for line in mine.lines], [line.column for line in mine.lines])
        self.name_widths = [
            min(max([least, *(display_width(text) + 2.0 for text in texts)]), most)
            for (least, most), texts in zip(NAME_WIDTHS, names, strict=True)
        ]

    def write(self) -> None:
        folded = {id(line) for block in self.mine.page.blocks for line in _under_totals(block)}
        self._head()
        self._note(NOTE + FOLDS if folded else NOTE, sum(self._columns()))
        above = ""
        for number, row in enumerate(self.mine.rows, FIRST_ROW):
            if isinstance(row, TextRow):
                self._band(number, row)
                above = ""
            else:
                self._height(number, row, id(row) in folded)
                self._line(number, row, again=row.row == above)
                above = row.row
        self._finish(FIRST_ROW + len(self.mine.rows) - 1)

    def _head(self) -> None:
        sheet = self.sheet
        done(sheet.set_row(0, 30))
        done(sheet.write_string(0, 0, shown(f"{self.plan.trend.agency}　{self.mine.page.title}"), self.looks.title))
        for column, name in enumerate(["项目", "栏目", *(f"{year} 年" for year in self.years)]):
            self._merged_head((HEAD_ROW, column, HEAD_ROW + 1, column), name)
        for last, this in self.pairs:
            column = self.plan.change_column(this)
            self._merged_head((HEAD_ROW, column, HEAD_ROW, column + 1), f"{this} 年比 {last} 年")
            for offset, name in enumerate(("增减", "幅度")):
                done(sheet.write_string(HEAD_ROW + 1, column + offset, name, self.looks.header))

    def _merged_head(self, box: tuple[int, int, int, int], text: str) -> None:
        done(self.sheet.merge_range(*box, "", self.looks.header))
        done(self.sheet.write_string(box[0], box[1], text, self.looks.header))

    def _note(self, text: str, width: float) -> None:
        """Under the title, no wider than the table: what is wider makes the print smaller."""
        done(self.sheet.merge_range(1, 0, 1, self.last_column, "", self.looks.small))
        done(self.sheet.write_string(1, 0, text, self.looks.small))
        done(self.sheet.set_row(1, LINE_HEIGHT * lines_needed(text, width) + 3))

    def _columns(self) -> list[float]:
        """Set how wide the columns are, and how they go on pages."""
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
        """Before which columns a new page begins, so that an amount and its percent stay together."""
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
        """Room for the longest number of a year as it is shown; long texts wrap."""
        lengths = []
        for line in self.mine.lines:
            value = line.values.get(year)
            if isinstance(value, str):
                lengths.append(display_width(shown(value)))
            elif value is not None:
                lengths.append(number_length(value, _decimals(line)))
        return _width(YEAR_WIDTH, lengths)

    def _change_widths(self, pair: tuple[int, int]) -> tuple[float, float]:
        changes = [(line, change) for line in self.mine.lines if (change := line.change(*pair))]
        amounts = (number_length(one.amount, _decimals(line)) + 1 for line, one in changes if one.amount is not None)
        return _width(CHANGE_WIDTH, amounts), _width(
            CHANGE_WIDTH, (len(percent_text(one.percent)) for _, one in changes)
        )

    def _height(self, number: int, line: TrendLine, folded: bool) -> None:
        """Room for what wraps; what a total is the sum of can be folded away."""
        texts = [shown(value) for value in line.values.values() if isinstance(value, str)]
        names = map(lines_needed, (line.row, line.column), self.name_widths)
        lines = max(*names, *(lines_needed(text, WIDEST) for text in texts))
        height = min(LINE_HEIGHT * lines + 3, ROW_HEIGHT_LIMIT)
        done(self.sheet.set_row(number, height, None, {"level": 1} if folded else {}))

    def _band(self, number: int, band: TextRow) -> None:
        look = self.looks.edition if band.edition else self.looks.band
        for column in range(self.last_column + 1):
            done(self.sheet.write_blank(number, column, None, look))
        done(self.sheet.write_string(number, 0, band.text, look))
        done(self.sheet.set_row(number, LINE_HEIGHT + 5))

    def _line(self, number: int, line: TrendLine, again: bool) -> None:
        done(self.sheet.write_string(number, 0, line.row, self.looks.label(line.leads, again)))
        done(self.sheet.write_string(number, 1, line.column, self.looks.label(line.leads, False)))
        decimals = _decimals(line)
        for year in self.years:
            self._value(number, line, year, decimals)
        for pair in self.pairs:
            self._change(number, line, pair, decimals)

    def _value(self, row: int, line: TrendLine, year: int, decimals: int) -> None:
        """A number, live where it is a total; what a spreadsheet would not keep whole stays a text."""
        sheet, looks, column = self.sheet, self.looks, self.plan.column(year)
        look = looks.number(plain_format(decimals), line.leads) if line.kind.is_number else looks.text
        text = looks.no_number if line.kind.is_number else looks.text
        value = line.values.get(year)
        if year not in line.values:
            done(sheet.write_blank(row, column, None, looks.absent))
        elif value is None:
            done(sheet.write_blank(row, column, None, look))
        elif isinstance(value, str):
            done(sheet.write_string(row, column, shown(value), text))
        elif (kept := cell_number(value)) is None:
            done(sheet.write_string(row, column, number_text(value), text))
        elif formula := self.plan.sum_formula(year, line.parts[year], self.mine.name):
            done(sheet.write_formula(row, column, formula, look, kept))
        else:
            done(sheet.write_number(row, column, kept, look))

    def _change(self, row: int, line: TrendLine, pair: tuple[int, int], decimals: int) -> None:
        """The amount and the percent, live; empty while one of the two years has no number."""
        column, looks = self.plan.change_column(pair[1]), self.looks
        change = line.change(*pair)
        if change is None:
            done(self.sheet.write_blank(row, column, None, looks.absent))
            done(self.sheet.write_blank(row, column + 1, None, looks.absent))
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
            look = looks.number(number_format, line.leads)
            done(self.sheet.write_formula(row, column + offset, formula, look, value))

    def _finish(self, last_row: int) -> None:
        """Colours, filters, and how it goes on screen and paper."""
        sheet, last_row = self.sheet, max(last_row, FIRST_ROW)
        for _, this in self.pairs:
            column = self.plan.change_column(this) + 1
            cell = address(FIRST_ROW, column)
            for test, fill in ((f"{cell}>{BIG}", MORE_FILL), (f"{cell}<-{BIG}", LESS_FILL)):
                rule = {
                    "type": "formula",
                    "criteria": f"=AND(ISNUMBER({cell}),{test})",
                    "format": self.looks.fill(fill),
                }
                done(sheet.conditional_format(FIRST_ROW, column, last_row, column, rule))
        sheet.freeze_panes(FIRST_ROW, FIRST_YEAR)
        done(sheet.autofilter(HEAD_ROW + 1, 0, last_row, self.last_column))
        sheet.repeat_rows(HEAD_ROW, HEAD_ROW + 1)
        set_paper(sheet, landscape=True)


def _decimals(line: TrendLine) -> int:
    """The decimals of a line: as many as any of its years has."""
    return decimals_of([number for year in line.values if (number := line.number(year)) is not None])


def _width(least: float, lengths: Iterable[int]) -> float:
    return min(max([least, *(length + 2.0 for length in lengths)]), WIDEST)


def _under_totals(block: Block) -> Iterator[TrendLine]:
    """The lines of a table that a total of their row sums up."""
    totalled = {line.row for line in block.lines if line.leads}
    return (line for line in block.lines if line.row in totalled and not line.leads)
