"""The rule on the length of a text (篇幅). It is off until an office sets its limit: `length = 1000` in gknb.toml."""

from collections.abc import Iterator
from decimal import Decimal

from toolkit.checks.findings import Finding, Rule, Threshold, ThresholdOf, finding
from toolkit.checks.text_sentences import plain
from toolkit.submission.model import Submission

LENGTH = Rule(
    "length",
    "第一部分篇幅过长",
    "info",
    "第一部分的字数不超过审核机关定的界限；没有定的不看。",
    "有的地方要求年度报告聚焦主题、简明客观，原则上不超过一千字。"
    "要用的，在 gknb.toml 的 [thresholds] 里写 length = 1000。",
    "「{title}」有 {count} 字，超过 {limit} 字。请精简。",
    {"title": "一、某部分", "count": "1260", "limit": "1000"},
    threshold=Threshold(Decimal(0), Decimal(0), Decimal(100000), "第一部分最多多少字，0 为不限"),
    identified_by=("title",),
)
RULES = (LENGTH,)


def length_findings(submission: Submission, _prior: Submission | None, limit_of: ThresholdOf) -> Iterator[Finding]:
    """Yield a finding if the first text section is longer than the office wants."""
    limit = int(limit_of(LENGTH))
    section = next(iter(submission.form.text_sections), None)
    if not limit or section is None:
        return
    count = sum(len(plain(text)) for text in submission.texts.get(section.id, ()))
    if count > limit:
        at = submission.text_places.get(section.id, ())[:1]
        facts = {"title": section.title, "count": str(count), "limit": str(limit)}
        yield finding(LENGTH, None, (), str(limit), str(count), at=at, **facts)
