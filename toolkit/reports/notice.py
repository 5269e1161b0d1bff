"""The notice to an agency (退回修改意见, 核实意见): what it has to correct, verify or send instead, ready to send."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from toolkit.reports.base_document import BODY, HEADINGS, SIGNATURE, own_base
from toolkit.reports.word_writer import DocumentDraft
from toolkit.submission.model import IrregularityKind, Submission

NO_INDENT = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
INDENT_MORE = '<w:ind w:left="640" w:firstLineChars="0" w:firstLine="0"/>'
"""The indentation of what stands under a numbered message: two characters, like the first line of a paragraph."""
BLANK = "＿＿＿＿＿＿"
RETURNED, TO_VERIFY = "退回修改意见", "核实意见"
"""What a notice is called: with errors, and with reminders (提醒) only."""
ALTERED: tuple[IrregularityKind, ...] = (
    "table-moved",
    "line-missing",
    "sheet-renamed",
    "sheet-missing",
    "formula-overwritten",
    "label-changed",
)
"""After one of these irregularities a workbook's formulas and 自查 cannot be relied on."""
EXPLAIN = "需要核实的，确属实情，请在批注件“审核意见”的“说明”一栏写明原因，一并交回。"
KEEP_WITH_NEXT = "<w:keepNext/>"
"""Keeps a paragraph on the page of the next one: a signature never stands on a page of its own."""


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """One thing that the agency has to correct or to verify. `since` says what became of it since the round before
    (未改, 新出现), empty in the first round. `following` are messages on what follows from it.

    `explanation` is what the agency wrote to it, `not_accepted` why that does not settle it. `number` is its number in
    the annotated copy; without one it is counted in its part.
    """

    message: str
    since: str = ""
    following: tuple[str, ...] = ()
    explanation: str = ""
    not_accepted: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class NoticeRound:
    """What a notice says of the round before: the counts in words, and the cells that changed, each in words."""

    number: int = 1
    counts: str = ""
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeFrame:
    """What frames a notice: `office` signs it, `deadline` is a date in words (``1月20日``), `day` is the day of the
    notice. Where one is missing, a blank line is left to be filled in by hand."""

    office: str = ""
    deadline: str = ""
    day: date | None = None


BLANK_FRAME = NoticeFrame()
FIRST_ROUND = NoticeRound()


def build_notice(
    submission: Submission,
    errors: Sequence[NoticeItem],
    warnings: Sequence[NoticeItem],
    frame: NoticeFrame = BLANK_FRAME,
    this_round: NoticeRound = FIRST_ROUND,
    other_template: bool = False,
) -> bytes:
    """Return the notice to one agency, as the bytes of a .docx file. `errors` must be corrected, `warnings` must be
    verified or explained; a return with warnings only is not sent back. With `other_template` some of them ask the
    agency to use another template."""
    what = RETURNED if errors else TO_VERIFY
    title = f"关于{submission.form.report_title('', submission.year)}的{what}"
    draft = DocumentDraft(own_base())
    what_to_do = _what_to_do(submission, other_template) if errors else _how_to_verify(submission)
    body = [
        *_opening(draft, submission, title, errors, warnings, this_round),
        *_items(draft, errors, warnings, this_round, f"请于{_until(frame)}前{what_to_do}"),
        *_closing(draft, frame),
    ]
    return draft.finish(body, title, frame.office)


def build_unreadable_notice(
    agency: str, report_title: str, file: str, reason: str, advice: str, frame: NoticeFrame = BLANK_FRAME
) -> bytes:
    """Return the notice on a file that gave no return (报送), as the bytes of a .docx file: what came, why it cannot be
    taken, and what to send instead. `report_title` is the title of the report without the agency."""
    title = f"关于{report_title}的{RETURNED}"
    draft = DocumentDraft(own_base())
    body = [
        draft.title(title),
        draft.paragraph(BODY, f"{agency or '（机关名称未填）'}：", NO_INDENT),
        draft.paragraph(BODY, f"收到你单位报送的文件“{file}”。{reason}"),
        draft.paragraph(BODY, f"请于{_until(frame)}前{advice}", KEEP_WITH_NEXT),
        *_closing(draft, frame),
    ]
    return draft.finish(body, title, frame.office)


def _how_to_verify(submission: Submission) -> str:
    """Return what the agency has to do about reminders. Only a workbook has a place for explanations."""
    if not submission.places:
        return "逐条核实：确属实情的，书面说明原因；不属实的，更正后重新报送。"
    return "逐条核实：确属实情的，在批注件“审核意见”的“说明”一栏写明原因；不属实的，在原表上改正。改好后重新报送。"


def _until(frame: NoticeFrame) -> str:
    return frame.deadline.removesuffix("前") or BLANK


def _opening(
    draft: DocumentDraft,
    submission: Submission,
    title: str,
    errors: Sequence[NoticeItem],
    warnings: Sequence[NoticeItem],
    this_round: NoticeRound,
) -> Iterator[str]:
    """Yield the title, the agency and the first paragraph, as XML."""
    yield draft.title(title)
    yield draft.paragraph(BODY, f"{submission.agency or '（机关名称未填）'}：", NO_INDENT)
    counts = [f"{len(errors)} 处必须修改"] if errors else []
    counts += [f"{len(warnings)} 处需要核实或说明"] if warnings else []
    then = "现予退回，" if errors else ""
    found = f"经审核，有 {'、'.join(counts)}，{then}请按以下意见办理。" if counts else "经审核，没有发现问题。"
    again = f"第 {this_round.number} 次" if this_round.number > 1 else ""
    since = f"与上一次相比，{this_round.counts}。" if this_round.counts else ""
    yield draft.paragraph(BODY, f"你单位{again}报送的《{submission.title}》填报表收悉。{since}{found}")


def _items(
    draft: DocumentDraft,
    errors: Sequence[NoticeItem],
    warnings: Sequence[NoticeItem],
    this_round: NoticeRound,
    what_to_do: str,
) -> Iterator[str]:
    """Yield the parts of the notice: errors, warnings, what to do, what changed."""
    numerals = iter("一二三四")
    for heading, items in (("必须修改", errors), ("请核实或说明", warnings)):
        if items:
            yield draft.paragraph(HEADINGS[0], f"{next(numerals)}、{heading}")
            for number, item in enumerate(items, 1):
                yield from _item(draft, item.number or number, item)
    if this_round.changes:
        yield draft.paragraph(HEADINGS[0], f"{next(numerals)}、与上一次相比改动的数")
        yield from (draft.paragraph(BODY, change) for change in this_round.changes)
    if errors or warnings:
        yield draft.paragraph(HEADINGS[0], f"{next(numerals)}、办理要求")
        if any(item.following for item in (*errors, *warnings)):
            what_to_do += "写明由此引起的，它上面的一条更正后一般随之相符，不用另改。"
        if errors and warnings:
            what_to_do += EXPLAIN
        yield draft.paragraph(BODY, what_to_do, KEEP_WITH_NEXT)


def _item(draft: DocumentDraft, number: int, item: NoticeItem) -> Iterator[str]:
    since = f"（{item.since}）" if item.since else ""
    yield draft.paragraph(BODY, f"{number}．{since}{item.message}")
    if item.not_accepted:
        said = f"你单位的说明“{item.explanation}”没有接受：{item.not_accepted.rstrip('。')}。请改正，或另行说明。"
        yield draft.paragraph(BODY, said, INDENT_MORE)
    for message in item.following:
        yield draft.paragraph(BODY, f"由此引起：{message}", INDENT_MORE)


def _closing(draft: DocumentDraft, frame: NoticeFrame) -> Iterator[str]:
    """Yield who signs the notice, and the day."""
    yield draft.paragraph(SIGNATURE, frame.office or BLANK, f'{KEEP_WITH_NEXT}<w:spacing w:before="560"/>')
    day = frame.day
    yield draft.paragraph(SIGNATURE, f"{day.year}年{day.month}月{day.day}日" if day else "＿＿＿＿年＿＿月＿＿日")


def _what_to_do(submission: Submission, other_template: bool) -> str:
    """Return what the agency has to do. A workbook is corrected itself, because its 自查 shows the result at once,
    unless it was altered or another template is needed."""
    altered = any(irregularity.kind in ALTERED for irregularity in submission.irregularities)
    where = "把内容填到原来下发的模板里" if altered else "在原表上修改"
    where = "按上述意见换用模板或更正" if other_template else where
    correct = f"{where}，待「自查」全部相符后重新报送；不要改动表样、增删行列或另建表格。"
    texts_too = "表中数字更正后，文字部分提到的同一数字请一并更正。" if submission.form.text_sections else ""
    return (correct if submission.places else "修改后重新报送。") + texts_too
