"""Finds slips (笔误): single wrong cells whose correction by one amount makes several relations (勾稽关系) and
carry-overs (结转) hold and breaks none.

The slip that explains most is taken first and corrected, then the next one is looked for in what remains. Among slips
that explain as much, a cell that is in doubt anyway (a text in place of a number, a blank) goes first.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from toolkit.forms.equations import EquationSystem, Move, Weights, system_of
from toolkit.forms.model import Cell, Form, Number
from toolkit.forms.relations import is_right, rounded
from toolkit.submission.carry_overs import shared_numbers
from toolkit.submission.model import Submission

_Choice = tuple[int, Number]
"""The number of a move, and an amount."""
SUMS_TRIED = 256
"""The most sums of other differences that one difference is compared with."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong `cell`, and the numbers of the equations that fail because of it. `cell` is empty where an equation fails
    only because others fail: then `leading` is the number of the first of these."""

    cell: str
    equations: tuple[int, ...]
    leading: int | None = None


@dataclass(slots=True)
class _Board:
    """The equations and what they give: the differences of their sums, the numbers of those that fail and are not yet
    explained, and of those that fail and are."""

    form: Form
    system: EquationSystem
    numbers: dict[str, Number]
    gaps: dict[int, list[Number]]
    failing: set[int]
    explained: set[int]

    def holds(self, number: int, gaps: Sequence[Number]) -> bool:
        operator = self.system.equations[number].operator
        return any(is_right(rounded(gap), operator) for gap in gaps)

    def moved(self, move: Move, amount: Number) -> Iterator[tuple[int, list[Number]]]:
        """Yield the differences of each equation after a cell is changed by an amount."""
        for number, weights in move.effects.items():
            if number in self.gaps:
                pairs = zip(self.gaps[number], weights, strict=True)
                yield number, [gap + weight * amount for gap, weight in pairs]

    def mended(self, move: Move, amount: Number) -> set[int]:
        """Return the failing equations that hold after a move. Return none if the move breaks one that holds, or makes
        a number that the cell cannot have."""
        if not _fits(self.form.cells[move.cell], self.numbers.get(move.cell, 0) + amount):
            return set()
        mended = set()
        for number, gaps in self.moved(move, amount):
            if self.holds(number, gaps):
                mended.add(number)
            elif number not in self.failing and number not in self.explained:
                return set()
        return mended & self.failing

    def amounts(self, number: int) -> Iterator[tuple[int, Number]]:
        """Yield each move, and the amount by which it makes a failing equation hold."""
        for place, gap in enumerate(map(rounded, self.gaps[number])):
            for move in self.system.moving[number]:
                weight = self.system.moves[move].effects[number][place]
                if weight in (1, -1):
                    yield move, -gap * weight

    def correct(self, move: Move, amount: Number) -> None:
        """Carry out a move. The equations that it mends hold from now on."""
        for number, gaps in list(self.moved(move, amount)):
            self.gaps[number] = gaps
            if self.holds(number, gaps):
                self.failing.discard(number)
        self.numbers[move.cell] = self.numbers.get(move.cell, 0) + amount


def find_slips(submission: Submission, prior: Submission | None, in_doubt: Sequence[str]) -> list[Slip]:
    """Return the slips in a submission. `in_doubt` are the cells that have findings of their own."""
    board = _board(submission, prior)
    found = list(_single_cells(board, set(in_doubt)))
    found += _cells_in_doubt(board, in_doubt)
    found += _followers(board)
    return found


def _board(submission: Submission, prior: Submission | None) -> _Board:
    system = system_of(submission.form, submission.unwritten)
    numbers = dict(submission.standing)
    last = shared_numbers(submission.form, prior) if prior else {}
    gaps: dict[int, list[Number]] = {}
    for number, equation in enumerate(system.equations):
        if not equation.last:
            gaps[number] = [_total(weights, numbers) for weights in equation.sums]
        elif equation.last in last and _is_stated(submission, equation.cells[0]):
            gaps[number] = [_total(weights, numbers) - last[equation.last] for weights in equation.sums]
    board = _Board(submission.form, system, numbers, gaps, set(), set())
    board.failing |= {number for number, each in gaps.items() if not board.holds(number, each)}
    return board


def _total(weights: Weights, numbers: dict[str, Number]) -> Number:
    result: Number = 0
    for cell, weight in weights.items():
        if number := numbers.get(cell):
            result += weight * number
    return result


def _is_stated(submission: Submission, cell: str) -> bool:
    """Return True if a cell has a number that is compared with last year's."""
    return cell in submission.standing or (cell in submission.totals and cell not in submission.unstated)


def _fits(cell: Cell, number: Number) -> bool:
    if isinstance(number, Decimal) and cell.kind.is_whole and number != number.to_integral_value():
        return False
    return number >= 0 or cell.kind.is_signed


def _single_cells(board: _Board, in_doubt: Collection[str]) -> Iterator[Slip]:
    """Correct the cells that explain at least two failing equations each, and yield them."""
    amounts: dict[int, set[_Choice]] = {number: set(board.amounts(number)) for number in board.failing}
    while True:
        choices = _large_choices(board, amounts)
        if not choices:
            return
        index, amount, mended = _surest(board, choices, in_doubt)
        move = board.system.moves[index]
        board.correct(move, amount)
        amounts = {number: amounts[number] for number in board.failing}
        amounts |= {number: set(board.amounts(number)) for number in board.failing & move.effects.keys()}
        yield Slip(move.cell, tuple(sorted(mended)))


def _large_choices(board: _Board, amounts: Mapping[int, set[_Choice]]) -> list[tuple[int, Number, frozenset[int]]]:
    """Return the moves that mend most failing equations, at least two."""
    counts = Counter(choice for number in sorted(amounts) for choice in amounts[number])
    least = 2
    found = []
    for (index, amount), count in counts.items():
        move = board.system.moves[index]
        if max(count, _inequalities(board, move)) >= least:
            mended = board.mended(move, amount)
            if len(mended) >= least:
                least = len(mended)
                found.append((index, amount, frozenset(mended)))
    return [each for each in found if len(each[2]) == least]


def _surest(
    board: _Board, choices: Sequence[tuple[int, Number, frozenset[int]]], in_doubt: Collection[str]
) -> tuple[int, Number, frozenset[int]]:
    """Return the choice on a cell in doubt, else the one that leaves most of the others open, else the first."""
    explained = {mended for _, _, mended in choices}
    rivals = {mended: sum(not mended.isdisjoint(other) for other in explained) for mended in explained}
    return min(
        choices, key=lambda one: (board.system.moves[one[0]].cell not in in_doubt, rivals[one[2]], one[0], one[1])
    )


def _inequalities(board: _Board, move: Move) -> int:
    """Return how many failing equations a move may mend by several amounts, and one more."""
    failing = board.failing & move.effects.keys()
    return 1 + sum(board.system.equations[number].operator != "=" for number in failing)


def _cells_in_doubt(board: _Board, in_doubt: Sequence[str]) -> Iterator[Slip]:
    """Yield each cell in doubt with the failing equations that it alone could mend, one by one."""
    order = {cell: place for place, cell in enumerate(in_doubt)}
    for number in sorted(board.failing):
        mending = [
            move.cell
            for index, amount in board.amounts(number)
            if (move := board.system.moves[index]).cell in order and number in board.mended(move, amount)
        ]
        if mending:
            yield Slip(min(mending, key=order.__getitem__), (number,))
            board.failing.discard(number)
            board.explained.add(number)


def _followers(board: _Board) -> Iterator[Slip]:
    """Yield the equations whose difference is the sum of the differences of others: a total column, a row with two
    wrong cells."""
    sure = {number: _sure_moves(board, number) for number in board.failing}
    for number in sorted(board.failing):
        leading = _leading_component(board, number)
        if leading is None:
            leading = _leading_neighbour(board, number, sure)
        if leading is not None:
            yield Slip("", (number,), leading)
            board.failing.discard(number)
            board.explained.add(number)


def _leading_component(board: _Board, number: int) -> int | None:
    failing = board.failing | board.explained
    components = [other for other in board.system.equations[number].components if other in failing]
    added = rounded(sum((board.gaps[other][0] for other in components), Decimal(0)))
    is_sum = any(rounded(gap) == added for gap in board.gaps[number])
    return components[0] if components and is_sum else None


def _sure_moves(board: _Board, number: int) -> list[tuple[Move, Number]]:
    """Return the moves that mend an equation and break none."""
    moves = [(board.system.moves[index], amount) for index, amount in dict.fromkeys(board.amounts(number))]
    return [(move, amount) for move, amount in moves if number in board.mended(move, amount)]


def _leading_neighbour(board: _Board, number: int, sure: dict[int, list[tuple[Move, Number]]]) -> int | None:
    """Return the first of several failing equations whose moves, one for each, make this one hold together."""
    for place, gap in enumerate(board.gaps[number]):
        sums: set[Number] = {0}
        neighbours = []
        for other in sorted(board.failing - {number}):
            shares = {
                move.effects[number][place] * amount for move, amount in sure[other] if number in move.effects
            } - {0}
            if shares:
                neighbours.append(other)
                sums = {rounded(each + share) for each in sums for share in shares}
            if len(sums) > SUMS_TRIED:
                break
        if len(neighbours) > 1 and any(rounded(gap + each) == 0 for each in sums):
            return neighbours[0]
    return None
