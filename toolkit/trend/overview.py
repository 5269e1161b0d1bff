"""The sheet 总览 of the trend workbook: the years, remarks on the numbers, and the form's charts over the years."""

from collections.abc import Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from toolkit.excel.list_tables import shown
from toolkit.excel.styles import LINE_HEIGHT, done, lines_needed, set_paper
from toolkit.forms.model import Number
from toolkit.submission.spelling import number_text
from toolkit.trend.formats import PALETTE, TrendFormats, cell_number, decimals_of, plain_format
from toolkit.trend.plan import OVERVIEW, TrendPlan
from toolkit.trend.years import ChartLines, PointLine

NAME_WIDTH, YEAR_WIDTH = 24.0, 11.0
COLUMNS = 9
"""Least number of columns beside the names; there is at least one for each year."""
CHART_HEIGHT, CHART_GAP = 290, 12
ROW_PIXELS, CHARACTER_PIXELS, COLUMN_PIXELS = 20, 7, 5
"""Pixels: height of a row, width of a character, and what a column has besides its characters."""
WHOLE_STEPS = 5
"""A value axis up to here counts by whole numbers; programs would take halves."""
REMARKS_SHOWN = 30
PAGE_ROWS = 70
"""Rows that can still be read on one printed page."""
NOTE = "各表里的数可以改正，总计、增减和本页的图随之更新。内部使用，公开前请核对。"


def write_overview(book: Workbook, sheet: Worksheet, plan: TrendPlan, formats: TrendFormats) -> None:
    """Write the sheet; its numbers are formulas that refer to the other sheets."""
    trend = plan.trend
    page = _Overview(book, sheet, plan, formats)
    page.head()
    page.remarks()
    for chart in trend.charts:
        page.chart(chart)
    set_paper(sheet)
    sheet.fit_to_pages(1, 1 if page.row <= PAGE_ROWS else 0)
    sheet.hide_gridlines(2)


class _Overview:
    """Writes the sheet from the top; `row` is the next free row."""

    def __init__(self, book: Workbook, sheet: Worksheet, plan: TrendPlan, formats: TrendFormats) -> None:
        self.book, self.sheet, self.plan, self.formats, self.trend = book, sheet, plan, formats, plan.trend
        self.last_column = max(COLUMNS, len(self.trend.years))
        self.width = NAME_WIDTH + YEAR_WIDTH * self.last_column
        pixels = self.width * CHARACTER_PIXELS + COLUMN_PIXELS * (self.last_column + 1)
        self.chart_width = int(pixels - CHART_GAP) // 2
        self.row = 0

    def head(self) -> None:
        """Write the title and a table of the years."""
        sheet, years = self.sheet, self.trend.years
        done(sheet.set_column(0, 0, NAME_WIDTH))
        done(sheet.set_column(1, self.last_column, YEAR_WIDTH))
        done(sheet.set_row(0, 30))
        title = f"{self.trend.agency}历年数据对比（{years[0]}—{years[-1]} 年）"
        done(sheet.write_string(0, 0, shown(title), self.formats.title))
        done(sheet.write_string(1, 0, NOTE, self.formats.note))
        self.row = 3
        self._line_of_years(("年度", "格式", "文件"), head=True)
        names = {year: edition.name for edition in self.trend.editions for year in edition.years}
        for year in years:
            self._line_of_years((f"{year} 年", names[year], "；".join(self.trend.sources.get(year, ()))))

    def _line_of_years(self, texts: Sequence[str], head: bool = False) -> None:
        cell_format = self.formats.header if head else self.formats.text
        half = 2 + self.last_column // 2
        boxes = ((0, 0), (1, half - 1), (half, self.last_column))
        lines = 1
        for (first, last), text in zip(boxes, texts, strict=True):
            self._write(first, last, text, cell_format)
            width = YEAR_WIDTH * (last - first + 1) if first else NAME_WIDTH
            lines = max(lines, lines_needed(shown(text), width))
        done(self.sheet.set_row(self.row, LINE_HEIGHT * lines + 3))
        self.row += 1

    def _write(self, first: int, last: int, text: str, cell_format: Any) -> None:
        if last > first:
            done(self.sheet.merge_range(self.row, first, self.row, last, "", cell_format))
        done(self.sheet.write_string(self.row, first, shown(text), cell_format))

    def remarks(self) -> None:
        """Write the remarks on the numbers. If there are very many, write how many more there are."""
        remarks = list(self.trend.remarks[:REMARKS_SHOWN])
        if more := len(self.trend.remarks) - len(remarks):
            remarks.append(f"另有 {more} 条没有列出，多是数的写法不规范，请用 gknb check 查看。")
        if not remarks:
            return
        self.row += 1
        for number, remark in enumerate(remarks, 1):
            text = f"注 {number}　{remark}"
            self._write(0, self.last_column, text, self.formats.remark)
            done(self.sheet.set_row(self.row, LINE_HEIGHT * lines_needed(text, self.width) + 3))
            self.row += 1

    def chart(self, chart: ChartLines) -> None:
        """Write the numbers of a chart as a table; under it a chart of how they add up in each year and one of their
        course."""
        self.row += 1
        title = f"{chart.title}（单位：{chart.unit}）" if chart.unit else chart.title
        done(self.sheet.write_string(self.row, 0, title, self.formats.heading))
        self.row += 1
        head = self.row
        for column, name in enumerate(["项目", *(f"{year} 年" for year in self.trend.years)]):
            done(self.sheet.write_string(head, column, name, self.formats.header))
        self.row += 1
        for point in chart.points:
            self._point(point)
        numbers = [number for point in chart.points for number in point.numbers.values()]
        if not any(numbers):
            done(self.sheet.write_string(self.row, 0, "各项都是 0 或没有填，不作图。", self.formats.note))
            self.row += 1
            return
        self._draw(chart, head, numbers)
        self.row += -(-CHART_HEIGHT // ROW_PIXELS) + 1

    def _point(self, point: PointLine) -> None:
        done(self.sheet.write_string(self.row, 0, point.name, self.formats.label(False, False)))
        cell_format = self.formats.number(plain_format(decimals_of(list(point.numbers.values()))))
        for column, year in enumerate(self.trend.years, 1):
            number = point.numbers.get(year)
            kept, formula = cell_number(number), self.plan.sum_formula(year, point.terms.get(year, ()))
            if number is None:
                done(self.sheet.write_blank(self.row, column, None, cell_format))
            elif kept is None:
                done(self.sheet.write_string(self.row, column, number_text(number), self.formats.no_number))
            elif formula:
                done(self.sheet.write_formula(self.row, column, formula, cell_format, kept))
            else:
                done(self.sheet.write_number(self.row, column, kept, cell_format))
        self.row += 1

    def _draw(self, chart: ChartLines, head: int, numbers: Sequence[Number]) -> None:
        """Draw columns (stacked if no number is negative), and beside them a line for each point."""
        adds_up = all(number >= 0 for number in numbers)
        columns = {"type": "column", "subtype": "stacked"} if adds_up else {"type": "column"}
        by_year = [sum(float(point.numbers.get(year, 0)) for point in chart.points) for year in self.trend.years]
        highest = float(max(numbers))
        self._put(columns, f"{chart.title}：各年构成", chart, head, max(by_year) if adds_up else highest, 0)
        self._put({"type": "line"}, f"{chart.title}：走势", chart, head, highest, self.chart_width + CHART_GAP)

    def _put(self, kind: dict[str, str], title: str, chart: ChartLines, head: int, highest: float, left: int) -> None:
        drawn: Any = self.book.add_chart(kind)
        for number in range(len(chart.points)):
            drawn.add_series(self._series(head, number, kind["type"]))
        drawn.set_title({"name": _title(title), "name_font": {"size": 12, "bold": False}, "overlay": False})
        drawn.set_legend({"position": "bottom", "font": {"size": 9}})
        drawn.set_x_axis({"num_font": {"size": 9}, "label_position": "low"})
        grid = {"visible": True, "line": {"color": "#D9D9D9"}}
        least = {} if any(number < 0 for point in chart.points for number in point.numbers.values()) else {"min": 0}
        steps = {"major_unit": 1} if 1 <= highest <= WHOLE_STEPS else {}
        drawn.set_y_axis({"num_font": {"size": 9}, "num_format": "General", "major_gridlines": grid, **least, **steps})
        drawn.show_blanks_as("gap")
        drawn.set_size({"width": self.chart_width, "height": CHART_HEIGHT})
        place = {"x_offset": left, "y_offset": 8, "description": f"{title}（数见上表）"}
        done(self.sheet.insert_chart(self.row, 0, drawn, place))

    def _series(self, head: int, number: int, kind: str) -> dict[str, Any]:
        row, last, colour = head + 1 + number, len(self.trend.years), PALETTE[number % len(PALETTE)]
        style: dict[str, Any] = {"fill": {"color": colour}, "gap": 60}
        if kind == "line":
            dot = {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
            style = {"line": {"color": colour, "width": 2}, "marker": dot}
        return {
            "name": [OVERVIEW, row, 0],
            "categories": [OVERVIEW, head, 1, head, last],
            "values": [OVERVIEW, row, 1, row, last],
            **style,
        }


def _title(text: str) -> str:
    """Return a title that XlsxWriter does not take for a reference to a cell."""
    return f" {text}" if text.startswith("=") else text
