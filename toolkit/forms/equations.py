"""Writes relations (勾稽关系) and carry-overs (结转) as sums over the cells that somebody wrote.

A total that nobody wrote is replaced by the cells that it adds up, so that a sum says what one wrong cell does to it.
`toolkit.forms.relations` judges the same cases; a test compares the two.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from toolkit.forms.fields import Operator
from toolkit.forms.model import Case, Form, Term
from toolkit.forms.relations import definitions, is_sum_of_totals

Weights = Mapping[str, int]
"""A signed sum: how often each cell is added."""
UNWRITTEN_SETS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Equation:
    """A case of a relation or carry-over, see `Form.cases` and `Form.carry_overs`. It holds if one of its `sums`
    compares with 0; last year's number is not in them.

    `cells` are those of its finding. `defines` is the total that it defines, empty if it defines none. `components` are
    the numbers of other equations of the same rule that add up to this one: the total column is the sum of the columns.
    """

    rule: str
    cells: tuple[str, ...]
    operator: Operator
    sums: tuple[Weights, ...]
    defines: str = ""
    last: str = ""
    components: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A change of one cell by 1, with the written totals that change with it. `effects` says by how much it changes
    the sums of each equation that it touches."""

    cell: str
    effects: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class EquationSystem:
    """All equations of a form, and all moves. Each cell is first moved alone; then each filled cell is moved together
    with the totals that somebody wrote for it. `moving` has the numbers of the moves that touch each
    equation."""

    equations: tuple[Equation, ...]
    moves: tuple[Move, ...]
    moving: tuple[tuple[int, ...], ...]


@lru_cache(UNWRITTEN_SETS_KEPT)
def system_of(form: Form, unwritten: frozenset[str]) -> EquationSystem:
    """Return the equations of a form in whose report nobody wrote the totals in `unwritten`."""
    equations = _with_components(form, [*_relations(form, unwritten), *_carry_overs(form, unwritten)])
    touching: dict[str, list[tuple[int, int, int]]] = {}
    for number, equation in enumerate(equations):
        for place, weights in enumerate(equation.sums):
            for cell, weight in weights.items():
                touching.setdefault(cell, []).append((number, place, weight))
    alone = [Move(cell, _effects(equations, touching, {cell: 1})) for cell in form.cells if cell in touching]
    together = [
        Move(cell.id, _effects(equations, touching, {cell.id: 1, **totals}))
        for cell in form.filled
        if (totals := _written_totals(form, cell.id, unwritten))
    ]
    moves = (*alone, *together)
    moving: list[list[int]] = [[] for _ in equations]
    for number, move in enumerate(moves):
        for touched in move.effects:
            moving[touched].append(number)
    return EquationSystem(equations, moves, tuple(map(tuple, moving)))


def _relations(form: Form, unwritten: Collection[str]) -> Iterable[Equation]:
    """Yield the equations of the relations. A total that nobody wrote has no equation that defines it."""
    for case in form.cases:
        if case.relation.defines and case.total in unwritten:
            continue
        sums = _defining(form, case, unwritten) if case.relation.defines else _other(form, case, unwritten)
        cells = tuple(dict.fromkeys(case.cells))
        defines = case.total if case.relation.defines else ""
        yield Equation(case.relation.id, cells, case.relation.operator, _distinct(sums), defines)


def _defining(form: Form, case: Case, unwritten: Collection[str]) -> Iterable[Weights]:
    """Yield the sums of a case that defines a total, as `toolkit.forms.relations` accepts it."""
    yield _sum(case.left.terms, case.right.terms, form, unwritten)
    if is_sum_of_totals(form, case.total):
        for terms in definitions(form)[case.total]:
            yield _sum(case.left.terms, terms, form, unwritten)
            yield _sum(case.left.terms, terms, form, unwritten, added=True)
        yield _sum(case.left.terms, case.right.inputs, form, unwritten)


def _other(form: Form, case: Case, unwritten: Collection[str]) -> Iterable[Weights]:
    yield _sum(case.left.terms, case.right.terms, form, unwritten)
    yield _sum(case.left.terms, case.right.terms, form, unwritten, added=True)


def _carry_overs(form: Form, unwritten: Collection[str]) -> Iterable[Equation]:
    for case in form.carry_overs:
        cells = (case.this, *(term.cell for term in case.changes))
        sums = [_sum([Term(1, case.this)], case.changes, form, unwritten)]
        yield Equation(case.carry_over.id, cells, "=", tuple(sums), last=case.last)


def _sum(
    left: Iterable[Term], right: Iterable[Term], form: Form, unwritten: Collection[str], added: bool = False
) -> Weights:
    """Return left minus right over written cells. With `added`, a total of totals that nobody wrote is the sum of these
    totals as they stand."""
    weights = Counter[str]()

    def add(sign: int, terms: Iterable[Term]) -> None:
        for term in terms:
            if term.cell not in unwritten:
                weights[term.cell] += sign * term.sign
            elif added and is_sum_of_totals(form, term.cell):
                add(sign * term.sign, definitions(form)[term.cell][0])
            else:
                for part in form.cells[term.cell].parts:
                    weights[part.cell] += sign * term.sign * part.sign

    add(1, left)
    add(-1, right)
    return {cell: weight for cell, weight in weights.items() if weight}


def _distinct(sums: Iterable[Weights]) -> tuple[Weights, ...]:
    found: list[Weights] = []
    for weights in sums:
        if weights not in found:
            found.append(weights)
    return tuple(found)


def _written_totals(form: Form, cell: str, unwritten: Collection[str]) -> dict[str, int]:
    """Return the written totals that a filled cell is part of, and with which sign."""
    return {
        total.id: part.sign
        for total in form.computed
        if total.id not in unwritten
        for part in total.parts
        if part.cell == cell
    }


def _effects(
    equations: Sequence[Equation], touching: Mapping[str, Sequence[tuple[int, int, int]]], change: Weights
) -> Mapping[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for cell, times in change.items():
        for number, place, weight in touching.get(cell, ()):
            found.setdefault(number, [0] * len(equations[number].sums))[place] += times * weight
    return {number: tuple(weights) for number, weights in sorted(found.items()) if any(weights)}


def _with_components(form: Form, equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """Return the equations with `components`. Only those count that add up to nothing smaller themselves."""
    totals = {cell.id for cell in form.computed}
    whole = [_over_filled(form, equation, totals) for equation in equations]
    found: dict[int, tuple[int, ...]] = {}
    for number in sorted(range(len(equations)), key=lambda number: len(whole[number])):
        parts = [
            other
            for other, components in found.items()
            if whole[number]
            and not components
            and equations[other].rule == equations[number].rule
            and whole[other].keys() <= whole[number].keys()
        ]
        adds_up = Counter[str]()
        for other in parts:
            adds_up.update(whole[other])
        found[number] = tuple(sorted(parts)) if parts and adds_up == whole[number] else ()
    return tuple(replace(equation, components=found[number]) for number, equation in enumerate(equations))


def _over_filled(form: Form, equation: Equation, totals: Collection[str]) -> Counter[str]:
    """Return the first sum of an equation over filled cells alone."""
    terms = [
        Term(1 if weight > 0 else -1, cell) for cell, weight in equation.sums[0].items() for _ in range(abs(weight))
    ]
    return Counter(_sum(terms, (), form, totals))
