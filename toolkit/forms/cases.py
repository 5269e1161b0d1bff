"""Works out the cases of relations (勾稽关系) and carry-overs (结转): one for each row or column that they hold for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.forms.faults import Fail
from toolkit.forms.model import CarryOver, CarryOverCase, Case, Cell, Line, Relation, Side, Table, Term, line_place

Cells = Mapping[str, Cell]
TermsOfTotals = Mapping[str, tuple[Term, ...]]
"""The filled cells that each computed cell is the sum of."""


def relation_cases(relation: Relation, tables: Sequence[Table], cells: Cells, fail: Fail) -> Iterator[Case]:
    """Yield the cases of a relation."""
    key = f"relations[{relation.id}]"
    if relation.defines and (relation.operator != "=" or len(relation.left) != 1 or relation.left[0].startswith("-")):
        fail(key, "defines = true 时，左边只能有一格，运算符为 =")
    if relation.per == "form":
        yield _case(key, relation, None, "{}", cells, fail)
        return
    table = _table(key, relation.table, tables, fail)
    lines = _lines(table, relation.per)
    unknown = set(relation.only) - {line.id for line in lines}
    if unknown:
        fail(f"{key}.only", f"表 {table.id} 没有 {'、'.join(sorted(unknown))}")
    for line in lines:
        if not relation.only or line.id in relation.only:
            yield _case(key, relation, line, _cell_pattern(table, line, relation.per), cells, fail)


def _table(key: str, table_id: str, tables: Sequence[Table], fail: Fail) -> Table:
    table = next((table for table in tables if table.id == table_id), None)
    if table is None:
        fail(f"{key}.table", f"没有 id 为「{table_id}」的表")
    return table


def _lines(table: Table, per: str) -> tuple[Line, ...]:
    return table.rows if per == "row" else table.columns


def _cell_pattern(table: Table, line: Line, per: str) -> str:
    """Return the id of a cell on a row or column, with braces in place of the other one."""
    return f"{table.id}.{line.id}.{{}}" if per == "row" else f"{table.id}.{{}}.{line.id}"


def _case(key: str, relation: Relation, line: Line | None, pattern: str, cells: Cells, fail: Fail) -> Case:
    def side(name: str, terms: Sequence[str]) -> Side:
        result = []
        for term in terms:
            cell_id = pattern.format(term.removeprefix("-"))
            cell = cells.get(cell_id)
            if cell is None:
                fail(f"{key}.{name}", f"没有 {cell_id} 这一格")
            if not cell.kind.is_number:
                fail(f"{key}.{name}", f"{cell.id} 不是数字格，不能参加勾稽")
            result.append(Term(_sign(term), cell.id))
        return Side(tuple(result), ())

    left, right = side("left", relation.left), side("right", relation.right)
    case_id = f"{relation.id}.{line.id}" if line else relation.id
    return Case(case_id, relation, cells[left.terms[0].cell].section, line, left, right)


def _sign(term: str) -> int:
    return -1 if term.startswith("-") else 1


def carry_over_cases(
    carry_over: CarryOver, tables: Sequence[Table], cells: Cells, fail: Fail
) -> Iterator[CarryOverCase]:
    """Yield the cases of a carry-over."""
    key = f"carry_overs[{carry_over.id}]"
    table = _table(key, carry_over.table, tables, fail)
    for line in _lines(table, carry_over.per):
        pattern = _cell_pattern(table, line, carry_over.per)

        def cell(name: str, term: str, pattern: str = pattern) -> str:
            cell_id = pattern.format(term.removeprefix("-"))
            if cell_id not in cells or not cells[cell_id].kind.is_number:
                fail(f"{key}.{name}", f"没有 {cell_id} 这一数字格")
            return cell_id

        yield CarryOverCase(
            id=f"{carry_over.id}.{line.id}",
            carry_over=carry_over,
            section=table.section,
            place=line_place(line, carry_over.per),
            this=cell("this", carry_over.this),
            last=cell("last", carry_over.last),
            changes=tuple(Term(_sign(term), cell("changes", term)) for term in carry_over.changes),
        )


def computed_parts(cases: Sequence[Case], fail: Fail) -> TermsOfTotals:
    """Return the parts of every computed cell, as filled cells only."""
    defining: dict[str, list[Case]] = {}
    for case in cases:
        if case.relation.defines:
            defining.setdefault(case.total, []).append(case)
    parts: dict[str, tuple[Term, ...]] = {}

    def resolve(cell: str, path: tuple[str, ...]) -> tuple[Term, ...]:
        if cell in path:
            fail("relations", f"{cell} 由自己算出（{' → '.join((*path, cell))}）")
        if cell not in parts:
            ways = [expand(case, (*path, cell)) for case in defining[cell]]
            if any(way != ways[0] for way in ways):
                ids = "、".join(case.relation.id for case in defining[cell])
                fail("relations", f"{cell} 由 {ids} 算出，几种算法用到的格不同")
            parts[cell] = ways[0]
        return parts[cell]

    def expand(case: Case, path: tuple[str, ...]) -> tuple[Term, ...]:
        weights: Counter[str] = Counter()
        for term in case.right.terms:
            inner = resolve(term.cell, path) if term.cell in defining else (Term(1, term.cell),)
            for part in inner:
                weights[part.cell] += term.sign * part.sign
        if any(abs(weight) > 1 for weight in weights.values()):
            fail(f"relations[{case.relation.id}]", f"{case.total} 把同一格加了两次")
        return tuple(Term(weight, cell) for cell, weight in sorted(weights.items()) if weight)

    for cell in defining:
        resolve(cell, ())
    return parts


def with_inputs(case: Case, parts: TermsOfTotals) -> Case:
    """Return the case with `Side.inputs`: the same sides, written with filled cells only."""

    def resolved(side: Side) -> Side:
        inputs = [
            Term(term.sign * part.sign, part.cell)
            for term in side.terms
            for part in parts.get(term.cell, (Term(1, term.cell),))
        ]
        return Side(side.terms, tuple(inputs))

    return replace(case, left=resolved(case.left), right=resolved(case.right))
