"""Resolves a declared form: checks what its keys mean together, and works out sections, cells and charts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec.structs import asdict

from toolkit.forms.cases import carry_over_cases, computed_parts, relation_cases, with_inputs
from toolkit.forms.declaration import DeclaredChart, DeclaredForm
from toolkit.forms.faults import Fail, require_unique
from toolkit.forms.grid import natural_width
from toolkit.forms.kinds import KINDS, YES_NO
from toolkit.forms.model import (
    Cell,
    Chart,
    DeclaredSection,
    Form,
    Kind,
    Line,
    Point,
    Section,
    Sentence,
    Table,
)
from toolkit.forms.readings import Readings
from toolkit.forms.relations import PRECISION
from toolkit.forms.texts import resolve_texts

MIN_WIDTH, MAX_WIDTH = 2, 200
"""Of a column, in characters."""
PROMPT_LIMIT = 200
"""Help and basis together: what a spreadsheet's input prompt can show."""


def resolve_form(source: DeclaredForm, fail: Fail) -> Form:
    """Return the form that a file declares; `fail` is called with the key and the fault of what is wrong."""
    _check_head(source, fail)
    for table in source.tables:
        _check_table(table, source, fail)
    sections = tuple(_section(section, source.tables, fail) for section in source.sections)
    cells = {cell.id: cell for table in source.tables for cell in _cells(table, sections, fail)}
    for table in source.tables:
        beside = table.jump.beside
        if beside and (beside not in cells or not cells[beside].kind.is_number):
            fail(f"tables[{table.id}].jump.beside", f"没有 {beside} 这一数字格")
    for ceiling in source.ceilings:
        if ceiling.cell not in cells or not cells[ceiling.cell].kind.record.is_amount:
            fail("ceilings.cell", f"没有 {ceiling.cell} 这一金额格")
    cases = tuple(
        case for relation in source.relations for case in relation_cases(relation, source.tables, cells, fail)
    )
    parts = computed_parts(cases, fail)
    cells = {key: replace(cell, parts=parts.get(key, ())) for key, cell in cells.items()}
    carried = [case for item in source.carry_overs for case in carry_over_cases(item, source.tables, cells, fail)]
    rule_ids = [rule.id for rules in (source.relations, source.carry_overs, source.texts.contents) for rule in rules]
    require_unique(fail, "relations、carry_overs、texts.contents", rule_ids)
    for key, sentences in (("preface", source.preface), ("signature", source.signature)):
        for sentence in sentences:
            _check_sentence(key, sentence, source, fail)
    readings = Readings(source.texts.sums, cells, fail)
    return Form(
        id=source.id,
        layout=source.layout,
        name=source.name,
        title=source.title,
        basis=source.basis,
        first_year=source.years.first,
        last_year=source.years.last,
        instructions=source.instructions,
        info=source.info,
        sections=sections,
        cells=cells,
        relations=source.relations,
        cases=tuple(with_inputs(case, parts) for case in cases),
        carry_overs=tuple(carried),
        preface=source.preface,
        signature=source.signature,
        boilerplate=source.boilerplate,
        powers=source.powers,
        ceilings=source.ceilings,
        texts=resolve_texts(source.texts, sections, readings, fail),
        charts=_charts(source.charts, readings, fail),
        filled=tuple(cell for cell in cells.values() if not cell.computed),
        computed=tuple(cell for cell in cells.values() if cell.computed),
        oldest_layout=source.oldest_layout or source.layout,
    )


def _check_head(source: DeclaredForm, fail: Fail) -> None:
    years = source.years
    if years.last is not None and years.last < years.first:
        fail("years", f"last（{years.last}）早于 first（{years.first}）")
    if set(re.findall(r"\{.*?\}|[{}]", source.title)) != {"{agency}", "{year}"}:
        fail("title", "应当并且只能含有 {agency} 和 {year}")
    for pattern in source.boilerplate:
        try:
            re.compile(pattern)
        except re.error:
            fail("boilerplate", f"「{pattern}」不是合格的正则表达式")
    if source.oldest_layout is not None and source.oldest_layout > source.layout:
        fail("oldest_layout", f"不能大于 layout（{source.layout}）")
    require_unique(fail, "info", [field.id for field in source.info])
    if "agency" not in {field.id for field in source.info}:
        fail("info", "缺少 id 为 agency 的一项（机关全称）")
    require_unique(fail, "powers", [power.id for power in source.powers])
    require_unique(fail, "tables", [table.id for table in source.tables])
    require_unique(fail, "sections", [section.id.casefold() for section in source.sections])


def _check_table(table: Table, source: DeclaredForm, fail: Fail) -> None:
    key = f"tables[{table.id}]"
    if table.section not in {section.id for section in source.sections}:
        fail(f"{key}.section", f"没有 id 为「{table.section}」的 sections")
    for name, lines in (("rows", table.rows), ("columns", table.columns)):
        require_unique(fail, f"{key}.{name}", [line.id for line in lines])
        require_unique(fail, f"{key}.{name}", [" › ".join(line.label) for line in lines])
        for line in lines:
            if line.needs is not None and line.needs not in {power.id for power in source.powers}:
                advice = '请用 [[powers]] 写明，自带的可写 include = ["powers"] 引用'
                fail(f"{key}.{name}[{line.id}].needs", f"没有 id 为「{line.needs}」的 powers。{advice}")


def _section(section: DeclaredSection, tables: Sequence[Table], fail: Fail) -> Section:
    """Return a section with its tables, which must fit its columns."""
    key = f"sections[{section.id}]"
    if not all(MIN_WIDTH <= width <= MAX_WIDTH for width in section.widths):
        fail(f"{key}.widths", f"每列的宽度应在 {MIN_WIDTH} 至 {MAX_WIDTH} 之间")
    mine = tuple(table for table in tables if table.section == section.id)
    if section.text and mine:
        fail(key, f"是文字部分，表 {mine[0].id} 不能放在这里")
    if not section.text and not mine:
        fail(key, "没有表；文字部分请写 text = true")
    for table in mine:
        needed = natural_width(table)
        if needed > len(section.widths):
            fail(f"{key}.widths", f"有 {len(section.widths)} 列，表 {table.id} 需要 {needed} 列")
        if table.across and needed != len(section.widths):
            fail(f"{key}.widths", f"表 {table.id} 横排，列数应正好是 {needed}")
    return Section(**asdict(section), tables=mine)


def _cells(table: Table, sections: Sequence[Section], fail: Fail) -> Iterator[Cell]:
    section = next(section for section in sections if section.id == table.section)
    for row in table.rows:
        for column in table.columns:
            key = f"tables[{table.id}] 的 {row.id}.{column.id}"
            if sum(map(len, (row.help, row.basis, column.help))) > PROMPT_LIMIT:
                fail(key, f"行列说明（help、basis）合计超过 {PROMPT_LIMIT} 字，输入提示放不下")
            path = " › ".join((*row.label[:-1], row.short))
            yield Cell(
                id=f"{table.id}.{row.id}.{column.id}",
                table=table.id,
                section=table.section,
                row=row,
                column=column,
                kind=_kind(key, table, (row, column), fail),
                place=f"{section.name}{table.caption}「{path}」{column.short}列",
            )


def _kind(key: str, table: Table, lines: Sequence[Line], fail: Fail) -> Kind:
    """Return the kind of a cell. The nearest declaration wins: column, then row, then table. A kind starts afresh,
    without the unit, decimals and options of the kind that it replaces."""
    name, unit, decimals, options = table.kind, table.unit, table.decimals, table.options
    for line in lines:
        if line.kind is not None:
            name, unit, decimals, options = line.kind, "", 0, ()
        unit = unit if line.unit is None else line.unit
        decimals = decimals if line.decimals is None else line.decimals
        options = options if line.options is None else line.options
    record = KINDS.get(name)
    if record is None:
        fail(key, f"没有「{name}」这种格，kind 可以是 {'、'.join(KINDS)}")
    if record.is_number and not record.is_whole and not 0 <= decimals <= PRECISION:
        fail(key, f"decimals 应在 0 至 {PRECISION} 之间")
    options = record.options or options
    if record.needs_options and (not options or len(",".join(options)) > 255 or "," in "".join(options)):
        fail(key, f"{name} 要有 options，各项不含英文逗号，合计不超过 255 字")
    return Kind(name, unit, decimals, options)


def _check_sentence(key: str, sentence: Sentence, source: DeclaredForm, fail: Fail) -> None:
    known = {field.id: field for field in source.info}
    for name in (*sentence.quoted, *sentence.when):
        if name not in known and name not in ("agency", "year"):
            fail(key, f"「{sentence.text}」用到的 {name} 不是 info 里的项目，也不是 agency、year")
    for name in sentence.when:
        if name not in known or known[name].options not in ((), YES_NO):
            fail(f"{key}.when", f"{name} 应为 info 里的项目，有选项的只能是“{'”“'.join(YES_NO)}”")


def _charts(charts: Sequence[DeclaredChart], readings: Readings, fail: Fail) -> tuple[Chart, ...]:
    require_unique(fail, "charts", [chart.id for chart in charts])
    return tuple(_chart(chart, readings, fail) for chart in charts)


def _chart(chart: DeclaredChart, readings: Readings, fail: Fail) -> Chart:
    key = f"charts[{chart.id}].points"
    require_unique(fail, key, [point.name for point in chart.points])
    points = tuple(
        Point(point.name, readings.reading(f"{key}[{point.name}].reading", point.reading).terms)
        for point in chart.points
    )
    return Chart(id=chart.id, title=chart.title, unit=chart.unit, shape=chart.shape, points=points)
