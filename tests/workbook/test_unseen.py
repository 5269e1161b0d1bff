"""What a person does not see of a returned workbook, or sees otherwise than it is, is said; what is ordinary is not."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gnumeric
import pytest
from kit import LOOKUP, REPORT_DATA, report, write
from office import convert, recalculate
from openpyxl import Workbook, load_workbook
from packages import packed, parts_of, replaced

from toolkit.checks.findings import Finding
from toolkit.checks.review import check
from toolkit.forms.loader import form_for_year
from toolkit.problems import Unreadable
from toolkit.workbook.layout import layout_of
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_template, build_workbook

SOURCE = report("suqian-2024")
GOOD = build_workbook(SOURCE)
SHEET = "xl/worksheets/sheet4.xml"
PARTS = parts_of(GOOD)
RULES = ("line-hidden", "shown-differs")


def said(content: bytes) -> list[Finding]:
    return [found for found in check(read_workbook_bytes(content, LOOKUP)) if found.rule in RULES]


def edited(edit: Callable[[Workbook], object], content: bytes = GOOD) -> bytes:
    book = load_workbook(io.BytesIO(content))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def formatted(places: dict[str, str], values: dict[str, object] | None = None) -> bytes:
    def edit(book: Workbook) -> None:
        for place, value in (values or {}).items():
            book["三"][place] = value
        for place, code in places.items():
            book["三"][place].number_format = code

    return edited(edit)


def row_of(number: int) -> bytes:
    found = re.search(rb'<row r="%d" .*?</row>' % number, PARTS[SHEET])
    assert found
    return found[0]


def cell_of(place: str) -> bytes:
    found = re.search(rb'<c r="%s".*?</c>' % place.encode(), PARTS[SHEET])
    assert found
    return found[0]


def changed(old: bytes, new: bytes) -> bytes:
    return packed(replaced(PARTS, SHEET, old, new))


# Hidden rows and columns


def hide_row(book: Workbook) -> None:
    book["三"].row_dimensions[9].hidden = True


def fold_row(book: Workbook) -> None:
    book["三"].row_dimensions.group(9, 9, outline_level=1, hidden=True)


def filter_rows(book: Workbook) -> None:
    book["三"].auto_filter.ref = "A6:K33"
    book["三"].row_dimensions[9].hidden = True


def crush_row(book: Workbook) -> None:
    book["三"].row_dimensions[9].height = 0.75


@pytest.mark.parametrize("edit", [hide_row, fold_row, filter_rows, crush_row])
def test_a_row_of_the_form_that_is_not_seen(edit: Callable[[Workbook], None]) -> None:
    (found,) = said(edited(edit))
    assert (found.rule, found.severity) == ("line-hidden", "warning")
    assert found.at == tuple(f"三!{column}9" for column in "DEFGHI")
    assert "工作表「三」" in found.message
    assert "第 9 行（D9 为 1408、E9 为 " in found.message
    assert "共 6 个数" in found.message


def hide_column(book: Workbook) -> None:
    book["三"].column_dimensions["E"].hidden = True


def fold_columns(book: Workbook) -> None:
    book["三"].column_dimensions.group("E", "E", outline_level=1, hidden=True)


def narrow_column(book: Workbook) -> None:
    book["三"].column_dimensions["E"].width = 0.1


@pytest.mark.parametrize("edit", [hide_column, fold_columns, narrow_column])
def test_a_column_of_the_form_that_is_not_seen(edit: Callable[[Workbook], None]) -> None:
    (found,) = said(edited(edit))
    assert "E 列（E7 为 75、E8 为 3、" in found.message
    assert set(found.at) >= {"三!E7", "三!E8"}
    assert all(place.startswith("三!E") for place in found.at)


def test_what_stands_beside_the_form_and_in_the_texts_is_told_too() -> None:
    def edit(book: Workbook) -> None:
        book["三"]["M60"], book["三"]["A61"] = 12, "注：另有乙局"
        book["三"].column_dimensions["M"].hidden = True
        book["三"].row_dimensions[61].hidden = True
        book["文字"].row_dimensions[5].hidden = True

    texts, table = sorted(said(edited(edit)), key=lambda found: found.at[0].startswith("三"))
    assert "M 列（M60 为 12）" in table.message
    assert "第 61 行（A61 为“注：另有乙局”）" in table.message
    assert table.at == ("三!M60", "三!A61")
    assert "工作表「文字」" in texts.message
    assert "第 5 行（A5 为“" in texts.message


def test_lines_with_nothing_in_them_and_our_own_marks_may_be_hidden() -> None:
    """As people do before printing."""

    def edit(book: Workbook) -> None:
        for letter in ("K", "L", "M"):
            book["三"].column_dimensions[letter].hidden = True
        book["三"].row_dimensions[60].hidden = True

    assert said(edited(edit)) == []
    rest = b'<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>'
    found = re.search(rb"<sheetFormatPr[^>]*/>", PARTS[SHEET])
    assert found
    assert said(changed(found[0], rest)) == []


@pytest.mark.parametrize(
    "tag",
    [
        b"<row hidden='1' r='9'>",
        b'<row r="9" hidden = "true">',
        b'<row r="9" hidden="&#49;">',
        b'<row r="9" x="&gt;>" hidden="1">',
        b'<row r="9" ht="0" customHeight="1">',
        b'<row r="9" ht=".3">',
    ],
)
def test_a_hidden_row_is_found_however_it_is_written(tag: bytes) -> None:
    row = row_of(9)
    assert [found.rule for found in said(changed(row[: row.index(b">") + 1], tag))] == ["line-hidden"]


def test_a_hidden_row_in_a_comment_is_none() -> None:
    comment = b'</sheetData><!-- <row r="9" hidden="1"> <c r="D7"><v>5</v></c> -->'
    assert said(changed(b"</sheetData>", comment)) == []
    comment = b'<sheetData><!-- <row r="7" hidden="1"><c r="D7"/></row> -->'
    assert said(changed(b"<sheetData>", comment)) == []


# Formats that show another number


def test_a_format_is_said_with_place_both_numbers_and_itself() -> None:
    (found,) = said(formatted({"D9": "0,", "E9": "0,"}, {"E9": 5600}))
    assert (found.rule, found.severity, found.at) == ("shown-differs", "error", ("三!D9", "三!E9"))
    assert (
        "工作表「三」显示的不是存的数：D9 显示为“1”，实际是 1408；E9 显示为“6”，实际是 5600（数字格式“0,”）"
        in found.message
    )


def test_nothing_shown_and_days() -> None:
    places = {"D9": ";;;", "F9": "yyyy-mm-dd", "D10": ";;;"}
    found = said(formatted(places, {"F9": 45296, "D10": "见附件"}))
    told = "".join(item.message for item in found)
    assert "D9 什么也不显示，实际是 1408；D10 什么也不显示，实际是 “见附件”" in told
    assert "F9 显示为“2024-01-05”，实际是 45296" in told


def test_of_a_broken_number_one_finding_says_what_it_is_and_what_it_shows() -> None:
    """It should be whole; that it is shown as if it were is no second fault."""
    content = formatted({"E9": "0", "J10": "0"}, {"E9": 2.6, "J10": 7.5})
    (total,) = said(content)
    assert total.at == ("三!J10",)
    assert "J10 显示为“8”，实际是 7.5" in total.message
    (broken,) = (found for found in check(read_workbook_bytes(content, LOOKUP)) if found.rule == "not-whole")
    assert broken.at == ("三!E9",)
    assert "填报 2.6（表上显示为“3”），这里应填整数" in broken.message


def test_totals_are_looked_at_and_zeros_may_be_hidden() -> None:
    book = replaced(
        PARTS, "xl/styles.xml", b'<xf numFmtId="1" fontId="3" fillId="3"', b'<xf numFmtId="9" fontId="3" fillId="3"'
    )
    found, place_of = said(packed(book)), layout_of(SOURCE.form).places
    assert {place.partition("!")[0] for item in found for place in item.at} == {"三", "四"}
    assert "三!J9" in found[0].at
    zeros = {place_of[cell] for cell, total in SOURCE.totals.items() if not total}
    assert zeros, "0 % is 0"
    assert not zeros & {place for item in found for place in item.at}
    assert said(formatted(dict.fromkeys(("D14", "E14", "F14"), "0;-0;;@"))) == []


@pytest.mark.parametrize("name", list(REPORT_DATA))
def test_what_we_write_ourselves_is_quiet(name: str) -> None:
    assert said(build_workbook(report(name))) == []


@pytest.mark.libreoffice
@pytest.mark.gnumeric
def test_what_other_programs_save_is_quiet_and_what_was_hidden_stays_found(tmp_path: Path) -> None:
    ours = [
        write(tmp_path / f"{name}.xlsx", build_workbook(report(name))) for name in ("suqian-2024", "wenxian-jyj-2020")
    ]
    blank = write(tmp_path / "blank.xlsx", build_template(form_for_year(2024), 2024, prior=report("suqian-2023")))
    quiet = [*ours, blank]

    def edit(book: Workbook) -> None:
        book["三"].row_dimensions[9].hidden = True
        book["三"]["D10"].number_format = "0,"

    bad = write(tmp_path / "foreign" / "bad.xlsx", edited(edit))
    foreign = tmp_path / "foreign"
    saved = recalculate([*quiet, bad], foreign / "office")
    saved += gnumeric.recalculate([*quiet, bad], foreign / "gnumeric")
    convert([*quiet, bad], foreign / "ods", "ods:calc8")
    saved += [foreign / "ods" / f"{file.stem}.ods" for file in (*quiet, bad)]
    for file in saved:
        found = said(file.read_bytes())
        if file.stem != "bad":
            assert found == [], file
            continue
        assert [item.rule for item in found] == ["line-hidden", "shown-differs"], file
        assert "D9 为 1408" in found[0].message
        assert re.search(r"D10 显示为“[0-9]*”，实际是 ", found[1].message)


def test_of_an_old_file_it_is_said_what_is_not_looked_at() -> None:
    from toolkit.checks.active_content import CONVERTED
    from toolkit.checks.integrity import integrity_findings
    from toolkit.submission.model import Irregularity
    from toolkit.workbook.converted import NOT_SEEN, OLD, OPEN

    met = (Irregularity("file-converted", found=OLD, names=NOT_SEEN), Irregularity("file-converted", found=OPEN))
    said_of = [found.message for found in integrity_findings(replace(report("suqian-2024"), irregularities=met))]
    assert ["隐藏的行列、数字格式" in message for message in said_of] == [True, False]
    assert CONVERTED.example == said_of[0]


# A cell that is given twice

OTHER = cell_of("D7").replace(b"<v>", b"<v>9")
TWICE = {
    "same": changed(cell_of("D7"), cell_of("D7") + OTHER),
    "written otherwise": changed(cell_of("D7"), cell_of("D7") + OTHER.replace(b'<c r="D7"', b"<c x='' r = 'D7'")),
    "in small letters": changed(cell_of("D7"), cell_of("D7") + OTHER.replace(b'"D7"', b'"d7"')),
    "with a prefix": changed(cell_of("D7"), cell_of("D7") + b'<x:c xmlns:x="x" r="D7"><x:v>93440</x:v></x:c>'),
    "two values": changed(cell_of("D7"), cell_of("D7").replace(b"</v>", b"</v> <v>93440</v>")),
    "an empty one first": changed(cell_of("D7"), cell_of("D7").replace(b"<v>", b"<v/><v>")),
    "its row twice": changed(row_of(7), row_of(7) + row_of(7).replace(cell_of("D7"), OTHER)),
    "in another row": changed(row_of(8), row_of(8) + b'<row r="8">' + OTHER + b"</row>"),
    "far below": changed(b"</sheetData>", b'<row r="1200">' + OTHER + b"</row></sheetData>"),
}


@pytest.mark.parametrize("name", list(TWICE))
def test_a_cell_that_is_given_twice_is_refused_with_both_values(name: str) -> None:
    with pytest.raises(Unreadable, match=r"工作表「三」的 D7 格有几个值") as refused:
        read_workbook_bytes(TWICE[name], LOOKUP)
    assert refused.value.cause == "unsafe"
    assert "“3440”" in refused.value.message
    assert name == "an empty one first" or "“93440”" in refused.value.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (cell_of("D7") + cell_of("E7"), cell_of("E7") + cell_of("D7")),
        (row_of(7) + row_of(8), row_of(8) + row_of(7)),
        (row_of(8), row_of(8) + b'<row r="8"/>'),
        (cell_of("E7"), b"<c><v>5</v></c>" + cell_of("E7")),
    ],
    ids=["cells", "rows", "an empty row twice", "a cell without address before its neighbour"],
)
def test_so_is_what_stands_in_the_wrong_order(old: bytes, new: bytes) -> None:
    with pytest.raises(Unreadable, match=r"工作表「三」的.*正常的文件里不会有") as refused:
        read_workbook_bytes(changed(old, new), LOOKUP)
    assert refused.value.cause == "unsafe"


def test_other_sheets_are_looked_at_too() -> None:
    texts = "xl/worksheets/sheet6.xml"
    found = re.search(rb'<c r="A5".*?</c>', PARTS[texts])
    assert found
    with pytest.raises(Unreadable, match="工作表「文字」的 A5 格有几个值（“"):
        read_workbook_bytes(packed(replaced(PARTS, texts, found[0], found[0] * 2)), LOOKUP)


@pytest.mark.slow
def test_a_very_large_sheet_is_looked_at_as_far_as_a_form_goes() -> None:
    """Six thousand formatted rows below the form cost little, and hide nothing."""
    cells = "".join(
        f'<row r="{row}">{"".join(f"""<c r="{c}{row}" s="1"/>""" for c in "ABCDEFGHIJK")}</row>'
        for row in range(60, 6000)
    )
    assert said(changed(b"</sheetData>", f"{cells}</sheetData>".encode())) == []
    again = f'{cells}<row r="6000">'.encode() + OTHER + b"</row></sheetData>"
    with pytest.raises(Unreadable, match="D7 格有几个值"):
        read_workbook_bytes(changed(b"</sheetData>", again), LOOKUP)
    hidden = replaced(
        parts_of(changed(b"</sheetData>", f"{cells}</sheetData>".encode())),
        SHEET,
        b'<row r="9" ',
        b'<row r="9" hidden="1" ',
    )
    assert [found.rule for found in said(packed(hidden))] == ["line-hidden"]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, b'<row r="9" ', b'<row r="' + b"9" * 5000 + b'" '),
        (SHEET, b'<c r="D7" ', b'<c r="D' + b"9" * 5000 + b'" '),
        (SHEET, b'<c r="D7" s="', b'<c r="D7" s="x'),
        (SHEET, b'<c r="D7" s="', b'<c r="D7" s="' + b"9" * 5000),
        (SHEET, b"<cols>", b'<cols><col min="x" max="" width="0"/>'),
        (SHEET, b"<sheetData>", b"<sheetData><c/><row/>"),
        ("xl/styles.xml", b'numFmtId="1"', b'numFmtId="x"'),
        ("xl/styles.xml", b'formatCode="', b'formatCode="[&gt;&lt;-.]0E+/,.%;;;;;&quot;'),
        ("xl/styles.xml", b"<cellXfs", b"<cellXfz"),
    ],
)
def test_whatever_stands_there_does_not_break_the_reading(part: str, old: bytes, new: bytes) -> None:
    parts = {
        name: content.replace(b"</cellXfs>", b"</cellXfz>") if new == b"<cellXfz" else content
        for name, content in PARTS.items()
    }
    try:
        said(packed(replaced(parts, part, old, new)))
    except Unreadable as refused:
        cause = refused.cause
    else:
        cause = ""
    assert cause in ("", "unsafe", "damaged")
