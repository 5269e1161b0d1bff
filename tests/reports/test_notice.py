"""The returned-for-correction note (退回修改意见) in its details; what it says on the whole is in test_send_back."""

import io
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from kit import report, write
from site_form import SITE_FORM

from toolkit.characters import without_forbidden
from toolkit.forms.loader import parse_form
from toolkit.reports.notice import NoticeFrame, NoticeItem, NoticeRound, build_notice, build_unreadable_notice
from toolkit.submission.model import Irregularity
from toolkit.workbook.layout import layout_of
from toolkit.workbook.template import blank_submission

SOURCE = report("suqian-2024")
RETURNED = replace(SOURCE, places=layout_of(SOURCE.form).places)
NO_TEXTS = parse_form(
    SITE_FORM.replace('[[sections]]\nid = "说明"\ntitle = "三、情况说明"\ntext = true\nhelp = "写清主要工作。"\n', ""),
    "site",
)


def items(messages: Sequence[str]) -> list[NoticeItem]:
    return [NoticeItem(message) for message in messages]


ONE = items(["甲"])


def lines(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


@pytest.mark.parametrize("deadline", ["1月20日", "1月20日前"])
def test_a_deadline_may_be_given_with_or_without_its_last_word(deadline: str) -> None:
    assert "请于1月20日前在原表上修改" in "".join(
        lines(build_notice(RETURNED, ONE, [], NoticeFrame(deadline=deadline)))
    )


def test_an_altered_workbook_is_not_mended_but_filled_in_anew() -> None:
    altered = replace(RETURNED, irregularities=(Irregularity("line-missing", "三", "行", "甲"),))
    note = "".join(lines(build_notice(altered, ONE, [], NoticeFrame(deadline="1月20日"))))
    assert "请于1月20日前把内容填到原来下发的模板里，待「自查」全部相符后重新报送" in note


def test_where_another_template_is_asked_for_it_does_not_say_to_mend_this_one() -> None:
    altered = replace(RETURNED, irregularities=(Irregularity("line-missing", "三", "行", "甲"),))
    for returned in (RETURNED, altered):
        note = "".join(lines(build_notice(returned, ONE, [], NoticeFrame(deadline="1月20日"), other_template=True)))
        assert "请于1月20日前按上述意见换用模板或更正，待「自查」全部相符后重新报送" in note
        assert "原表" not in note
        assert "原来下发" not in note


def test_a_data_file_has_no_workbook_to_be_mended() -> None:
    note = "".join(lines(build_notice(SOURCE, ONE, [])))
    assert "前修改后重新报送。" in note
    assert "自查" not in note


def test_a_form_without_texts_does_not_speak_of_them() -> None:
    assert "文字部分" in "".join(lines(build_notice(RETURNED, ONE, [])))
    assert NO_TEXTS.text_sections == ()
    assert "文字部分" not in "".join(lines(build_notice(blank_submission(NO_TEXTS, 2024, "甲局"), ONE, [])))


def test_without_anything_wrong_it_asks_for_nothing() -> None:
    note = "".join(lines(build_notice(RETURNED, [], [])))
    assert "没有发现问题" in note
    assert "请于" not in note


def test_the_day_is_written_out() -> None:
    assert lines(build_notice(RETURNED, ONE, [], NoticeFrame("乙办", day=date(2025, 1, 5))))[-2:] == [
        "乙办",
        "2025年1月5日",
    ]


def test_the_signature_never_stands_alone_on_a_page() -> None:
    paragraphs = Document(io.BytesIO(build_notice(RETURNED, ONE * 40, []))).paragraphs
    assert [paragraph.paragraph_format.keep_with_next for paragraph in paragraphs[-3:]] == [True, True, None]


def test_reminders_alone_do_not_send_a_return_back() -> None:
    """审核有提醒、没有错误的：核实意见，说清楚在哪里写说明。"""
    note = lines(build_notice(RETURNED, [], ONE, NoticeFrame("甲办", "1月20日")))
    assert note[0] == "关于2024年政府信息公开工作年度报告的核实意见"
    assert "经审核，有 1 处需要核实或说明，请按以下意见办理。" in note[2]
    assert note[3:5] == ["一、请核实或说明", "1．甲"]
    assert "请于1月20日前逐条核实：确属实情的，在批注件“审核意见”的“说明”一栏写明原因" in note[6]
    assert not any("退回" in line for line in note)
    assert "书面说明原因" in "".join(lines(build_notice(SOURCE, [], ONE)))


def test_a_later_round_says_what_became_of_the_one_before() -> None:
    again = NoticeRound(
        2, "已改 3，未改 1，新出现 1，已说明 2", ("某格：5 改为 6。", "另一格：7 改为 8（没有要求修改）。")
    )
    wrong = [NoticeItem("甲", "未改", ("乙",)), NoticeItem("丙", "新出现")]
    odd = [NoticeItem("丁", "未改", (), "两件合办", "没有写明哪几件", 3)]
    note = lines(build_notice(RETURNED, wrong, odd, this_round=again))
    assert "你单位第 2 次报送的" in note[2]
    assert "与上一次相比，已改 3，未改 1，新出现 1，已说明 2。经审核" in note[2]
    assert note[3:7] == ["一、必须修改", "1．（未改）甲", "由此引起：乙", "2．（新出现）丙"]
    refused = "你单位的说明“两件合办”没有接受：没有写明哪几件。请改正，或另行说明。"
    assert note[7:10] == ["二、请核实或说明", "3．（未改）丁", refused]
    assert note[10:13] == ["三、与上一次相比改动的数", *again.changes]


def test_a_file_that_is_no_return_gets_a_note_that_says_what_to_send() -> None:
    frame = NoticeFrame("甲办", "1月20日")
    note = lines(
        build_unreadable_notice(
            "甲局", "政府信息公开工作年度报告", "报告.doc", "这是 Word 文件。", "用模板报送。", frame
        )
    )
    assert note == [
        "关于政府信息公开工作年度报告的退回修改意见",
        "甲局：",
        "收到你单位报送的文件“报告.doc”。这是 Word 文件。",
        "请于1月20日前用模板报送。",
        "甲办",
        "＿＿＿＿年＿＿月＿＿日",
    ]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), min_size=1, max_size=80), min_size=1, max_size=20))
def test_every_message_stands_in_it_letter_for_letter(messages: list[str]) -> None:
    note = lines(build_notice(RETURNED, items(messages), items(messages)))
    expected = [f"{number}．{without_forbidden(text)}" for number, text in enumerate(messages, 1)]
    assert note[4 : 4 + len(messages)] == expected
    assert note[5 + len(messages) : 5 + 2 * len(messages)] == expected


@pytest.mark.validator
def test_it_is_valid_whatever_the_texts(tmp_path: Path) -> None:
    odd = replace(RETURNED, agency="甲<b>&\x01“乙”𬀩🏫" + "长" * 200)
    texts = ["=1+1", "a\tb", "<w:p/>", "控制\x02字符", "_x0041_", " 前后空格 ", "x" * 30_000]
    for name, note in (
        ("a", build_notice(odd, items(texts), items(texts), NoticeFrame("办公室" * 100, "1月"))),
        ("b", build_notice(odd, items(texts), [])),
    ):
        path = write(tmp_path / f"{name}.docx", note)
        verdict = subprocess.run(
            ["ooxml-validator", str(path)], capture_output=True, text=True, check=False, timeout=120
        )
        assert verdict.returncode == 0, verdict.stdout
