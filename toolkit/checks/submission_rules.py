"""Rules on the submission as a whole: its agency, its year, its text sections."""

from collections.abc import Iterator

from toolkit.characters import without_forbidden
from toolkit.checks.findings import Finding, Rule, finding
from toolkit.submission.model import Submission

AGENCY_MISSING = Rule("agency-missing", "warning", "基本信息中要填机关全称。", "报告标题由机关全称和年度组成。")
WRONG_EDITION = Rule(
    "wrong-edition",
    "warning",
    "报告年度与格式相符。",
    "各年度的报告用当年适用的格式，格式用错要重报。",
)
TEXT_MISSING = Rule("text-missing", "warning", "文字部分不空；没有内容的写“无”。", "各部分缺一不可。")
HIDDEN_CHARACTERS = Rule(
    "hidden-characters",
    "warning",
    "文字中没有看不见的控制字符。",
    "Word 不能保存这类字符，生成报告时会去掉。",
)

RULES = (AGENCY_MISSING, WRONG_EDITION, TEXT_MISSING, HIDDEN_CHARACTERS)


def whole_findings(submission: Submission) -> Iterator[Finding]:
    """What is wrong with a submission as a whole."""
    form = submission.form
    if not submission.agency.strip():
        yield finding(AGENCY_MISSING, "「基本信息」没有填机关全称，报告标题会缺少机关名。请补填。", submission)
    if not form.serves(submission.year):
        message = (
            f"报告年度是 {submission.year}，用的却是格式 {form.id}（用于 {form.years_text}）。"
            "请核对年度，必要时换用当年的模板重填。"
        )
        yield finding(WRONG_EDITION, message, submission, (), form.years_text, str(submission.year))
    for section in form.text_sections:
        paragraphs = submission.texts.get(section.id, ())
        if not paragraphs:
            message = f"「{section.title}」没有文字，报告中将写“无”。请补写，确实没有内容的填“无”。"
            yield finding(TEXT_MISSING, message, submission, (), "文字", "空白")
        places = submission.text_places.get(section.id, ("",) * len(paragraphs))
        for number, (text, place) in enumerate(zip(paragraphs, places, strict=True), 1):
            if text != without_forbidden(text):
                at = f"（{place}）" if place else ""
                message = (
                    f"「{section.title}」第 {number} 段{at}有看不见的控制字符，Word 报告中将去掉。请重新录入这一段。"
                )
                rule = HIDDEN_CHARACTERS
                yield Finding(rule.id, rule.severity, message, (), (place,) if place else ())
