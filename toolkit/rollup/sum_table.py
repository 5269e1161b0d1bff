"""The sheets of 汇总表.xlsx with the figures: a row for each cell of the form, a column for each agency, sums as
formulas. They are written row by row and not kept, so that ten thousand agencies have room.

A sheet has, from the left: what the row is, the total, the figure in the completed workbook, a sub-total for each
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

from toolkit.batch.results_workbook import linked
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
from toolkit.workbook.layout import address, column_name

VERDICT_ROW, NOTE_ROW, GROUP_ROW, HEAD, FIRST_ROW = 1, 2, 3, 4, 5
LABELS = (("项目", 53.0), ("栏目", 23.0), ("单位", 6.0))
TOTAL, STATED = len(LABELS), len(LABELS) + 1
"""The columns of the total, and of the figure in the completed workbook."""
FIRST_SUM = STATED + 1
WIDTH = 13.0
"""Of a column of figures."""
TOTAL_FILL, SUM_FILL = "#DDEBF7", "#F1F6FB"
ROW_BORDER = "#595959"
"""Above the first cell of each row of the form."""
LINK_FONT = "#0563C1"
NO_GROUP = "（未分组）"
PRINT_SCALE = 65
LEVELS = 2
"""So many of the labels of a row are shown, the innermost."""
FINEST = 15
"""Decimals; a spreadsheet keeps no more digits."""
SLACK, FINE = "0.0000005", "0.000000000001"
"""How far a total may be off, for a spreadsheet counts in binary: so much, and so much of itself."""
HOLDS, FAILS = "√ 合计与填报表相符", "× 合计与填报表不符，见标红的格"

BOXED: Mapping[str, Any] = {"border": 1, "border_color": BORDER}
Role = Literal["label", "figure", "total", "stated", "sum"]
_FILLS: Mapping[Role, str] = {"total": TOTAL_FILL, "sum": SUM_FILL}


@dataclass(frozen=True)
class SumTablePlan:
    """What all sheets have in common: which column is whose, which row is which cell's, and every figure. Links are
    from `folder`."""

    gathered: Gathered
    total: Submission
    folder: Path

    @property
    def form(self) -> Form:
        return self.total.form

    @cached_property
    def shares(self) -> list[Share]:
        return self.gathered.shares

    @cached_property
    def groups(self) -> list[tuple[str, list[Return]]]:
        """The groups that get a sub-total; none where there is only one."""
        groups = self.gathered.groups()
        return groups if len(groups) > 1 else []

    @cached_property
    def first(self) -> int:
        """The column of the first agency."""
        return FIRST_SUM + len(self.groups)

    @property
    def last(self) -> int:
        """The last column."""
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
        """The rows of a sheet."""
        return [cell for cell in self.form.cells.values() if cell.section == section.id]

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """Where the figure of a cell stands in a share."""
        return {cell.id: place for place, cell in enumerate(summed_cells(self.form))}

    def figures(self, cell: Cell) -> list[Number | None]:
        """What each agency adds to a cell; totals are computed."""
        if not cell.computed:
            place = self._places[cell.id]
            return [share.figures[place] for share in self.shares]
        terms = [(term.sign, self._places[term.cell]) for term in cell.parts]
        return [_total(share, terms) for share in self.shares]

    def ranges(self, cell: Cell) -> list[tuple[str, int, int]]:
        """A total's formula but for its column: sign and sheet, first and last row of each range."""
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
        self._looks: dict[tuple[object, ...], Format] = {}

    def write(self) -> None:
        """Write it, from the top down."""
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
        look = self._look(bold=True, font_color=PASS_FONT)
        done(sheet.write_formula(VERDICT_ROW, 0, self._verdict(), look, HOLDS))
        note = (
            f"共 {len(plan.gathered.counted)} 个机关。合计、小计和灰色的行都是公式；"
            "“填报表”一列是汇总出的填报表里的数，用来核对；点机关名称打开它报送的文件；标红的机关有误，照样计入，见「来源」。"
        )
        done(sheet.write_string(NOTE_ROW, 0, note, self._note))

    def _verdict(self) -> str:
        """Whether all totals are the figures of the completed workbook."""
        last = FIRST_ROW + len(self._cells) - 1
        total, stated = (f"{address(FIRST_ROW, column)}:{address(last, column)}" for column in (TOTAL, STATED))
        off = f"ABS({total}-{stated})>{SLACK}+ABS({stated})*{FINE}"
        return f'=IF(SUMPRODUCT(--({off}))=0,"{HOLDS}","{FAILS}")'

    def _write_groups(self) -> None:
        """The names of groups over their agencies."""
        plan, sheet = self._plan, self._sheet
        if not plan.groups:
            done(sheet.set_row(GROUP_ROW, 4))
            return
        look = self._look(bold=True, align="left", bg_color=HEADER_FILL, **BOXED)
        done(sheet.set_row(GROUP_ROW, 20))
        self._across(GROUP_ROW, FIRST_SUM, plan.first - 1, "各组小计", look)
        for (group, members), (first, last) in zip(plan.groups, plan.spans, strict=True):
            self._across(GROUP_ROW, first, last, f"{group or NO_GROUP}（{len(members)} 个）", look)

    def _across(self, row: int, first: int, last: int, text: str, look: Format) -> None:
        if last > first:
            done(self._sheet.merge_range(row, first, row, last, shown(text), look))
        else:
            done(self._sheet.write_string(row, first, shown(text), look))

    def _write_names(self) -> None:
        plan, sheet = self._plan, self._sheet
        names = [f"{one.agency}\n（有误）" if one.state == "有误" else one.agency for one in plan.gathered.counted]
        groups = [f"{group or NO_GROUP}\n小计" for group, _ in plan.groups]
        lines = max(lines_needed(name, WIDTH) for name in (*names, *groups))
        done(sheet.set_row(HEAD, min(LINE_HEIGHT * max(lines, 2) + 6, ROW_HEIGHT_LIMIT)))
        centred = self._look(bold=True, align="center", text_wrap=True, **BOXED, bg_color=HEADER_FILL)
        for column, text in enumerate((*(label for label, _ in LABELS), "合计", "填报表", *groups)):
            done(sheet.write_string(HEAD, column, shown(text), centred))
        for column, (one, name) in enumerate(zip(plan.gathered.counted, names, strict=True), plan.first):
            self._write_name(column, one, name)

    def _write_name(self, column: int, one: Return, name: str) -> None:
        link, failed = linked(one.item, self._plan.folder, name), one.state == "有误"
        looks = {"bold": True, "align": "center", "text_wrap": True, **BOXED}
        looks |= {"bg_color": FAIL_FILL if failed else HEADER_FILL}
        looks |= {"font_color": FAIL_FONT} if failed else {}
        if isinstance(link, Link):
            look = self._look(**{"font_color": LINK_FONT, **looks}, underline=1)
            if self._sheet.write_url(HEAD, column, link.target, look, shown(name)) == 0:
                return  # Excel takes so many links only, and none that is too long
        done(self._sheet.write_string(HEAD, column, shown(name), self._look(**looks)))

    def _write_row(self, row: int, cell: Cell, first: bool) -> None:
        """A cell of the form: what it is, its sums, and what each agency adds."""
        sheet, plan = self._sheet, self._plan
        caption = next(table.caption for table in self._section.tables if table.id == cell.table)
        label = " › ".join((*filter(None, (caption,)), *cell.row.label[:-1], cell.row.short)[-LEVELS:])
        lines = max(lines_needed(label, LABELS[0][1]), lines_needed(cell.column.short, LABELS[1][1]))
        done(sheet.set_row(row, min(LINE_HEIGHT * lines + 3, ROW_HEIGHT_LIMIT)))
        look = self._cell_look("label", cell, first)
        for column, text in enumerate((label, cell.column.short, cell.kind.unit)):
            done(sheet.write_string(row, column, shown(text), look))
        if cell.kind.is_number:
            figures = plan.figures(cell)
            self._write_sums(row, cell, figures, first)
            self._write_figures(row, cell, figures, first)
        else:
            self._write_others(row, cell, first)

    def _write_sums(self, row: int, cell: Cell, figures: Sequence[Number | None], first: bool) -> None:
        """The total, the figure in the completed workbook, and the sub-totals."""
        plan = self._plan
        digits = None if cell.kind.is_whole else _decimals(cell, figures)
        left, right = (FIRST_SUM, plan.first - 1) if plan.groups else (plan.first, plan.last)
        self._write_sum(row, TOTAL, (left, right), added(figures), digits, self._cell_look("total", cell, first))
        stated = plan.total.all_values[cell.id]
        look = self._cell_look("stated", cell, first)
        if stated is None or isinstance(stated, str):
            done(self._sheet.write_blank(row, STATED, None, look))
        else:
            done(self._sheet.write_number(row, STATED, float(stated), look))
        look = self._cell_look("sum", cell, first)
        for column, (left, right) in enumerate(plan.spans, FIRST_SUM):
            part = added(figures[left - plan.first : right - plan.first + 1])
            self._write_sum(row, column, (left, right), part, digits, look)

    def _write_sum(
        self, row: int, column: int, span: tuple[int, int], value: Number | None, digits: int | None, look: Format
    ) -> None:
        formula = f"SUM({address(row, span[0])}:{address(row, span[1])})"
        formula = formula if digits is None else f"ROUND({formula},{digits})"
        done(self._sheet.write_formula(row, column, f"={formula}", look, _stored(value)))

    def _write_figures(self, row: int, cell: Cell, figures: Sequence[Number | None], first: bool) -> None:
        """What each agency adds; its totals are formulas, and what is no number stands there as it was written."""
        sheet, look = self._sheet, self._cell_look("figure", cell, first)
        ranges = self._plan.ranges(cell)
        digits = None if cell.kind.is_whole else _decimals(cell, figures)
        columns = enumerate(zip(self._plan.shares, figures, strict=True), self._plan.first)
        for column, (share, figure) in columns:
            if cell.computed:
                done(sheet.write_formula(row, column, _own_total(ranges, column, digits), look, _stored(figure)))
            elif figure is not None:
                done(sheet.write_number(row, column, float(figure), look))
            elif cell.id in share.misread:
                wrong = self._look(**BOXED, bg_color=FAIL_FILL, font_color=FAIL_FONT)
                done(sheet.write_string(row, column, shown(share.misread[cell.id]), wrong))
            else:
                done(sheet.write_blank(row, column, None, look))

    def _write_others(self, row: int, cell: Cell, first: bool) -> None:
        """A cell that cannot be added: what each agency wrote, and no sums."""
        look = self._cell_look("figure", cell, first)
        for column in range(TOTAL, self._plan.first):
            done(self._sheet.write_blank(row, column, None, look))
        for column, share in enumerate(self._plan.shares, self._plan.first):
            done(self._sheet.write_string(row, column, shown(str(share.others.get(cell.id, ""))), look))

    def _mark_differences(self) -> None:
        """Red where a total is not what the completed workbook has."""
        first, last = FIRST_ROW, FIRST_ROW + len(self._cells) - 1
        total, stated = (f"${address(first, column)}" for column in (TOTAL, STATED))
        look = self._look(bg_color=FAIL_FILL, font_color=FAIL_FONT)
        off = f"=ABS({total}-{stated})>{SLACK}+ABS({stated})*{FINE}"
        done(
            self._sheet.conditional_format(
                first, TOTAL, last, STATED, {"type": "formula", "criteria": off, "format": look}
            )
        )

    def _cell_look(self, role: Role, cell: Cell, first: bool) -> Format:
        """A cell of the table; a line above the first cell of each row of the form."""
        looks: dict[str, Any] = dict(BOXED)
        looks |= {"top_color": ROW_BORDER} if first else {}
        fill = _FILLS.get(role) or (COMPUTED_FILL if cell.computed else "")
        looks |= {"bg_color": fill} if fill else {}
        looks |= {"bold": True} if role == "total" or cell.computed else {}
        looks |= {"font_color": NOTE_FONT} if role == "stated" else {}
        looks |= {"text_wrap": True} if role == "label" else {}
        return self._look(**looks)

    def _look(self, **properties: Any) -> Format:
        """A format, each made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
            self._looks[key] = self._book.add_format({**base, **properties})
        return self._looks[key]


def _own_total(ranges: Sequence[tuple[str, int, int]], column: int, digits: int | None) -> str:
    """The formula of an agency's own total in its column."""
    name = column_name(column)
    found = dict[str, list[str]]()
    for prefix, first, last in ranges:
        where = f"{name}{first + 1}:{name}{last + 1}" if last > first else f"{name}{first + 1}"
        found.setdefault(prefix[0], []).append(prefix[1:] + where)
    plus = f"SUM({','.join(found['+'])})" if "+" in found else ""
    formula = f"{plus}-SUM({','.join(found['-'])})" if "-" in found else plus
    return f"={formula}" if digits is None else f"=ROUND({formula},{digits})"


def _stored(number: Number | None) -> int | float:
    """A sum as a formula's value is stored."""
    return number if isinstance(number, int) else float(number or 0)


def _decimals(cell: Cell, figures: Sequence[Number | None]) -> int:
    """The decimals of a sum of money: rounded to them, binary sums are the decimal ones."""
    places = (-int(figure.as_tuple().exponent) for figure in figures if isinstance(figure, Decimal))
    return min(max(cell.kind.decimals, *places, 0), FINEST)
