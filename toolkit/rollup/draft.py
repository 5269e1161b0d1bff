"""The draft (草稿) of the higher authority's own report: the summed tables, and in each text section sentences with the
sums, then what every agency wrote, for an editor to make one text of."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from toolkit.characters import plain
from toolkit.documents.blocks import Block, Paragraph, paragraph
from toolkit.documents.headings import as_blocks
from toolkit.files.limits import has_room
from toolkit.reports.content import Report
from toolkit.reports.word_report import word_report
from toolkit.rollup.gathering import Gathered
from toolkit.rollup.sums import Share
from toolkit.submission.model import Submission

NAMES_SHOWN = 30
EXPLANATIONS_SHOWN = 50
TEXTS_LIMIT = 1000
"""Agencies. The texts of more are thousands of pages, which nobody edits."""
AGENCY_LEVEL, LOWEST_LEVEL = 2, 4
"""Levels of sub-headings: that of the agencies' names, and the lowest that there is."""


def build_draft(gathered: Gathered, total: Submission) -> bytes:
    """Return the draft as the bytes of a .docx file."""
    return word_report(draft_report(gathered, total))


def draft_report(gathered: Gathered, total: Submission) -> Report:
    """Return the draft as a report that is not yet written to Word."""
    shares = gathered.shares if len(gathered.shares) <= TEXTS_LIMIT else []
    texts: dict[str, tuple[Block, ...]] = {}
    for section in total.form.text_sections:
        summed = map(paragraph, total.texts.get(section.id, ()))
        texts[section.id] = (*summed, *_gathered_texts(section.id, shares))
    return Report(total, texts, tuple(map(paragraph, _remarks(gathered, bool(total.texts)))))


def _remarks(gathered: Gathered, has_summaries: bool) -> Iterator[str]:
    """Yield what the editor has to know. It stands at the top and is removed before the report goes out."""
    count = len(gathered.counted)
    if count > TEXTS_LIMIT:
        texts = f"机关超过 {TEXTS_LIMIT} 个，文字没有集在这里，可用 gknb extract 读出"
    else:
        texts = "各部分的文字照各机关报送的原文集在一起，供改写，不能直接公开"
    if has_summaries:
        texts = f"各部分开头的句子里的数取自本表；{texts}"
    yield f"〔草稿：表中的数由 {count} 份报送加总；{texts}。改好后请删去本段。〕"
    failed = [one.agency for one in gathered.counted if one.state == "有误"]
    if failed:
        yield f"〔有误而照样计入的 {len(failed)} 个：{joined(failed)}。〕"
    if gathered.missing:
        yield f"〔未报、没有计入的 {len(gathered.missing)} 个：{joined([entry.name for entry in gathered.missing])}。〕"
    yield from _explanations(gathered)


def _explanations(gathered: Gathered) -> Iterator[str]:
    """Yield what the agencies wrote to reminders (提醒)."""
    said = [(one.agency, line) for one in gathered.counted for line in one.explained]
    if said:
        more = f"这里列出前 {EXPLANATIONS_SHOWN} 条，全部在汇总表的「来源」里" if len(said) > EXPLANATIONS_SHOWN else ""
        yield f"〔各机关对提醒的说明 {len(said)} 条，供改写时参考{more and f'；{more}'}：〕"
    for agency, line in said[:EXPLANATIONS_SHOWN]:
        yield f"〔{agency}：{line}〕"


def joined(names: Sequence[str], shown: int = NAMES_SHOWN) -> str:
    """Return the first `shown` names as one text, with the number of all names if there are more."""
    more = f" 等 {len(names)} 个" if len(names) > shown else ""
    return "、".join(names[:shown]) + more


def _gathered_texts(section: str, shares: Sequence[Share]) -> Iterator[Block]:
    """Yield what the agencies wrote in a section: each text once, under the names of the agencies that wrote it."""
    texts: dict[str, tuple[tuple[str, ...], list[str]]] = {}
    for share in shares:
        paragraphs = share.texts.get(section, ())
        if not has_room(paragraphs):
            yield paragraph(f"〔{share.agency}的文字有 {sum(map(len, paragraphs))} 字，太长，没有集在这里。〕")
        elif paragraphs:
            key = "\n".join(map(plain, paragraphs))
            texts.setdefault(key, (paragraphs, []))[1].append(share.agency)
    for number, (paragraphs, names) in enumerate(texts.values(), 1):
        same_text = f"等 {len(names)} 个机关（文字相同）" if len(names) > 1 else ""
        yield paragraph(f"（{numeral(number)}）{names[0]}{same_text}", AGENCY_LEVEL)
        if same_text:
            yield paragraph(f"〔{joined(names)}。〕")
        yield from map(_one_level_lower, as_blocks(paragraphs))


def _one_level_lower(block: Block) -> Block:
    """Return a block of an agency's text; its sub-headings go one level down, below the agency's name."""
    if isinstance(block, Paragraph) and block.level:
        return replace(block, level=min(block.level + 1, LOWEST_LEVEL))
    return block


_DIGITS = "零一二三四五六七八九"
_UNITS = ("千", "百", "十", "")


def numeral(number: int) -> str:
    """Return a number below 10,000 in Chinese numerals: 十一, 一百零二."""
    text = ""
    for digit, unit in zip(f"{number:04}", _UNITS, strict=True):
        if digit != "0":
            text += _DIGITS[int(digit)] + unit
        elif text and not text.endswith("零"):
            text += "零"
    return text.removesuffix("零").removeprefix("一" if 10 <= number < 20 else "") or "零"
