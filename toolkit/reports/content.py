"""What stands in a report, before it becomes a Word document, a page or a PDF: title, preface, sections, signature."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from toolkit.characters import without_forbidden
from toolkit.documents.blocks import Block, all_paragraphs, paragraph
from toolkit.documents.headings import as_blocks
from toolkit.documents.sections import SectionTexts
from toolkit.files.limits import require_room
from toolkit.forms.kinds import YES_NO
from toolkit.forms.model import Sentence
from toolkit.submission.model import Submission, Value
from toolkit.submission.spelling import number_text

NOTHING = "无"
MISREAD_SHOWN = 3
DRAFT = "（草稿）"
"""At the end of the name of a document that may not be made public."""


@dataclass(frozen=True)
class Report:
    """A report that is ready to be set. `texts` has the blocks of every text section that is not empty; `signature`
    are the lines under the report, the agency and the day; `remarks` are what its makers should know. `draft` stands
    at the head of a report that may not be made public, and says why."""

    submission: Submission
    texts: Mapping[str, tuple[Block, ...]]
    preface: tuple[Block, ...] = ()
    signature: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    draft: str = ""

    def text(self, section_id: str) -> tuple[Block, ...]:
        """The blocks of a text section; where nothing was written, it says so."""
        return self.texts.get(section_id) or (paragraph(NOTHING),)


def report_of(submission: Submission, written: SectionTexts | None = None) -> Report:
    """The report of a submission. What is `written` in a text file goes before what stands in the submission.

    Raises Unreadable when there is more text than any report has.
    """
    from_file = written is not None
    written = written or SectionTexts()
    own = {key: as_blocks(paragraphs) for key, paragraphs in submission.texts.items() if paragraphs}
    texts = {**own, **written.texts}
    require_room([block.text for blocks in written.texts.values() for block in all_paragraphs(blocks)])
    preface = written.preface or as_blocks(_sentences(submission.form.preface, submission))
    signature = written.signature or tuple(_sentences(submission.form.signature, submission))
    empty = [section.title for section in submission.form.text_sections if section.id not in texts]
    nowhere = f"文字文件和填报表里都没有{'、'.join(f'“{title}”' for title in empty)}的文字，报告里写的是“{NOTHING}”。"
    told = (nowhere,) if from_file and empty else ()
    twice = _given_twice(submission, own, written.texts)
    remarks = (*written.remarks, *told, *twice, *_unprintable(submission, texts))
    return Report(submission, texts, preface, signature, remarks)


def draft_words(submission: Submission, errors: int = 0) -> str:
    """Return what stands at the head of a report that is a draft only, empty where it is none.

    A report is a draft when the check found `errors`, and when a text that is no number stands in an official table,
    whatever the office's settings say of it.
    """
    if errors:
        return f"草稿，不能公开：校验有 {errors} 处错误没有改正。"
    misread = misread_words(submission)
    return f"草稿，不能公开：{misread}。" if misread else ""


def misread_words(submission: Submission) -> str:
    """Return in words where a text stands in place of a number; empty where there is none."""
    misread = [f"{submission.form.cells[cell].place}填的是“{text}”" for cell, text in submission.misread.items()]
    more = f" 等 {len(misread)} 格" if len(misread) > MISREAD_SHOWN else ""
    return f"表中应填数的格，{'、'.join(misread[:MISREAD_SHOWN])}{more}" if misread else ""


def _sentences(sentences: Sequence[Sentence], submission: Submission) -> Iterator[str]:
    """Those of the form's own sentences for which 基本信息 has what they need."""
    info = submission.info
    for sentence in sentences:
        if all(_is_given(name, submission) for name in (*sentence.when, *sentence.fields)):
            quoted = {name: info[name] for name in sentence.fields}
            yield sentence.text.format(agency=submission.agency, year=submission.year, **quoted)


def _is_given(name: str, submission: Submission) -> bool:
    options = next(item.options for item in submission.form.info if item.id == name)
    value = submission.info.get(name, "")
    return value == YES_NO[0] if options == YES_NO else bool(value)


def _given_twice(
    submission: Submission, own: Mapping[str, tuple[Block, ...]], written: Mapping[str, tuple[Block, ...]]
) -> Iterator[str]:
    def said(blocks: tuple[Block, ...]) -> list[str]:
        return [block.text.strip() for block in all_paragraphs(blocks)]

    twice = [key for key in written if key in own and said(own[key]) != said(written[key])]
    if twice:
        titles = "、".join(f"“{submission.form.section(key).title}”" for key in twice)
        yield f"{titles}填报表和文字文件里都有，内容不同，用的是文字文件里的。"


def _unprintable(submission: Submission, texts: Mapping[str, tuple[Block, ...]]) -> Iterator[str]:
    """Characters that no XML file can hold, Word's neither."""
    for key, blocks in texts.items():
        strange = sum(len(block.text) - len(without_forbidden(block.text)) for block in all_paragraphs(blocks))
        if strange:
            yield f"“{submission.form.section(key).title}”里有 {strange} 个不能显示的控制字符，没有写入报告。"


def cell_text(value: Value) -> str:
    """A figure as it stands in the report; a blank stays blank."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number_text(value)
