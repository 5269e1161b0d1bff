"""The notice of correction (退回修改意见): what an agency has to correct, addressed to it, ready to send."""

from collections.abc import Iterator, Sequence
from datetime import date

from toolkit.reports.base_document import BODY, HEADINGS, SIGNATURE, own_base
from toolkit.reports.word_writer import DocumentDraft
from toolkit.submission.model import IrregularityKind, Submission

NO_INDENT = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
INDENT_MORE = '<w:ind w:left="640" w:firstLineChars="0" w:firstLine="0"/>'
"""The indentation of what stands under a numbered message: two characters, like the first line of a paragraph."""
BLANK = "＿＿＿＿＿＿"
ALTERED: tuple[IrregularityKind, ...] = (
    "table-moved",
    "line-missing",
    "sheet-renamed",
    "sheet-missing",
    "formula-overwritten",
    "label-changed",
)
"""After one of these irregularities a workbook's formulas and 自查 cannot be relied on."""
KEEP_WITH_NEXT = "<w:keepNext/>"
"""Keeps a paragraph on the page of the next one: a signature never stands on a page of its own."""


def build_notice(
    submission: Submission,
    errors: Sequence[str],
    warnings: Sequence[str],
    office: str = "",
    deadline: str = "",
    day: date | None = None,
    other_template: bool = False,
) -> bytes:
    """Return the notice to one agency, as the bytes of a .docx file. `errors` must be corrected, `warnings` must be
    verified. The further lines of a message are what follows from it, and have no number. With `other_template` some of
    them ask the agency to use another template.

    `office` signs the notice, `deadline` is a date in words (``1月20日``). Where `office`, `deadline` or `day` is
    missing, a blank line is left to be filled in by hand.
    """
    title = f"关于{submission.form.report_title('', submission.year)}的退回修改意见"
    draft = DocumentDraft(own_base())
    what_to_do = f"请于{deadline.removesuffix('前') or BLANK}前{_what_to_do(submission, other_template)}"
    body = _body(draft, submission, title, errors, warnings, what_to_do, office or BLANK, day)
    return draft.finish(body, title, office)


def _body(
    draft: DocumentDraft,
    submission: Submission,
    title: str,
    errors: Sequence[str],
    warnings: Sequence[str],
    what_to_do: str,
    office: str,
    day: date | None,
) -> Iterator[str]:
    """Yield the paragraphs of the notice, as XML."""
    yield draft.title(title)
    yield draft.paragraph(BODY, f"{submission.agency or '（机关名称未填）'}：", NO_INDENT)
    counts = [f"{len(errors)} 处必须修改"] if errors else []
    counts += [f"{len(warnings)} 处需要核实"] if warnings else []
    found = f"经审核，有 {'、'.join(counts)}，现予退回，请按以下意见办理。" if counts else "经审核，没有发现问题。"
    yield draft.paragraph(BODY, f"你单位报送的《{submission.title}》填报表收悉。{found}")
    parts = [("必须修改", errors), ("请予核实，确属实情的请书面说明", warnings)]
    numerals = iter("一二三")
    for heading, messages in parts:
        if messages:
            yield draft.paragraph(HEADINGS[0], f"{next(numerals)}、{heading}")
            for number, message in enumerate(messages, 1):
                first, *following = message.split("\n")
                yield draft.paragraph(BODY, f"{number}．{first}")
                for line in following:
                    yield draft.paragraph(BODY, line, INDENT_MORE)
    if counts:
        yield draft.paragraph(HEADINGS[0], f"{next(numerals)}、办理要求")
        if any("\n" in message for _, messages in parts for message in messages):
            what_to_do += "写明由上一条引起的，上一条更正后一般随之相符，不用另改。"
        yield draft.paragraph(BODY, what_to_do, KEEP_WITH_NEXT)
    yield draft.paragraph(SIGNATURE, office, f'{KEEP_WITH_NEXT}<w:spacing w:before="560"/>')
    written = f"{day.year}年{day.month}月{day.day}日" if day else "＿＿＿＿年＿＿月＿＿日"
    yield draft.paragraph(SIGNATURE, written)


def _what_to_do(submission: Submission, other_template: bool) -> str:
    """Return what the agency has to do. A workbook is corrected itself, because its 自查 shows the result at once,
    unless it was altered or another template is needed."""
    altered = any(irregularity.kind in ALTERED for irregularity in submission.irregularities)
    where = "把内容填到原来下发的模板里" if altered else "在原表上修改"
    where = "按上述意见换用模板或更正" if other_template else where
    correct = f"{where}，待「自查」全部相符后重新报送；不要改动表样、增删行列或另建表格。"
    texts_too = "表中数字更正后，文字部分提到的同一数字请一并更正。" if submission.form.text_sections else ""
    return (correct if submission.places else "修改后重新报送。") + texts_too
