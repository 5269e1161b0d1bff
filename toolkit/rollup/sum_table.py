"""The figure sheets of 汇总表.xlsx: a row for each cell of the form, a column for each agency, sums as formulas. Rows
are written one by one and not kept in memory, so that ten thousand agencies fit.

The columns, from the left: the labels of the row, the total, the figure in the completed workbook, a sub-total for each
group, and the agencies group by group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Literal

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from toolkit.batch.results.workbook import link_to
from toolkit.excel.addresses import address, column_name
from toolkit.excel.list_tables import BORDER, ROW_HEIGHT_LIMIT, Link, TableBook, shown
from toolkit.excel.styles import (
    COMPUTED_FILL,
    FAIL_FILL,
    FAIL_FONT,
    FONT,
    HEADER_FILL,
    LINE_HEIGHT,
    NOTE_FONT,
    PASS_FONT,
    done,
    lines_needed,
    set_paper,
)
from toolkit.forms.model import Cell, Form, Number, Section
from toolkit.rollup.gathering import Gathered, Return
from toolkit.rollup.sums import Share, added, summed_cells
from toolkit.submission.model import Submission
from toolkit.workbook.formulas import rectangles

VERDICT_ROW, NOTE_ROW, GROUP_ROW, HEAD, FIRST_ROW = 1, 2, 3, 4, 5
LABELS = (("项目", 53.0), ("栏目", 23.0), ("单位", 6.0))
TOTAL, STATED = len(LABELS), len(LABELS) + 1
"""The columns of the total, and of the figure in the completed workbook."""
FIRST_SUM = STATED + 1
WIDTH = 13.0
"""Width of a column of figures."""
TOTAL_FILL, SUM_FILL = "#DDEBF7", "#F1F6FB"
ROW_BORDER = "#595959"
"""Colour of the line above the first cell of each row of the form."""
LINK_FONT = "#0563C1"
NO_GROUP = "（未分组）"
PRINT_SCALE = 65
LABELS_SHOWN = 2
"""Number of row labels that are shown, the innermost ones."""
MAX_DECIMALS = 15
"""Decimals; a spreadsheet keeps no more digits."""
ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE = "0.0000005", "0.000000000001"
"""Tolerance for a total, because a spreadsheet counts in binary: an absolute part, and a part relative to the
figure."""
HOLDS, FAILS = "√ 合计与填报表相符", "× 合计与填报表不符，见标红的格"

BOXED: Mapping[str, Any] = {"border": 1, "border_color": BORDER}
RowRole = Literal["label", "figure", "total", "stated", "sum"]
_FILLS: Mapping[RowRole, str] = {"total": TOTAL_FILL, "sum": SUM_FILL}


@dataclass(frozen=True)
class SumTablePlan:
    """The layout that all sheets share: the column of each agency, the row of each cell, and every figure. Links start
    from `folder`."""

    gathered: Gathered
    total: Submission
    folder: Path

    @property
    def form(self) -> Form:
        """Return the form of the sum."""
        return self.total.form

    @cached_property
    def shares(self) -> list[Share]:
        """The shares of the agencies, in the order of their columns."""
        return self.gathered.shares

    @cached_property
    def groups(self) -> list[tuple[str, list[Return]]]:
        """The groups that get a sub-total; none if there is only one group."""
        groups = self.gathered.groups()
        return groups if len(groups) > 1 else []

    @cached_property
    def first(self) -> int:
        """The column of the first agency."""
        return FIRST_SUM + len(self.groups)

    @property
    def last(self) -> int:
        """Return the last column."""
        return self.first + len(self.gathered.counted) - 1

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """The first and the last column of each group."""
        ends = accumulate((len(members) for _, members in self.groups), initial=self.first)
        return [(first, end - 1) for first, end in pairwise(ends)]

    @cached_property
    def rows(self) -> Mapping[str, tuple[str, int]]:
        """The section and the row of each cell."""
        return {
            cell.id: (section.id, row)
            for section in self.form.table_sections
            for row, cell in enumerate(self.cells(section), FIRST_ROW)
        }

    def cells(self, section: Section) -> list[Cell]:
        """Return the cells of a section, one for each row of its sheet."""
        return [cell for cell in self.form.cells.values() if cell.section == section.id]

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """The position of each cell's figure in a share."""
        return {cell.id: place for place, cell in enumerate(summed_cells(self.form))}

    def figures(self, cell: Cell) -> list[Number | None]:
        """Return what each agency adds to a cell; totals are computed."""
        if not cell.computed:
            place = self._places[cell.id]
            return [share.figures[place] for share in self.shares]
        terms = [(term.sign, self._places[term.cell]) for term in cell.parts]
        return [_total(share, terms) for share in self.shares]

    def ranges(self, cell: Cell) -> list[tuple[str, int, int]]:
        """Return the ranges of a total's formula, without the column: sign and sheet, first and last row."""
        by_sheet: dict[tuple[int, str], list[int]] = {}
        for term in cell.parts:
            section, row = self.rows[term.cell]
            by_sheet.setdefault((term.sign, section), []).append(row)
        found = []
        for (sign, section), rows in by_sheet.items():
            prefix = "" if section == cell.section else f"'{section}'!"
            found += [
                (f"{'+' if sign > 0 else '-'}{prefix}", first, last)
                for first, _, last, _ in rectangles((row, 0) for row in rows)
            ]
        return found


def _total(share: Share, terms: Sequence[tuple[int, int]]) -> Number:
    signed = ((sign, share.figures[place]) for sign, place in terms)
    return added(figure if sign > 0 or figure is None else -figure for sign, figure in signed) or 0


class SumSheet:
    """The sheet of one table section."""

    def __init__(self, tables: TableBook, plan: SumTablePlan, section: Section) -> None:
        self._book, self._plan, self._section = tables.book, plan, section
        self._sheet: Worksheet = tables.book.add_worksheet(section.id)
        self._cells = plan.cells(section)
        self._title, self._note = tables.title, tables.note
        self._formats: dict[tuple[object, ...], Format] = {}

    def write(self) -> None:
        """Write the sheet, from the top down."""
        self._set_page()
        self._write_head()
        self._write_groups()
        self._write_names()
        before = None
        for row, cell in enumerate(self._cells, FIRST_ROW):
            self._write_row(row, cell, first=before is None or (cell.table, cell.row) != (before.table, before.row))
            before = cell
        self._mark_differences()

    def _set_page(self) -> None:
        sheet, plan = self._sheet, self._plan
        for column, (_, width) in enumerate(LABELS):
            done(sheet.set_column(column, column, width))
        done(sheet.set_column(TOTAL, plan.last, WIDTH))
        if not any(cell.kind.unit for cell in self._cells):
            done(sheet.set_column(TOTAL - 1, TOTAL - 1, None, None, {"hidden": True}))
        sheet.freeze_panes(FIRST_ROW, TOTAL + 1)
        set_paper(sheet, landscape=True)
        sheet.set_print_scale(PRINT_SCALE)
        sheet.repeat_rows(GROUP_ROW if plan.groups else HEAD, HEAD)
        sheet.repeat_columns(0, TOTAL)
        sheet.autofilter(HEAD, 0, FIRST_ROW + len(self._cells) - 1, TOTAL - 1)

    def _write_head(self) -> None:
        sheet, plan = self._sheet, self._plan
        done(sheet.set_row(0, 30))
        who = f"{plan.total.agency} {plan.total.year} 年"
        done(sheet.write_string(0, 0, shown(f"{self._section.title}　汇总表（{who}）"), self._title))
        cell_format = self._format(bold=True, font_color=PASS_FONT)
        done(sheet.write_formula(VERDICT_ROW, 0, self._verdict(), cell_format, HOLDS))
        note = (
            f"共 {len(plan.gathered.counted)} 个机关。合计、小计和灰色的行都是公式；"
            "“填报表”一列是汇总出的填报表里的数，用来核对；点机关名称打开它报送的文件；标红的机关有误，照样计入，见「来源」。"
        )
        done(sheet.write_string(NOTE_ROW, 0, note, self._note))

    def _verdict(self) -> str:
        """Return the formula that compares all totals with the figures of the completed workbook."""
        last = FIRST_ROW + len(self._cells) - 1
        total, stated = (f"{address(FIRST_ROW, column)}:{address(last, column)}" for column in (TOTAL, STATED))
        differs = f"ABS({total}-{stated})>{ABSOLUTE_TOLERANCE}+ABS({stated})*{RELATIVE_TOLERANCE}"
        return f'=IF(SUMPRODUCT(--({differs}))=0,"{HOLDS}","{FAILS}")'

    def _write_groups(self) -> None:
        """Write the names of the groups over their agencies."""
        plan, sheet = self._plan, self._sheet
        if not plan.groups:
            done(sheet.set_row(GROUP_ROW, 4))
            return
        cell_format = self._format(bold=True, align="left", bg_color=HEADER_FILL, **BOXED)
        done(sheet.set_row(GROUP_ROW, 20))
        self._write_across(GROUP_ROW, FIRST_SUM, plan.first - 1, "各组小计", cell_format)
        for (group, members), (first, last) in zip(plan.groups, plan.spans, strict=True):
            self._write_across(GROUP_ROW, first, last, f"{group or NO_GROUP}（{len(members)} 个）", cell_format)

    def _write_across(self, row: int, first: int, last: int, text: str, cell_format: Format) -> None:
        if last > first:
            done(self._sheet.merge_range(row, first, row, last, shown(text), cell_format))
        else:
            done(self._sheet.write_string(row, first, shown(text), cell_format))

    def _write_names(self) -> None:
        plan, sheet = self._plan, self._sheet
        names = [f"{one.agency}\n（有误）" if one.state == "有误" else one.agency for one in plan.gathered.counted]
        groups = [f"{group or NO_GROUP}\n小计" for group, _ in plan.groups]
        lines = max(lines_needed(name, WIDTH) for name in (*names, *groups))
        done(sheet.set_row(HEAD, min(LINE_HEIGHT * max(lines, 2) + 6, ROW_HEIGHT_LIMIT)))
        centred = self._format(bold=True, align="center", text_wrap=True, **BOXED, bg_color=HEADER_FILL)
        for column, text in enumerate((*(label for label, _ in LABELS), "合计", "填报表", *groups)):
            done(sheet.write_string(HEAD, column, shown(text), centred))
        for column, (one, name) in enumerate(zip(plan.gathered.counted, names, strict=True), plan.first):
            self._write_name(column, one, name)

    def _write_name(self, column: int, one: Return, name: str) -> None:
        link, failed = link_to(one.item, self._plan.folder, name), one.state == "有误"
        properties = {"bold": True, "align": "center", "text_wrap": True, **BOXED}
        properties |= {"bg_color": FAIL_FILL if failed else HEADER_FILL}
        properties |= {"font_color": FAIL_FONT} if failed else {}
        if isinstance(link, Link):
            cell_format = self._format(**{"font_color": LINK_FONT, **properties}, underline=1)
            if self._sheet.write_url(HEAD, column, link.target, cell_format, shown(name)) == 0:
                return  # Excel limits the number of links and their length
        done(self._sheet.write_string(HEAD, column, shown(name), self._format(**properties)))

    def _write_row(self, row: int, cell: Cell, first: bool) -> None:
        """Write the row of a cell of the form: its labels, its sums, and the figure of each agency."""
        sheet, plan = self._sheet, self._plan
        caption = next(table.caption for table in self._section.tables if table.id == cell.table)
        label = " › ".join((*filter(None, (caption,)), *cell.row.label[:-1], cell.row.short)[-LABELS_SHOWN:])
        lines = max(lines_needed(label, LABELS[0][1]), lines_needed(cell.column.short, LABELS[1][1]))
        done(sheet.set_row(row, min(LINE_HEIGHT * lines + 3, ROW_HEIGHT_LIMIT)))
        cell_format = self._cell_format("label", cell, first)
        for column, text in enumerate((label, cell.column.short, cell.kind.unit)):
            done(sheet.write_string(row, column, shown(text), cell_format))
        if cell.kind.is_number:
            figures = plan.figures(cell)
            self._write_sums(row, cell, figures, first)
            self._write_figures(row, cell, figures, first)
        else:
            self._write_others(row, cell, first)

    def _write_sums(self, row: int, cell: Cell, figures: Sequence[Number | None], first: bool) -> None:
        """Write the total, the figure in the completed workbook, and the sub-totals."""
        plan = self._plan
        digits = None if cell.kind.is_whole else _decimals(cell, figures)
        left, right = (FIRST_SUM, plan.first - 1) if plan.groups else (plan.first, plan.last)
        self._write_sum(row, TOTAL, (left, right), added(figures), digits, self._cell_format("total", cell, first))
        stated = plan.total.all_values[cell.id]
        cell_format = self._cell_format("stated", cell, first)
        if stated is None or isinstance(stated, str):
            done(self._sheet.write_blank(row, STATED, None, cell_format))
        else:
            done(self._sheet.write_number(row, STATED, float(stated), cell_format))
        cell_format = self._cell_format("sum", cell, first)
        for column, (left, right) in enumerate(plan.spans, FIRST_SUM):
            part = added(figures[left - plan.first : right - plan.first + 1])
            self._write_sum(row, column, (left, right), part, digits, cell_format)

    def _write_sum(
        self,
        row: int,
        column: int,
        span: tuple[int, int],
        value: Number | None,
        digits: int | None,
        cell_format: Format,
    ) -> None:
        formula = f"SUM({address(row, span[0])}:{address(row, span[1])})"
        formula = formula if digits is None else f"ROUND({formula},{digits})"
        done(self._sheet.write_formula(row, column, f"={formula}", cell_format, _stored(value)))

    def _write_figures(self, row: int, cell: Cell, figures: Sequence[Number | None], first: bool) -> None:
        """Write the figure of each agency. Totals are formulas; a text in place of a number stands as it was
        written."""
        sheet, cell_format = self._sheet, self._cell_format("figure", cell, first)
        ranges = self._plan.ranges(cell)
        digits = None if cell.kind.is_whole else _decimals(cell, figures)
        columns = enumerate(zip(self._plan.shares, figures, strict=True), self._plan.first)
        for column, (share, figure) in columns:
            if cell.computed:
                done(sheet.write_formula(row, column, _own_total(ranges, column, digits), cell_format, _stored(figure)))
            elif figure is not None:
                done(sheet.write_number(row, column, float(figure), cell_format))
            elif cell.id in share.misread:
                wrong = self._format(**BOXED, bg_color=FAIL_FILL, font_color=FAIL_FONT)
                done(sheet.write_string(row, column, shown(share.misread[cell.id]), wrong))
            else:
                done(sheet.write_blank(row, column, None, cell_format))

    def _write_others(self, row: int, cell: Cell, first: bool) -> None:
        """Write what each agency filled in a cell that cannot be added, without sums."""
        cell_format = self._cell_format("figure", cell, first)
        for column in range(TOTAL, self._plan.first):
            done(self._sheet.write_blank(row, column, None, cell_format))
        for column, share in enumerate(self._plan.shares, self._plan.first):
            done(self._sheet.write_string(row, column, shown(str(share.others.get(cell.id, ""))), cell_format))

    def _mark_differences(self) -> None:
        """Mark a total red if it differs from the completed workbook."""
        first, last = FIRST_ROW, FIRST_ROW + len(self._cells) - 1
        total, stated = (f"${address(first, column)}" for column in (TOTAL, STATED))
        cell_format = self._format(bg_color=FAIL_FILL, font_color=FAIL_FONT)
        differs = f"=ABS({total}-{stated})>{ABSOLUTE_TOLERANCE}+ABS({stated})*{RELATIVE_TOLERANCE}"
        done(
            self._sheet.conditional_format(
                first, TOTAL, last, STATED, {"type": "formula", "criteria": differs, "format": cell_format}
            )
        )

    def _cell_format(self, role: RowRole, cell: Cell, first: bool) -> Format:
        """Return the format of a cell of the table; the first cell of each row of the form has a line above."""
        properties: dict[str, Any] = dict(BOXED)
        properties |= {"top_color": ROW_BORDER} if first else {}
        fill = _FILLS.get(role) or (COMPUTED_FILL if cell.computed else "")
        properties |= {"bg_color": fill} if fill else {}
        properties |= {"bold": True} if role == "total" or cell.computed else {}
        properties |= {"font_color": NOTE_FONT} if role == "stated" else {}
        properties |= {"text_wrap": True} if role == "label" else {}
        return self._format(**properties)

    def _format(self, **properties: Any) -> Format:
        """Return a format; each is made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
            self._formats[key] = self._book.add_format({**base, **properties})
        return self._formats[key]


def _own_total(ranges: Sequence[tuple[str, int, int]], column: int, digits: int | None) -> str:
    """Return the formula of an agency's own total in its column."""
    name = column_name(column)
    found = dict[str, list[str]]()
    for prefix, first, last in ranges:
        where = f"{name}{first + 1}:{name}{last + 1}" if last > first else f"{name}{first + 1}"
        found.setdefault(prefix[0], []).append(prefix[1:] + where)
    plus = f"SUM({','.join(found['+'])})" if "+" in found else ""
    formula = f"{plus}-SUM({','.join(found['-'])})" if "-" in found else plus
    return f"={formula}" if digits is None else f"=ROUND({formula},{digits})"


def _stored(number: Number | None) -> int | float:
    """Return a sum as the stored value of a formula."""
    return number if isinstance(number, int) else float(number or 0)


def _decimals(cell: Cell, figures: Sequence[Number | None]) -> int:
    """Return the decimals of a sum of money. Rounded to them, a sum in binary is the exact decimal sum."""
    places = (-int(figure.as_tuple().exponent) for figure in figures if isinstance(figure, Decimal))
    return min(max(cell.kind.decimals, *places, 0), MAX_DECIMALS)
