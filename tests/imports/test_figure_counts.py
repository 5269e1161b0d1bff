"""A row of a text table has just so many figures as the form has columns, or it is not read: the row is told as it
stood, and its figures never move to the neighbours' columns."""

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit import LOOKUP, report
from places import REAL_REPORTS

from toolkit.characters import display_width
from toolkit.files.admit import admit
from toolkit.imports.importer import read_published
from toolkit.reports.content import cell_text
from toolkit.submission.model import Submission, Value
from toolkit.submission.spelling import number_of

SOURCE = report("huaian-2024")
TABLE = next(table for section in SOURCE.form.table_sections for table in section.tables if table.id == "requests")
Figures = dict[str, list[str]]


def figures() -> Figures:
    """The figures of each row of the long table."""
    cells = SOURCE.all_values
    return {
        row.id: [cell_text(cells[f"requests.{row.id}.{column.id}"]) for column in TABLE.columns] for row in TABLE.rows
    }


def label_of(row: str) -> str:
    return next(line.label[-1] for line in TABLE.rows if line.id == row)


def raw(rows: Figures) -> Iterator[str]:
    """As `pdftotext` writes a table: the first figure behind its label, each other one on a line of its own."""
    for row, (first, *others) in rows.items():
        yield f"{label_of(row)} {first}"
        for figure in others:
            yield from ("", figure)
        yield ""


def in_a_line(rows: Figures) -> Iterator[str]:
    yield from (" ".join([label_of(row), *those]) for row, those in rows.items())


def tabs(rows: Figures) -> Iterator[str]:
    yield "\t".join(["申请人情况", *(column.label[-1] for column in TABLE.columns)])
    yield from ("\t".join([label_of(row), *those]) for row, those in rows.items())


def strokes(rows: Figures) -> Iterator[str]:
    yield from ("| " + " | ".join([label_of(row), *those]) + " |" for row, those in rows.items())


def aligned(rows: Figures) -> Iterator[str]:
    """As `pdftotext -layout` writes it."""
    for row, those in rows.items():
        label = label_of(row)[:40]
        yield label + " " * (90 - display_width(label)) + "".join(figure.ljust(8) for figure in those).rstrip()


KINDS: dict[str, Callable[[Figures], Iterator[str]]] = {
    "raw": raw,
    "in a line": in_a_line,
    "tabs": tabs,
    "strokes": strokes,
    "aligned": aligned,
}


def text_of(kind: str, rows: Figures) -> str:
    lines = KINDS[kind](rows)
    return "\n".join(
        [SOURCE.title, "三、收到和处理政府信息公开申请情况", "", *lines, "", "五、存在的主要问题及改进情况"]
    )


def read(text: str) -> Submission:
    return read_published(admit(text.encode()), LOOKUP.forms)


def row_of(found: Submission, row: str) -> list[Value]:
    """What was read of a row, totals as they stood."""
    cells = [f"requests.{row}.{column.id}" for column in TABLE.columns]
    return [found.shown.get(cell, found.all_values[cell]) if cell in found.places else None for cell in cells]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_with_all_its_figures_is_read(kind: str) -> None:
    found = read(text_of(kind, figures()))
    for row, those in figures().items():
        assert [str(value) for value in row_of(found, row)] == those, row
    assert not [met for met in found.irregularities if met.kind == "row-unknown"]


@pytest.mark.parametrize("there", ["217 1 0 0 0 0 21 8", "217 1 0 0 0 0 2 1 8", "217 1 0 0 0 218", "217"])
@pytest.mark.parametrize("row", ["received", "granted", "handled"])
@pytest.mark.parametrize("kind", KINDS)
def test_too_many_or_too_few_figures_are_told_and_not_read(kind: str, row: str, there: str) -> None:
    rows = figures() | {row: there.split()}
    found = read(text_of(kind, rows))
    assert row_of(found, row) == [None] * len(TABLE.columns)
    told = [met.found for met in found.irregularities if met.kind == "row-unknown"]
    assert [text for text in told if text.startswith(label_of(row)[:20]) and "217" in text], told
    for other in rows.keys() - {row}:
        read_as = row_of(found, other)
        lost = there == "217" and kind == "raw" and read_as == [None] * len(TABLE.columns)  # two lines alike in a row
        assert lost or [str(value) for value in read_as] == rows[other], other


def test_an_eighth_figure_of_nothing_changes_nothing() -> None:
    """The published text of 温县 2020 has one 0 too many in two rows of nothing but zeros."""
    rows = figures() | {"reissue": ["0"] * 8}
    assert row_of(read(text_of("in a line", rows)), "reissue") == [0] * 7


def changed(rng: random.Random, line: str) -> Iterator[str]:
    """The line with one figure dropped, doubled, and broken in two."""
    spots = list(re.finditer(r"(?<![\w.（(])\d+(?![\w.）)])", line))
    if not spots:
        return
    spot = rng.choice(spots)
    before, figure, behind = line[: spot.start()], spot[0], line[spot.end() :]
    yield before + behind.lstrip(" ")
    yield f"{before}{figure} {figure}{behind}"
    yield f"{before}{figure}\t{figure}{behind}"
    if len(figure) > 1:
        yield f"{before}{figure[:1]} {figure[1:]}{behind}"


@pytest.mark.parametrize("name", ["wenxian-jyj-2020", "shanghai-kewei-2024", "huaian-2024"])
def test_no_figure_of_a_real_text_is_ever_read_into_another_cell(name: str) -> None:
    """Each tenth line with figures is changed; what is read is what was published, or nothing."""
    lines = (REAL_REPORTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    truth = report(name)
    rng = random.Random(name)
    spots = [number for number, line in enumerate(lines) if len(re.findall(r"(?<!\d)\d+(?!\d)", line)) >= 3]
    tried = 0
    for number in rng.sample(spots, 6):
        for line in changed(rng, lines[number]):
            found = read("\n".join([*lines[:number], line, *lines[number + 1 :]]))
            wrong = {
                cell.id: value
                for cell in truth.form.filled
                if (value := found.values[cell.id]) not in (None, truth.values[cell.id])
                and number_of(value, cell.kind) not in (None, truth.numbers.get(cell.id))
            }
            assert wrong == {}, line
            tried += 1
    assert tried > 12


def test_import_tells_a_row_with_eight_figures(gknb_anew, tmp_path: Path) -> None:
    """The whole process: `gknb import` of a text says what stood there, and the row is blank in what it writes."""
    rows = figures() | {"handled": ["217", "1", "0", "0", "0", "0", "21", "8"]}
    (tmp_path / "淮安市2024年年报.txt").write_text(text_of("raw", rows), encoding="utf-8")
    ran = gknb_anew("import", "淮安市2024年年报.txt", "--json", "-o", "数据")
    assert ran.returncode == 0, ran.stderr
    assert "“（七）总计 217 1 0 0 0 0 21 8”认不出" in ran.stderr
    (path,) = (tmp_path / "数据").iterdir()
    values = json.loads(path.read_text(encoding="utf-8"))["values"]
    there = [values[f"requests.received.{column.id}"] for column in TABLE.columns]
    assert [str(value) for value in there] == figures()["received"], "the rows beside it are read"
