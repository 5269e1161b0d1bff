"""Alike texts: what was copied is found, what is everybody's wording or one's own is not."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from alike_texts import BASE, SENTENCES, generated, with_text
from hypothesis import given
from hypothesis import strategies as st
from kit import REPORT_DATA, checked, report

from toolkit.batch import cross_checks
from toolkit.checks.alike import ALIKE, SHORTEST, essence, find_alike, profile, same_as_last_year_findings, sketches
from toolkit.checks.findings import Finding
from toolkit.submission.model import Submission

THRESHOLD = Decimal("0.8")
BOILERPLATE = (
    "根据《中华人民共和国政府信息公开条例》（以下简称《条例》）规定，编制本报告。",
    "本报告所列数据的统计期限自2024年1月1日起至2024年12月31日止。",
    "如对本报告有疑问，请与某局办公室联系（地址：某路1号，电话：12345678）。",
)


def alike_findings(batch: Sequence[Submission]) -> list[tuple[int, Finding]]:
    """What is said of alike texts: position in the batch, and the finding."""
    return [
        (position, found)
        for position, result in enumerate(checked(*batch))
        for found in result.findings
        if found.rule == ALIKE.id
    ]


def pairs(batch: Sequence[Submission], threshold: float) -> list[tuple[int, int, float]]:
    """Alike pairs of the first section's texts."""
    essences = [essence(submission, "一") for submission in batch]
    return list(find_alike([*map(profile, essences)], essences.__getitem__, threshold))


def test_real_reports_are_not_alike() -> None:
    """But the two years of 宿迁, which are one agency's."""
    batch = [report(name) for name in REPORT_DATA]
    assert alike_findings(batch) == []
    assert pairs([replace(report("suqian-2023"), agency="甲市"), replace(BASE, agency="乙市")], 0.3)


def test_a_copied_text_is_found_with_its_passages() -> None:
    text = "".join(SENTENCES[:12])
    copied = text.replace("2024", "2023").replace("，", "、") + "本局还组织了培训3次。"
    found = alike_findings([with_text("甲局", text), with_text("乙局", copied), BASE])
    assert [index for index, _ in found] == [0, 1]
    message = found[0][1].message
    assert "与乙局的文字相同 9" in message
    longest = max(SENTENCES[:12], key=len)[:20]
    assert longest in message


def test_what_is_quoted_is_no_sub_heading() -> None:
    """Every report has the line （二）政府信息依申请公开办理工作情况; the sentence under it is what was copied."""
    headings = (
        "（二）政府信息依申请公开办理工作情况",
        "(三)政府信息公开平台建设和管理情况。",
        "政府信息公开监督保障工作开展情况",
    )
    body = [text for text in SENTENCES if len(text) > 60][:6]
    copied = "我局每周三晚上请老同志来讲。"
    changed = [f"{text[:30]}甲{text[30:]}" for text in body]
    one = with_text("甲局", *headings, copied, *body)
    other = with_text("乙局", *headings, copied, *changed)
    told = [found.message for _, found in alike_findings([one, other])]
    assert len(told) == 2
    assert all(f"，如“{copied}”。请" in message for message in told)


@given(st.lists(st.sampled_from(SENTENCES), min_size=6, max_size=14, unique=True), st.data())
def test_boilerplate_names_digits_and_punctuation_do_not_count(sentences: list[str], data: st.DataObject) -> None:
    plain = with_text("甲局", *sentences)
    dressed = [*sentences]
    for sentence in BOILERPLATE:
        dressed.insert(data.draw(st.integers(0, len(dressed))), sentence)
    other = with_text("乙县教育局", *(f"乙县教育局{text}".replace("。", "；3、") for text in sentences))
    assert essence(with_text("甲局", *dressed), "一") == essence(plain, "一")
    if len(essence(plain, "一")) >= SHORTEST:
        assert pairs([plain, other], 0.8) == pairs([other, plain], 0.8) == [(0, 1, 1)]


def test_short_texts_never_count() -> None:
    for text in ("无", SENTENCES[0][:50]):
        assert alike_findings([with_text("甲局", text), with_text("乙局", text)]) == []
        assert pairs([with_text("甲局", text), with_text("乙局", text)], 0.8) == []


def test_the_same_agency_is_not_alike_with_itself() -> None:
    text = "".join(SENTENCES[:12])
    assert alike_findings([with_text("甲局", text), with_text("甲 局", text, year=2023)]) == []
    assert len(alike_findings([with_text("甲局", text), with_text("乙局", text)])) == 2
    assert alike_findings([with_text("甲局（本级）", text), with_text("甲局(本级)", text, year=2023)]) == []


@pytest.mark.slow
def test_copies_among_many_are_found_and_nothing_else() -> None:
    """Copies are known from how the batch was made; the measure is the definition itself, pair by pair."""
    from rapidfuzz.distance import Indel

    batch = generated(200, random.Random(7), copied=0.2)
    texts = [essence(submission, "一") for submission in batch]
    truly = {
        (one, other)
        for one, other in combinations(range(len(batch)), 2)
        if Indel.normalized_similarity(texts[one], texts[other]) >= 0.8
    }
    assert truly
    assert {(one, other) for one, other, _ in pairs(batch, 0.8)} == truly


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_last_years_text_left_standing(share: float) -> None:
    rng = random.Random(3)
    sentences = rng.sample(SENTENCES, 20)
    kept = round(10 * share)
    now = with_text("甲局", *sentences[:kept], *sentences[10 : 20 - kept])
    then = with_text("甲局", *(re.sub(r"\d", "7", text) for text in sentences[:10]), year=2023)
    found = list(same_as_last_year_findings(now, then, lambda _: THRESHOLD))
    assert bool(found) == (share == 1.0)
    if found:
        assert "100% 与上年报告相同" in found[0].message


def test_two_real_years_are_not_copied() -> None:
    assert list(same_as_last_year_findings(BASE, report("suqian-2023"), lambda _: THRESHOLD)) == []


@pytest.mark.slow
def test_among_very_many_sketches_propose_the_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = generated(150, random.Random(11), copied=0.3)
    each = {position for position, _ in alike_findings(batch)}
    monkeypatch.setattr(cross_checks, "EXACT_LIMIT", 10)
    proposed = {position for position, _ in alike_findings(batch)}
    assert each
    assert proposed == each
    same = [with_text(f"机关{number}", SENTENCES[0] * 3) for number in range(40)] + batch[:20]
    assert len({position for position, _ in alike_findings(same)} & set(range(40))) == 40


def test_sketches_of_a_text_that_was_worked_over() -> None:
    """A tenth of the characters rewritten, here and there or in one piece, still has a sketch in common."""
    rng = random.Random(5)
    missed = 0
    for submission in generated(100, rng):
        text = essence(submission, "一")
        spots = rng.sample(range(len(text)), len(text) // 10)
        scattered = "".join("改" if place in spots else char for place, char in enumerate(text))
        start = rng.randrange(len(text) * 8 // 10)
        replaced = text[:start] + "改" * (len(text) // 5) + text[start + len(text) // 5 :]
        for other in (scattered, replaced):
            missed += not set(sketches(text)) & set(sketches(other))
    assert missed <= 4
