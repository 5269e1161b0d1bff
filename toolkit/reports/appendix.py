"""The data page (数据附页) at the end of the Word report: last year beside this year in a table and in charts, for the
office's own use."""

from collections.abc import Iterator, Sequence

from toolkit.forms.model import Chart
from toolkit.reports.base_document import BODY, GRID, HEADINGS, PICTURE, TABLE_CELL, TABLE_HEAD, TABLE_LABEL
from toolkit.reports.charts import add_chart, chart_part
from toolkit.reports.comparison import (
    ComparedCell,
    ComparedSection,
    Series,
    chart_series,
    comparison,
    year_name,
)
from toolkit.reports.word_writer import EMU_PER_TWIP, DocumentDraft, cell, row, table
from toolkit.submission.changes import change_text, percent_text
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

APPENDIX_TITLE = "附：数据对比（内部使用）"
NOT_PUBLIC = "本附页供本机关内部核对和分析，不是年度报告的组成部分，公开发布前请删去。"
CENTRED = '<w:ind w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="center"/>'
NEW_PAGE = f"<w:pageBreakBefore/>{CENTRED}"
WARNING = f'<w:spacing w:before="0" w:after="120" w:line="320" w:lineRule="exact"/>{CENTRED}'
SMALL = '<w:sz w:val="21"/>'
DENSE_SIZE = '<w:sz w:val="18"/>'
DENSE = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="exact"/>'
"""Tight lines: with them the table of the present edition stands on one page."""
NAME = f'{DENSE}<w:ind w:left="60"/>'
NUMBER = f'{DENSE}<w:ind w:right="40"/><w:jc w:val="right"/>'
NOTE = '<w:spacing w:before="60" w:after="0"/>'
CAPTION = '<w:keepNext/><w:spacing w:before="240" w:after="60"/>'
NO_CHART = '<w:spacing w:before="120" w:after="0"/>'

WITH_PRIOR = (46, 14, 14, 14, 12)
WITHOUT_PRIOR = (72, 28)
"""Widths of the columns, in hundredths of the text width."""
TWIPS_PER_CM = 567
PADDING = 2 * TWIPS_PER_CM
"""Height that a chart needs for its title and legend."""


def appendix(draft: DocumentDraft, submission: Submission, prior: Submission | None) -> Iterator[str]:
    """Yield the data page as paragraphs and tables in XML, for the end of the document of `draft`. The parts of the
    charts are added to that document's package. `prior` is last year's report of the same agency, None if there is
    none."""
    yield draft.paragraph(HEADINGS[0], APPENDIX_TITLE, NEW_PAGE)
    yield draft.paragraph(BODY, NOT_PUBLIC, WARNING, SMALL)
    yield _table(draft, comparison(submission, prior), submission, prior)
    yield draft.paragraph(TABLE_LABEL, f"注：{_note(submission, prior)}", NOTE, DENSE_SIZE)
    yield from _charts(draft, submission, prior)


def _note(submission: Submission, prior: Submission | None) -> str:
    """Return the note under the table. It also keeps the table from being the last element of the document, which Word
    does not allow."""
    if prior is None:
        return "没有上年的报告可供对比，只列本年数。"
    other_form = f"{prior.year} 年的报告用的是另一版格式，只有两版相同的项目列出上年数。"
    other = other_form if prior.form.id != submission.form.id else ""
    return f"{other}增减为本年数减上年数，上年数不大于 0 的不计算幅度；空白为没有填报或不能比较。"


def _table(
    draft: DocumentDraft, sections: Sequence[ComparedSection], submission: Submission, prior: Submission | None
) -> str:
    """Return the table of last year and this year."""
    shares = WITH_PRIOR if prior else WITHOUT_PRIOR
    widths = [draft.base.width * share // 100 for share in shares]
    names = [year_name(prior), year_name(submission), "增减", "增减幅度"] if prior else [year_name(submission)]
    heads = [draft.paragraph(TABLE_HEAD, name, DENSE, DENSE_SIZE) for name in ("项目", *names)]
    rows = [row("".join(map(cell, heads, widths)), repeats=True)]
    for section in sections:
        rows.append(row(cell(_title(draft, section), sum(widths), len(widths))))
        rows += (_line(draft, line, widths, prior is not None) for line in section.lines)
    return table(widths, "".join(rows), draft.base.styles[GRID])


def _title(draft: DocumentDraft, section: ComparedSection) -> str:
    """Return the paragraph with the title of a section."""
    return draft.paragraph(TABLE_LABEL, section.title, f"<w:keepNext/>{DENSE}", f"<w:b/>{DENSE_SIZE}")


def _line(draft: DocumentDraft, line: ComparedCell, widths: Sequence[int], with_last: bool) -> str:
    """Return a row of the table: the name at the left, the numbers at the right."""
    this = "" if line.this is None else number_text(line.this)
    last = "" if line.last is None else number_text(line.last)
    texts = [last, this, change_text(line.change), percent_text(line.percent)] if with_last else [this]
    name = draft.paragraph(TABLE_LABEL, line.name, NAME, DENSE_SIZE)
    numbers = [draft.paragraph(TABLE_CELL, text, NUMBER, DENSE_SIZE) for text in texts]
    return row("".join(map(cell, [name, *numbers], widths)))


def _charts(draft: DocumentDraft, submission: Submission, prior: Submission | None) -> Iterator[str]:
    """Yield the charts under captions. The title is part of the chart, so it is copied with the chart. A chart without
    numbers would be an empty frame; a sentence stands there instead."""
    number = 0
    for chart in submission.form.charts:
        series = chart_series(chart, submission, prior)
        if not any(any(one.numbers) for one in series):
            yield draft.paragraph(TABLE_LABEL, f"{chart.title}：各项都是 0 或没有填，不作图。", NO_CHART, DENSE_SIZE)
            continue
        number += 1
        years = "与 ".join(one.name for one in series)
        yield draft.paragraph(
            TABLE_HEAD, f"图 {number}　{years}{'对比' if len(series) > 1 else '数据'}", CAPTION, DENSE_SIZE
        )
        yield _chart(draft, chart, series)


def _chart(draft: DocumentDraft, chart: Chart, series: Sequence[Series]) -> str:
    """Return a chart as wide as the text. Horizontal bars make it higher the more of them there are."""
    names = [point.name for point in chart.points]
    bars = len(names) * len(series)
    height = PADDING + (bars * TWIPS_PER_CM // 2 if chart.shape == "bars" else 5 * TWIPS_PER_CM)
    title = f"{chart.title}（单位：{chart.unit}）" if chart.unit else chart.title
    files = chart_part(title, names, series, chart.shape)
    size = (draft.base.width * EMU_PER_TWIP, height * EMU_PER_TWIP)
    drawing = add_chart(draft, files, *size, description(title, names, series))
    return draft.paragraph_of(PICTURE, f"<w:r>{drawing}</w:r>")


def description(title: str, names: Sequence[str], series: Sequence[Series]) -> str:
    """Return a chart in words: what it shows, and every number."""
    years = []
    for one in series:
        numbers = [f"{name} {number_text(n)}" for name, n in zip(names, one.numbers, strict=True) if n is not None]
        years.append(f"{one.name}：{'，'.join(numbers) or '没有数据'}")
    return f"{title}。{'；'.join(years)}。"
