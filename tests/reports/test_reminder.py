"""The reminder to an agency: a letter of one page and texts for messages, whatever the names."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import write
from office import convert
from validator import assert_valid

from toolkit.batch.letters.reminders import Due, is_own_text, reminder_list, reminder_texts
from toolkit.batch.roster import RosterEntry
from toolkit.characters import without_forbidden
from toolkit.reports.reminder import Reminder, build_reminder, one_line, three_lines

TITLE = "2024年政府信息公开工作年度报告"
TODAY, DEADLINE = date(2025, 1, 28), date(2025, 1, 20)
NONE = Reminder("甲局", TITLE, "未报", TODAY, DEADLINE)
WRONG = replace(NONE, state="有误", file="甲.xlsx", received=date(2025, 1, 15), to_mend=3, to_explain=2, remaining=1)


def lines(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


def test_a_letter_to_who_has_returned_nothing() -> None:
    assert lines(build_reminder(NONE, "县府办")) == [
        f"关于报送{TITLE}的催报函",
        "甲局：",
        f"截至2025年1月28日，尚未收到你单位的《{TITLE}》填报表。",
        "报送期限为2025年1月20日，已超过 8 天。请将填报表（.xlsx）填写完整，待「自查」全部相符后报送。",
        "已经报送的，请与我们核对。",
        "县府办",
        "2025年1月28日",
    ]


def test_a_letter_to_who_has_to_correct() -> None:
    said = lines(build_reminder(WRONG))
    assert said[0] == f"关于更正{TITLE}的催办函"
    assert said[2] == (
        f"你单位1月15日报送的《{TITLE}》填报表，经审核有 3 处必须修改、2 处待说明，其中 1 处上次已经提出。"
        "截至2025年1月28日，尚未收到更正后的填报表。"
    )
    assert "待说明的核实后改正或写明情况" in said[3]
    assert said[-2] == "＿＿＿＿＿＿"


def test_a_letter_to_who_sent_something_else() -> None:
    other = replace(NONE, state="不是填报表", file=f"{'长' * 200}.docx")
    said = "".join(lines(build_reminder(other)))
    assert "…" in said
    assert ".docx”不是填报表。" in said
    assert "Word 文件、扫描件、照片不能代替" in said


@pytest.mark.parametrize(
    ("today", "words"),
    [(date(2025, 1, 18), "还有2天"), (DEADLINE, "期限就是今天（1月20日）"), (date(2025, 1, 21), "已过1天")],
)
def test_how_far_off_the_deadline_is(today: date, words: str) -> None:
    assert words in one_line(replace(NONE, today=today))
    assert words in three_lines(replace(NONE, today=today))[1]
    assert "期限" not in one_line(replace(NONE, deadline=None))


STATES = st.sampled_from(("未报", "不是填报表", "无法读取", "有误", "待说明"))
REMINDERS = st.builds(
    Reminder,
    agency=st.text(min_size=1, max_size=100),
    title=st.just(TITLE),
    state=STATES,
    today=st.dates(),
    deadline=st.none() | st.dates(),
    file=st.text(max_size=300),
    received=st.none() | st.dates(),
    reason=st.text(max_size=80),
    to_mend=st.integers(0, 10**6),
    to_explain=st.integers(0, 10**6),
    remaining=st.integers(0, 10**6),
)


@settings(max_examples=60)
@given(REMINDERS, st.text(max_size=60), st.text(max_size=60))
def test_whatever_the_names_letter_list_and_texts_are_made(reminder: Reminder, contact: str, phone: str) -> None:
    said = "".join(lines(build_reminder(reminder, contact)))
    kept = "".join(without_forbidden(reminder.agency).replace("\r", "\n").split("\n"))
    assert kept in said.replace("\r", "").replace("\n", "")
    due = [Due(RosterEntry("甲局", 2, contact=contact, phone=phone), reminder)]
    assert reminder_list(due, TITLE, contact, TODAY) == reminder_list(due, TITLE, contact, TODAY)
    texts = reminder_texts(due, TITLE, contact, TODAY)
    assert is_own_text(texts)
    assert not is_own_text(texts + "另".encode())
    assert not is_own_text(texts[:-40])


@pytest.mark.validator
@pytest.mark.libreoffice
def test_every_letter_is_valid_and_one_page(tmp_path: Path) -> None:
    pdfplumber = pytest.importorskip("pdfplumber")
    odd = "甲<b>&\x01“乙”𬀩🏫" + "长" * 80
    reminders = [
        replace(WRONG, state=state, agency=odd, file=odd + ".xlsx", reason="原因") for state in STATES.elements
    ]
    paths = [write(tmp_path / f"{n}.docx", build_reminder(one, odd)) for n, one in enumerate(reminders)]
    convert(paths, tmp_path / "foreign", "pdf")
    for path in paths:
        assert_valid(path)
        with pdfplumber.open(tmp_path / "foreign" / f"{path.stem}.pdf") as pdf:
            assert len(pdf.pages) == 1
