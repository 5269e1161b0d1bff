"""Reads a published report as a submission (报送数据), from any kind of file."""

import re
from collections.abc import Sequence
from dataclasses import replace

from toolkit.documents.blocks import Block, Paragraph, Prose, all_paragraphs
from toolkit.documents.sections import NO_WORDS, SectionTexts, split
from toolkit.documents.written_texts import Texts, paragraphs_in
from toolkit.files.admit import Admitted
from toolkit.forms.model import Cell, Form
from toolkit.imports.figures import without_layout_tables
from toolkit.imports.labels import labels_of
from toolkit.imports.line_tables import with_line_tables
from toolkit.imports.matching import QUOTED, Matched, best_match
from toolkit.imports.titles import agency_and_year, year_in
from toolkit.problems import Unreadable
from toolkit.submission.model import BEFORE, NOTHING_KNOWN, Irregularity, Known, Submission, Value, with_stated
from toolkit.submission.spelling import plain_number, tidy

NOT_A_REPORT = (
    "是{kind}，但不是年度报告：里面没有找到报告的表格（如{table}）。"
    "请检查是不是下载到了出错页面、只有附件链接的页面，或给错了文件；是填报表的，请用 Excel 或 WPS 另存为 .xlsx。"
)
_KINDS = {"web": "网页", "word": " Word 文档", "pdf": " PDF 文件", "text": "文本"}
_SITE_TEXT = re.compile(
    r"版权所有|ICP备\w|公网安备|网站标识码|^\W*(?:网站地图|主办(?:单位)?[：:]|承办(?:单位)?[：:]|打印|关闭(?:窗口|本页)|上一[篇条]|下一[篇条]"
    r"|扫一扫|分享到|相关(?:链接|文档|附件)|信息来源[：:]|责任编辑[：:])"
)
"""Text of the web site below a report."""
LONGEST_SITE_TEXT = 80
_SENTENCE = re.compile(r"[。；]|[^：:]{12}[：:]\s*\Z")
"""A sentence, or one that ends in a colon: 现将……报告如下："""
NO_YEAR = "没有找到报告年度：标题里没有写年份。请用 --year 指明，或把文件名改成“机关全称2024年年报”这样的写法。"


def read_published(file: Admitted, forms: Sequence[Form], stem: str = "", known: Known = NOTHING_KNOWN) -> Submission:
    """Return a published report as a submission: its figures, its texts, and what was not found or not understood.

    `forms` are the forms that the report may use, `stem` is the name of the file, `known` is what the user said about
    it.

    Raise Unreadable if it is no report, or if its year is not known.
    """
    prose = _read(file)
    prose = replace(prose, blocks=_with_data_tables(prose.blocks, forms))
    agency, stated = agency_and_year(prose, forms, stem, file.kind == "web")
    year = known.year or stated or year_in(stem)
    matched = best_match(prose.blocks, forms, year)
    if not matched.texts:
        raise Unreadable(NOT_A_REPORT.format(kind=_KINDS[file.kind], table=f"“{matched.form.table_sections[0].title}”"))
    if year is None:
        raise Unreadable(NO_YEAR)
    if known.year and stated and known.year != stated:
        prose = replace(
            prose, remarks=(*prose.remarks, f"报告里写的是 {stated} 年，按 --year 认作 {year} 年。请核对。")
        )
    if not known.year and not stated:
        prose = replace(prose, remarks=(*prose.remarks, f"报告里没有写年度，按文件名认作 {year} 年。请核对。"))
    return _submission(prose, matched, known.agency or agency, year)


def _read(file: Admitted) -> Prose:
    content = file.content
    match file.kind:
        case "word":
            from toolkit.documents.word.package import WordPackage
            from toolkit.documents.word.source import read_package

            return read_package(WordPackage(file.parts or {}))
        case "web":
            from toolkit.documents.web.source import read_web

            return read_web(content)
        case "pdf":
            from toolkit.documents.pdf.source import read_pdf

            return read_pdf(content)
        case "text":
            from toolkit.documents.plain.tables import read_published_text

            return read_published_text(content)
    raise AssertionError(f"no reader for files of the kind {file.kind}")


def _submission(prose: Prose, matched: Matched, agency: str, year: int) -> Submission:
    form = matched.form
    rest, site_remarks = _without_site_text(prose.blocks, matched)
    written = split(rest, form, form.report_title(agency, year), agency)
    given = {cell: _value(text, form.cells[cell]) for cell, text in matched.texts.items()}
    values = {cell.id: given.get(cell.id) for cell in form.filled}
    texts, other_texts, text_places = _texts(written, matched)
    submission = Submission(
        form=form,
        agency=agency,
        year=year,
        values=values,
        texts=texts,
        other_texts=other_texts,
        text_places=text_places,
        places=matched.places,
        irregularities=(*matched.irregularities, *_remarks((*prose.remarks, *written.remarks, *site_remarks))),
        prints_totals=True,
    )
    return with_stated(submission, given)


def _with_data_tables(blocks: Sequence[Block], forms: Sequence[Form]) -> tuple[Block, ...]:
    """Return the blocks without tables that only lay out a page, and with the tables that were copied line by line."""
    all_labels = [labels_of(form) for form in forms]

    def is_label(text: str) -> bool:
        return bool(text) and any(labels.rows_of([text]) or labels.is_column(text) for labels in all_labels)

    return tuple(with_line_tables(list(without_layout_tables(blocks)), is_label))


def _without_site_text(blocks: Sequence[Block], matched: Matched) -> tuple[Prose, tuple[str, ...]]:
    """Return the text of a report without its official tables and without the site's text below it, and a remark on
    that text."""
    last = max(matched.official)
    below = (number for number, block in enumerate(blocks) if number > last and _is_site_text(block))
    end = next(below, len(blocks))
    kept = tuple(block for number, block in enumerate(blocks[:end]) if number not in matched.official)
    text = "".join(one.text for one in all_paragraphs(tuple(blocks[end:])))
    remark = f"报告以外的网页文字没有读入：“{text[:QUOTED]}{'……' * (len(text) > QUOTED)}”（共 {len(text)} 字）。"
    return Prose(kept), (remark,) if text else ()


def _is_site_text(block: Block) -> bool:
    return isinstance(block, Paragraph) and len(block.text) <= LONGEST_SITE_TEXT and bool(_SITE_TEXT.search(block.text))


def _value(text: str, cell: Cell) -> Value:
    """Return the value of a cell: a plain number, None for a blank, or the text itself."""
    if not text:
        return None
    number = plain_number(text) if cell.kind.is_number else None
    return text if number is None else tidy(number, cell.kind)


def _texts(written: SectionTexts, matched: Matched) -> tuple[Texts, Texts, Texts]:
    """Return the texts of a report: those of its text sections, the other ones, and the places of the notes in its
    tables. What stands before the first section is mostly of the site; only its sentences are kept."""
    texts, others = paragraphs_in(written)
    others[BEFORE] = tuple(filter(_is_prose, others.get(BEFORE, ())))
    places: Texts = {}
    for section, notes in matched.notes.items():
        beside = others.get(section, ())
        others[section] = (*beside, *(one.text for one in notes))
        places[section] = (*("" for _ in beside), *(one.place for one in notes))
    return texts, {key: found for key, found in others.items() if found}, places


def _is_prose(text: str) -> bool:
    """Return True if a text has a sentence. Others are menus, sources and dates of a web site."""
    return bool(_SENTENCE.search(text))


def _remarks(sentences: Sequence[str]) -> list[Irregularity]:
    return [Irregularity("report-remark", found=sentence) for sentence in sentences if sentence != NO_WORDS]
