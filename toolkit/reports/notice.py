"""The returned-for-correction note (退回修改意见): what an agency is to correct, addressed to it, ready to send."""

from collections.abc import Iterator, Sequence
from datetime import date

from toolkit.reports.base_document import BODY, HEADINGS, SIGNATURE, own_base
from toolkit.reports.word_writer import DocumentDraft
from toolkit.submission.model import IrregularityKind, Submission

FLUSH = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
LINE = "＿＿＿＿＿＿"
ALTERED: tuple[IrregularityKind, ...] = (
    "table-moved",
    "line-missing",
    "sheet-renamed",
    "sheet-missing",
    "formula-overwritten",
    "label-changed",
)
"""With these, a workbook's formulas and 自查 cannot be relied on."""
TOGETHER = "<w:keepNext/>"
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
    """The note to one agency, as the bytes of a .docx file: `errors` must be corrected, `warnings` looked into. With
    `other_template`, some of them ask for a template that is not the one that came back.

    `office` signs it, `deadline` says until when in words (``1月20日``); both are left to be written in where they are
    empty, and so is the day.
    """
    title = f"关于{submission.form.report_title('', submission.year)}的退回修改意见"
    draft = DocumentDraft(own_base())
    what_to_do = f"请于{deadline.removesuffix('前') or LINE}前{_what_to_do(submission, other_template)}"
    body = _body(draft, submission, title, errors, warnings, what_to_do, office or LINE, day)
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
    yield draft.title(title)
    yield draft.paragraph(BODY, f"{submission.agency or '（机关名称未填）'}：", FLUSH)
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
                yield draft.paragraph(BODY, f"{number}．{message}")
    if counts:
        yield draft.paragraph(HEADINGS[0], f"{next(numerals)}、办理要求")
        yield draft.paragraph(BODY, what_to_do, TOGETHER)
    yield draft.paragraph(SIGNATURE, office, f'{TOGETHER}<w:spacing w:before="560"/>')
    written = f"{day.year}年{day.month}月{day.day}日" if day else "＿＿＿＿年＿＿月＿＿日"
    yield draft.paragraph(SIGNATURE, written)


def _what_to_do(submission: Submission, other_template: bool) -> str:
    """What came as a workbook is mended there, where 自查 sees it at once, unless the workbook itself was altered, or
    should be another one."""
    altered = any(met.kind in ALTERED for met in submission.irregularities)
    where = "把内容填到原来下发的模板里" if altered else "在原表上修改"
    where = "按上述意见换用模板或更正" if other_template else where
    mend = f"{where}，待「自查」全部相符后重新报送；不要改动表样、增删行列或另建表格。"
    also = "表中数字更正后，文字部分提到的同一数字请一并更正。" if submission.form.text_sections else ""
    return (mend if submission.places else "修改后重新报送。") + also
