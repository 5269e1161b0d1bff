"""Rules on a submission as a whole: its agency, its year, its text sections (文字部分)."""

from collections.abc import Iterator

from toolkit.characters import without_forbidden
from toolkit.checks.findings import Finding, Rule, finding
from toolkit.checks.samples import Samples
from toolkit.forms.model import Form
from toolkit.submission.model import Submission

AGENCY_MISSING = Rule(
    "agency-missing",
    "没有填机关全称",
    "warning",
    "基本信息中要填机关全称。",
    "报告标题由机关全称和年度组成。",
    "「基本信息」没有填机关全称，报告标题会缺少机关名。请补填。",
    {},
    variants={"issued": "机关全称（{place}）是空的，按模板标识认作{wanted}。请补填。"},
)
WRONG_EDITION = Rule(
    "wrong-edition",
    "格式与年度不符",
    "warning",
    "报告年度与格式相符。",
    "各年度的报告用当年适用的格式，格式用错要重报。",
    "报告年度是 {year}，用的却是格式 {form}（用于 {years}）。请核对年度，必要时换用当年的模板重填。",
    {"year": "2020", "form": "某", "years": "2021 年起"},
    other_template=True,
)
TEXT_MISSING = Rule(
    "text-missing",
    "缺少文字部分",
    "error",
    "文字部分不空；没有内容的写“无”。",
    "各部分缺一不可。",
    "「{title}」没有文字，报告中将写“无”。请补写，确实没有内容的填“无”。",
    {"title": "一、某部分"},
    identified_by=("title",),
)
HIDDEN_CHARACTERS = Rule(
    "hidden-characters",
    "看不见的控制字符",
    "warning",
    "文字中没有看不见的控制字符。",
    "Word 不能保存这类字符，生成报告时会去掉。",
    "「{title}」第 {number} 段{where}有看不见的控制字符，Word 报告中将去掉。请重新录入这一段。",
    {"title": "一、某部分", "number": "1", "where": ""},
    identified_by=("title", "where"),
)

RULES = (AGENCY_MISSING, WRONG_EDITION, TEXT_MISSING, HIDDEN_CHARACTERS)


def whole_findings(submission: Submission) -> Iterator[Finding]:
    """Yield what is wrong with a submission as a whole."""
    form = submission.form
    if not submission.agency.strip():
        yield finding(AGENCY_MISSING, submission)
    if not form.serves(submission.year):
        year, years = str(submission.year), form.years_text
        yield finding(WRONG_EDITION, None, (), years, year, year=year, form=form.id, years=years)
    for section in form.text_sections:
        paragraphs = submission.texts.get(section.id, ())
        if not paragraphs:
            yield finding(TEXT_MISSING, None, (), "文字", "空白", title=section.title)
        places = submission.text_places.get(section.id, ("",) * len(paragraphs))
        for number, (text, place) in enumerate(zip(paragraphs, places, strict=True), 1):
            if text != without_forbidden(text):
                where = f"（{place}）" if place else ""
                yield finding(HIDDEN_CHARACTERS, at=[place], title=section.title, number=str(number), where=where)


def whole_samples(form: Form) -> Samples:
    """Return the facts of the examples on a form."""
    edition = {"year": str(form.first_year - 1), "form": form.id, "years": form.years_text}
    found: dict[str, dict[str, str]] = {WRONG_EDITION.id: edition}
    for section in form.text_sections[:1]:
        found[TEXT_MISSING.id] = found[HIDDEN_CHARACTERS.id] = {"title": section.title}
    return found
