"""Names of files stand on one line in everything that is shown."""

import csv
import io
import json
import os
import re
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from command_line import Gknb
from hypothesis import given
from hypothesis import strategies as st
from kit import write
from openpyxl import load_workbook
from returns import archive, checked, left_out, roster_of, sheet, statuses

from toolkit.batch.received.archives import SHOWN, shown_member
from toolkit.batch.received.files import find_items
from toolkit.batch.received.left_out import LeftOut, LeftOutFile
from toolkit.characters import printable

ODD_NAME = "甲\n【通过】乙\x1b[2J\u202e局.xlsx"


@pytest.mark.slow
def test_names_stand_on_one_line_in_everything_that_is_shown(gknb_anew: Gknb, tmp_path: Path) -> None:
    """Names of files and of members, on screen and in all results; links lead to the real file."""
    archive(tmp_path / "foreign" / "收.zip", {"包\n【通过】假.xlsx": sheet("甲局"), "长" * 400 + ".xlsx": b"x"})
    if sys.platform != "win32":
        write(tmp_path / "foreign" / ODD_NAME, sheet("乙局"))
        write(tmp_path / "foreign" / f"{ODD_NAME}.doc", b"x")
    roster = roster_of(tmp_path, "甲局", "乙局")
    calls = (
        ("check", "foreign", "--roster", roster, "-o", "结果", "--notice", "退回", "--annotate", "批注"),
        ("check", "foreign", "--json"),
        ("extract", "foreign", "--format", "csv"),
        ("rollup", "foreign", "--agency", "某县", "-o", "汇总", "--allow-failed"),
        ("report", "foreign", "-o", "报告"),
        ("import", "foreign", "-o", "导入"),
    )
    for call in calls:
        ran = gknb_anew(*call)
        for line in (ran.stdout + ran.stderr).splitlines():
            assert not line.startswith(("【通过】乙", "【通过】假")), (call, line)
            assert not set("\x1b\u202e") & set(line), (call, line)
    data = json.loads((tmp_path / "结果" / "findings.json").read_text(encoding="utf-8"))
    paths = [*statuses(data), *left_out(data)]
    assert "foreign/收.zip/包<U+000A>【通过】假.xlsx" in paths
    assert all(path.isprintable() and len(path) < 2 * SHOWN for path in paths)
    names = [row["文件"] for row in csv.DictReader(io.StringIO(gknb_anew(*calls[2]).stdout))]
    assert names
    assert all(name.isprintable() for name in names)
    for book in (tmp_path / "结果" / "校验结果.xlsx", tmp_path / "汇总" / "汇总表.xlsx"):
        texts = [str(cell.value) for rows in load_workbook(book) for row in rows for cell in row if cell.value]
        assert any("<U+000A>" in text for text in texts)
        assert not any("\n【" in text or "\x1b" in text or "\u202e" in text for text in texts)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_link_in_the_page_leads_to_the_file_whatever_it_is_called(gknb: Gknb, tmp_path: Path) -> None:
    gbk = os.fsdecode("丙局.xlsx".encode("gb18030"))
    for name, agency in (("甲局.xlsx", "甲局"), ("一\n二 #%?.xlsx", "乙局"), (gbk, "丙局")):
        write(tmp_path / "foreign" / name, sheet(agency))
    gknb("check", "foreign", "-o", "结果")
    page = (tmp_path / "结果" / "校验结果.html").read_text(encoding="utf-8")
    held = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    for line in held["lines"]:
        target = os.fsdecode(unquote(unescape(line["href"]), encoding="latin-1").encode("latin-1"))
        assert (tmp_path / "结果" / target).is_file(), line["href"]
    assert len(held["lines"]) == 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have names that are no characters")
def test_files_that_look_the_same_by_name_stay_two(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "甲局.json", b"x")
    write(tmp_path / "foreign" / os.fsdecode("甲局.json".encode("gb18030")), sheet("甲局"))
    paths = [file["path"] for file in checked(gknb, "foreign")["files"]]
    assert sorted(paths) == ["foreign/甲局.json", "foreign/甲局.json（同名的第 2 个）"]


@given(st.text(), st.text())
def test_a_shown_name_is_one_line_and_never_that_of_another(one: str, other: str) -> None:
    shown = printable(one)
    assert len(shown.splitlines()) <= 1
    assert not any(char in shown for char in "\x1b\u200b\u200e\u202e\u2066\ufeff\x00\r\n")
    assert (shown == printable(other)) == (one == other)
    again = re.sub("<U\\+([0-9A-F]{4,6})>", lambda match: chr(int(match[1], 16)), shown)
    assert again == one


def test_ordinary_names_are_shown_as_they_are() -> None:
    for name in ("国办〔2024〕3号　附件.xlsx", "a b\u00a0c.xlsx", "\U00030000县.xlsx", "〔000A〕.xlsx", "<b>.xlsx"):
        assert printable(name) == name


def test_a_very_long_name_is_cut_and_stays_its_own() -> None:
    shown = {shown_member("目录/" + "长" * length + ".xlsx") for length in (300, 301, 60_000)}
    assert len(shown) == 3
    assert all(len(name) <= SHOWN for name in shown)
    assert shown_member("长" * 240 + ".xlsx") == "长" * 240 + ".xlsx"


def test_what_is_left_out_is_shown_by_such_names_too(tmp_path: Path) -> None:
    out = LeftOut()
    archive(tmp_path / "收.zip", {"甲.xlsx": b"x", "说\n明.doc": b""})
    assert [item.members for item in find_items([tmp_path], out)] == [("甲.xlsx",)]
    (left,) = out.first
    assert left == LeftOutFile(f"{tmp_path}/收.zip/说<U+000A>明.doc", left.reason)
