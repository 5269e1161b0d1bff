"""The content of a report before it becomes a Word document, a page or a PDF: title, preface, sections, signature."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.characters import without_forbidden
from toolkit.documents.blocks import Block, all_paragraphs, paragraph
from toolkit.documents.headings import as_blocks
from toolkit.documents.sections import CHECKED_ONLY, SectionTexts
from toolkit.files.limits import require_room
from toolkit.forms.kinds import YES_NO
from toolkit.forms.model import Sentence
from toolkit.submission.model import BEFORE, UNDERNEATH, Submission, Value
from toolkit.submission.spelling import number_text

NOTHING = "无"
REPEATED = "照样写入报告"
MISREAD_SHOWN = 3
DRAFT = "（草稿）"
"""Ends the name of a document that may not be made public (草稿)."""


@dataclass(frozen=True)
class Report:
    """A report that is ready to be written. `texts` has the blocks of every text section that is not empty. `signature`
    is the lines under the report: the agency and the date. `remarks` are messages for the office that makes the report.
    `draft` is not empty if the report may not be made public; it says why and stands at the head. `beside` has the
    other texts (`Submission.other_texts`) that the report repeats: those beside tables, and those of no section."""

    submission: Submission
    texts: Mapping[str, tuple[Block, ...]]
    preface: tuple[Block, ...] = ()
    signature: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    draft: str = ""
    beside: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)

    def text(self, section_id: str) -> tuple[Block, ...]:
        """Return the blocks of a text section; a paragraph 无 if nothing was written."""
        return self.texts.get(section_id) or (paragraph(NOTHING),)


def report_of(submission: Submission, written: SectionTexts | None = None, with_others: bool = False) -> Report:
    """Return the report of a submission. What is `written` in a text file goes before the texts of the submission. The
    report repeats the other texts only `with_others`.

    Raise Unreadable when there is more text than any report has.
    """
    from_file = written is not None
    written = written or SectionTexts()
    own = {key: as_blocks(paragraphs) for key, paragraphs in submission.texts.items() if paragraphs}
    texts = {**own, **written.texts}
    require_room([block.text for blocks in written.texts.values() for block in all_paragraphs(blocks)])
    others = submission.other_texts if with_others else {}
    beside = {key: as_blocks(found) for key, found in others.items() if key not in (BEFORE, UNDERNEATH)}
    beside |= written.others if with_others else {}
    preface = written.preface or as_blocks(others.get(BEFORE) or _sentences(submission.form.preface, submission))
    signature = written.signature or tuple(others.get(UNDERNEATH) or _sentences(submission.form.signature, submission))
    empty = [section.title for section in submission.form.text_sections if section.id not in texts]
    no_text = f"文字文件和填报表里都没有{'、'.join(f'“{title}”' for title in empty)}的文字，报告里写的是“{NOTHING}”。"
    empty_remark = (no_text,) if from_file and empty else ()
    overridden = _overridden_texts(submission, own, written.texts)
    told = [remark.replace(CHECKED_ONLY, REPEATED) if with_others else remark for remark in written.remarks]
    remarks = (*told, *empty_remark, *overridden, *_control_characters(submission, texts))
    return Report(submission, texts, preface, signature, remarks, beside=beside)


def draft_words(submission: Submission, errors: int = 0) -> str:
    """Return the line at the head of a report that is only a draft (草稿); empty if it is none.

    A report is a draft if the check found `errors`, or if an official table has a text in place of a number, whatever
    the office's settings say.
    """
    if errors:
        return f"草稿，不能公开：校验有 {errors} 处错误没有改正。"
    misread = misread_words(submission)
    return f"草稿，不能公开：{misread}。" if misread else ""


def misread_words(submission: Submission) -> str:
    """Return in words which cells hold a text in place of a number; empty if there are none."""
    misread = [f"{submission.form.cells[cell].place}填的是“{text}”" for cell, text in submission.misread.items()]
    more = f" 等 {len(misread)} 格" if len(misread) > MISREAD_SHOWN else ""
    return f"表中应填数的格，{'、'.join(misread[:MISREAD_SHOWN])}{more}" if misread else ""


def _sentences(sentences: Sequence[Sentence], submission: Submission) -> Iterator[str]:
    """Yield those of the form's own sentences for which 基本信息 has the needed fields."""
    info = submission.info
    for sentence in sentences:
        if all(_is_given(name, submission) for name in (*sentence.when, *sentence.fields)):
            quoted = {name: info[name] for name in sentence.fields}
            yield sentence.text.format(agency=submission.agency, year=submission.year, **quoted)


def _is_given(name: str, submission: Submission) -> bool:
    """Return True if a field of 基本信息 is filled in; if it is a yes-or-no field, return True if it is yes."""
    options = next(item.options for item in submission.form.info if item.id == name)
    value = submission.info.get(name, "")
    return value == YES_NO[0] if options == YES_NO else bool(value)


def _overridden_texts(
    submission: Submission, own: Mapping[str, tuple[Block, ...]], written: Mapping[str, tuple[Block, ...]]
) -> Iterator[str]:
    """Yield a remark about the sections whose text differs between the workbook and the text file."""

    def texts_of(blocks: tuple[Block, ...]) -> list[str]:
        return [block.text.strip() for block in all_paragraphs(blocks)]

    overridden = [key for key in written if key in own and texts_of(own[key]) != texts_of(written[key])]
    if overridden:
        titles = "、".join(f"“{submission.form.section(key).title}”" for key in overridden)
        yield f"{titles}填报表和文字文件里都有，内容不同，用的是文字文件里的。"


def _control_characters(submission: Submission, texts: Mapping[str, tuple[Block, ...]]) -> Iterator[str]:
    """Yield a remark about characters that no XML file can hold, so that Word cannot show them."""
    for key, blocks in texts.items():
        strange = sum(len(block.text) - len(without_forbidden(block.text)) for block in all_paragraphs(blocks))
        if strange:
            yield f"“{submission.form.section(key).title}”里有 {strange} 个不能显示的控制字符，没有写入报告。"


def cell_text(value: Value) -> str:
    """Return a cell's value as it stands in the report; a blank stays blank."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number_text(value)
