"""The tables of Word documents, whatever their cells are merged of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from word_files import (
    family,
    in_list,
    lvl,
    num,
    p,
    tbl,
    tc,
    tr,
)
from word_read import lines_of, only_table, read_body, spans_of, text_of_cell

from toolkit.documents.blocks import Paragraph, Run, TableBlock


def test_merged_cells() -> None:
    restart, merged = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    prose = read_body(
        tbl(
            tr(
                tc("甲", properties=restart),
                tc("乙", properties='<w:gridSpan w:val="2"/>'),
                properties="<w:tblHeader/>",
            ),
            tr(tc("藏", properties=merged), tc("丙"), tc("丁"), properties="<w:tblHeader/>"),
            tr(tc("戊", properties=restart), tc("己"), tc("庚"), properties='<w:tblHeader w:val="0"/>'),
            tr(tc(properties='<w:vMerge w:val="continue"/>'), tc("辛"), tc("壬"), properties="<w:tblHeader/>"),
            grid=(1000, 2000, 3000),
        )
    )
    table = only_table(prose)
    assert (table.height, table.width, table.widths, table.head) == (4, 3, (1000.0, 2000.0, 3000.0), 2)
    assert spans_of(table) == [
        (0, 0, 2, 1, "甲"),
        (0, 1, 1, 2, "乙"),
        (1, 1, 1, 1, "丙"),
        (1, 2, 1, 1, "丁"),
        (2, 0, 2, 1, "戊"),
        (2, 1, 1, 1, "己"),
        (2, 2, 1, 1, "庚"),
        (3, 1, 1, 1, "辛"),
        (3, 2, 1, 1, "壬"),
    ]


def test_old_way_of_merging_side_by_side() -> None:
    first, next_ = '<w:hMerge w:val="restart"/>', '<w:hMerge w:val="continue"/>'
    table = only_table(
        read_body(
            tbl(
                tr(tc("甲", properties=first), tc(properties=next_), tc("乙")),
                tr(tc("丙"), tc("丁"), tc("戊")),
                grid=(1, 1, 1),
            )
        )
    )
    assert spans_of(table)[:2] == [(0, 0, 1, 2, "甲"), (0, 2, 1, 1, "乙")]


@pytest.mark.parametrize(
    ("rows", "grid", "spans"),
    [
        # Rows of different lengths.
        ((tr(tc("甲"), tc("乙"), tc("丙")), tr(tc("丁"))), (1, 1, 1), [(1, 0, 1, 1, "丁"), (1, 1, 1, 2, "")]),
        # Places that are left free.
        (
            (tr(tc("甲"), tc("乙"), tc("丙")), tr(tc("丁"), properties='<w:gridBefore w:val="1"/>')),
            (1, 1, 1),
            [(1, 0, 1, 1, ""), (1, 1, 1, 1, "丁"), (1, 2, 1, 1, "")],
        ),
        (
            (tr(tc("甲"), tc("乙"), tc("丙")), tr(tc("丁"), properties='<w:gridAfter w:val="2"/>')),
            (),
            [(1, 0, 1, 1, "丁"), (1, 1, 1, 2, "")],
        ),
        # A cell that is wider than the table, and pushes none out.
        (
            (tr(tc("甲"), tc("乙"), tc("丙")), tr(tc("丁", properties='<w:gridSpan w:val="99"/>'), tc("戊"))),
            (1, 1, 1),
            [(1, 0, 1, 2, "丁"), (1, 2, 1, 1, "戊")],
        ),
        # More cells than the table says it has columns.
        ((tr(tc("甲")), tr(tc("丁"), tc("戊"))), (1,), [(1, 0, 1, 1, "丁"), (1, 1, 1, 1, "戊")]),
        # A cell that goes on with one that is not there, or is of another width.
        (
            (tr(tc("甲"), tc("乙")), tr(tc("丁", properties="<w:vMerge/>"), tc("戊"))),
            (1, 1),
            [(1, 0, 1, 1, "丁"), (1, 1, 1, 1, "戊")],
        ),
        (
            (
                tr(tc("甲", properties='<w:vMerge w:val="restart"/>'), tc("乙")),
                tr(tc("丁", properties='<w:gridSpan w:val="2"/><w:vMerge/>')),
            ),
            (1, 1),
            [(1, 0, 1, 2, "丁")],
        ),
        # A cell that goes on with one that is farther up.
        (
            (
                tr(tc("甲"), tc("乙", properties='<w:vMerge w:val="restart"/>')),
                tr(tc("丁", properties='<w:gridSpan w:val="2"/>')),
                tr(tc("戊"), tc("己", properties="<w:vMerge/>")),
            ),
            (1, 1),
            [(1, 0, 1, 2, "丁")],
        ),
        # A cell that goes on with the one above, joined the old way with one that has a text of its own.
        (
            (
                tr(tc("甲", properties='<w:gridSpan w:val="2"/><w:vMerge w:val="restart"/>')),
                tr(tc("", properties="<w:vMerge/>"), tc("丁", properties="<w:hMerge/>")),
            ),
            (1, 1),
            [(1, 0, 1, 2, "丁")],
        ),
        # Nonsense.
        (
            (tr(tc("甲")), tr(tc("丁", properties='<w:gridSpan w:val="-3"/>'), tc("戊"))),
            (),
            [(1, 0, 1, 1, "丁"), (1, 1, 1, 1, "戊")],
        ),
    ],
)
def test_rows_that_disagree(rows: tuple[str, ...], grid: tuple[int, ...], spans: list[object]) -> None:
    table = only_table(read_body(tbl(*rows, grid=grid)))
    assert [span for span in spans_of(table) if span[0] == 1] == spans


CELLS = st.tuples(
    st.sampled_from((None, 1, 2, 3, 70)),
    st.sampled_from(("", "<w:vMerge/>", '<w:vMerge w:val="restart"/>', "<w:hMerge/>", '<w:hMerge w:val="restart"/>')),
)
ROWS = st.tuples(st.lists(CELLS, max_size=5), st.integers(0, 3), st.integers(0, 3), st.booleans())


@settings(max_examples=75, deadline=None)
@given(st.lists(ROWS, max_size=6), st.lists(st.integers(0, 2000), max_size=6))
def test_any_table_has_no_holes(
    rows: list[tuple[list[tuple[int | None, str]], int, int, bool]], grid: list[int]
) -> None:
    """Nothing is lost but what Word does not show either: the text of cells that others are drawn over."""
    written, shown = [], 0
    for cells, before, after, head in rows:
        properties = f'<w:gridBefore w:val="{before}"/><w:gridAfter w:val="{after}"/>' + "<w:tblHeader/>" * head
        inside = [f'<w:gridSpan w:val="{span}"/>{merge}' if span else merge for span, merge in cells]
        written.append(tr(*(tc("字", properties=one) for one in inside), properties=properties))
        shown += sum("<w:vMerge/>" not in one for one in inside)
    prose = read_body(tbl(*written, grid=tuple(grid)))
    if not any(cells for cells, *_ in rows):
        assert prose.blocks == ()
        return
    table = only_table(prose)
    assert table.height == sum(bool(cells) for cells, *_ in rows)
    assert all(width > 0 for width in table.widths)
    assert shown <= len(lines_of(prose)) <= sum(len(cells) for cells, *_ in rows)


def test_tables_in_cells() -> None:
    inner = tbl(tr(tc("内甲"), tc("内乙")), grid=(1, 1))
    table = only_table(read_body(tbl(tr(tc("前", inner, p("后")), tc("外")), grid=(3, 1))))
    first, nested, last = table.cells[0].blocks
    assert (first, last) == (Paragraph((Run("前"),)), Paragraph((Run("后"),)))
    assert isinstance(nested, TableBlock)
    assert [text_of_cell(cell) for cell in nested.cells] == ["内甲", "内乙"]


@pytest.mark.parametrize("depth", [20, 21, 60])
def test_tables_nested_too_deep_become_paragraphs(depth: int) -> None:
    body = p("底")
    for number in range(depth):
        body = tbl(tr(tc(p(f"层{depth - number}"), body)), grid=(1,))
    prose = read_body(body)
    assert lines_of(prose) == [*(f"层{number}" for number in range(1, depth + 1)), "底"]
    deepest, blocks = 0, prose.blocks
    while inner := [block for block in blocks if isinstance(block, TableBlock)]:
        deepest, blocks = deepest + 1, inner[0].cells[0].blocks
    assert deepest == min(depth, 20)
    more = depth - 20
    told = (f"有 {more} 个表格嵌套得太深，其中的文字已按段落写入。请核对。",)
    assert prose.remarks == (told if more else ())


def test_numbers_and_headings_go_on_inside_tables() -> None:
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0)
    one = p("项", properties=in_list(1))
    assert lines_of(read_body(one, tbl(tr(tc(one), tc(one)), tr(tc(one))), one, numbering=numbering)) == [
        f"{number}.项" for number in range(1, 6)
    ]
