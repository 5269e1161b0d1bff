"""What follows from another fault stands under it, not counted: on screen, in the annotated copy, in the notice."""

import io
import re
import subprocess
from pathlib import Path

import pytest
from command_line import Gknb
from docx import Document
from kit import read, report, write
from openpyxl import load_workbook

import toolkit
from toolkit.workbook.annotate import FILLS
from toolkit.workbook.layout import REVIEW
from toolkit.workbook.template import build_workbook

TOTAL, COLUMN = "三!D30", ("三!D7", "三!D8", "三!D30", "三!D31")


@pytest.fixture
def returned(tmp_path: Path) -> Path:
    """A return in which somebody typed a number over the formula of a total."""
    book = load_workbook(io.BytesIO(build_workbook(report("suqian-2024"))))
    book["三"]["D30"] = 3400
    saved = io.BytesIO()
    book.save(saved)
    return write(tmp_path / "foreign" / "甲.xlsx", saved.getvalue())


def test_a_total_that_was_overwritten_is_one_error(returned: Path) -> None:
    """The workbook's own fault (formula-overwritten) and the balance follow from what the total should be."""
    result = toolkit.check(read(returned))
    (cause,) = (found for found in result.findings if found.severity == "error" and found.because is None)
    assert (cause.at, cause.expected, cause.actual) == ((TOTAL,), "3440", "3400")
    assert result.count("error") == 1
    assert [(found.rule, found.at) for found in result.findings if found.because == cause.fingerprint] == [
        ("formula-overwritten", (TOTAL,)),
        ("requests-balance", COLUMN),
    ]


def test_the_screen_shows_consequences_under_their_cause(gknb: Gknb, returned: Path) -> None:
    lines = gknb("check", returned).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if "应为 3440（差 40）" in line)
    assert re.match(r"  \d+\. 错误：", lines[at])
    assert [line.startswith("     由此引起：") for line in lines[at + 1 : at + 4]] == [True, True, False]
    numbers = [int(found[1]) for line in lines if (found := re.match(r"  (\d+)\. ", line))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_batch_counts_causes(gknb: Gknb, returned: Path) -> None:
    said = gknb("check", returned.parent, "-o", "结果")
    assert "错误 1" in said.stdout + said.stderr


@pytest.mark.validator
def test_copy_and_notice_show_consequences_under_their_cause(gknb: Gknb, returned: Path, tmp_path: Path) -> None:
    """Their cells are coloured and have notes, too."""
    assert gknb("check", returned, "--annotate", "批注", "--notice", "退回").returncode == 1
    (copy,), (note,) = (list((tmp_path / folder).iterdir()) for folder in ("批注", "退回"))
    book = load_workbook(copy)
    rows = list(book[REVIEW].iter_rows(min_row=5, max_col=4, values_only=True))
    assert [row[:3] for row in rows[:3]] == [
        (1, "错误", TOTAL),
        (None, None, TOTAL),
        (None, None, "三!D7、D8、D30、D31"),
    ]
    assert all(row[3].startswith("由第 1 条引起：") for row in rows[1:3])
    assert rows[3][:2] == (2, "提醒")
    assert "错误 1 条" in book[REVIEW]["A2"].value
    assert "由第 1 条引起" in book["三"]["D7"].comment.text
    assert book["三"]["D7"].fill.fgColor.rgb == FILLS["error"]
    lines = [paragraph.text for paragraph in Document(str(note)).paragraphs]
    assert "有 1 处必须修改" in lines[2]
    at = next(number for number, line in enumerate(lines) if line.startswith("1．") and "应为 3440" in line)
    assert [line.startswith("由此引起：") for line in lines[at + 1 : at + 4]] == [True, True, False]
    assert any("它上面的一条更正后一般随之相符" in line for line in lines)
    for file in (copy, note):
        verdict = subprocess.run(["ooxml-validator", str(file)], capture_output=True, text=True, check=False)
        assert verdict.returncode == 0, verdict.stdout
