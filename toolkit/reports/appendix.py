"""The data page (数据附页) at the end of the Word report: last year beside this year in a table and in charts, for the
office's own use."""

from collections.abc import Iterator, Sequence

from docx.document import Document

from toolkit.forms.model import Chart
from toolkit.reports.charts import add_chart, chart_part
from toolkit.reports.comparison import (
    Compared,
    ComparedSection,
    Series,
    change_text,
    charted,
    comparison,
    percent_text,
    year_name,
)
from toolkit.reports.document import BODY, HEADING, paragraph, text_width
from toolkit.spelling import number_text
from toolkit.submission import Submission

APPENDIX_TITLE = "附：数据对比（内部使用）"
NOT_PUBLIC = "本附页供本机关内部核对和分析，不是年度报告的组成部分，公开发布前请删去。"
CENTRED = '<w:ind w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="center"/>'
NEW_PAGE = f"<w:pageBreakBefore/>{CENTRED}"
WARNING = f'<w:spacing w:before="0" w:after="120" w:line="320" w:lineRule="exact"/>{CENTRED}'
WARNING_SIZE = '<w:rPr><w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr>'
DENSE = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="exact"/>'
"""The table of the present edition stands on one page."""
NAME = f'{DENSE}<w:ind w:left="60"/>'
NUMBER = f'{DENSE}<w:ind w:right="40"/><w:jc w:val="right"/>'
NOTE = '<w:spacing w:before="60" w:after="0"/>'
CAPTION = '<w:keepNext/><w:spacing w:before="240" w:after="60"/>'
NO_CHART = '<w:spacing w:before="120" w:after="0"/>'
PICTURE = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>'
TABLE_TEXT, TABLE_HEAD, TABLE_LABEL, TABLE_GRID = "ReportTable", "ReportTableHead", "ReportTableLabel", "ReportGrid"

WITH_PRIOR = (46, 14, 14, 14, 12)
ALONE = (72, 28)
"""How wide the columns are, in hundredths of the text."""
UNITS_PER_TWIP = 635
TWIPS_PER_CM = 567
PADDING = 2 * TWIPS_PER_CM
"""Of a chart's height, for its title and legend."""


def appendix(document: Document, submission: Submission, prior: Submission | None) -> list[str]:
    """The data page as paragraphs and tables in XML, for the end of the body of `document`, whose package gets the
    charts' parts. `prior` is last year's report of the same agency, None where there is none."""
    body = [
        paragraph(HEADING, APPENDIX_TITLE, NEW_PAGE),
        paragraph(BODY, NOT_PUBLIC, WARNING, WARNING_SIZE),
        _table(comparison(submission, prior), submission, prior),
        paragraph(TABLE_LABEL, f"注：{_note(submission, prior)}", NOTE),
    ]
    return body + list(_charts(document, submission, prior))


def _note(submission: Submission, prior: Submission | None) -> str:
    """What to know of the table. It also keeps the table from being the last of the document, which Word does not
    allow."""
    if prior is None:
        return "没有上年的报告可供对比，只列本年数。"
    other_form = f"{prior.year} 年的报告用的是另一版格式，只有两版相同的项目列出上年数。"
    other = other_form if prior.form.id != submission.form.id else ""
    return f"{other}增减为本年数减上年数，上年数不大于 0 的不计算幅度；空白为没有填报或不能比较。"


def _table(sections: Sequence[ComparedSection], submission: Submission, prior: Submission | None) -> str:
    shares = WITH_PRIOR if prior else ALONE
    heads = ("项目", *((year_name(prior),) if prior else ()), year_name(submission))
    widths = [text_width() * share // 100 for share in shares]
    head = _row([*heads, "增减", "增减幅度"] if prior else heads, widths, "<w:tblHeader/>", TABLE_HEAD)
    rows = "".join(_section_rows(section, widths, prior is not None) for section in sections)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{TABLE_GRID}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
        f"{head}{rows}</w:tbl>"
    )


def _section_rows(section: ComparedSection, widths: Sequence[int], with_last: bool) -> str:
    title = _cell(
        paragraph(TABLE_LABEL, section.title, f"<w:keepNext/>{DENSE}", "<w:rPr><w:b/></w:rPr>"), sum(widths), widths
    )
    lines = "".join(_row(_texts(line, with_last), widths) for line in section.lines)
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{title}</w:tr>{lines}"


def _texts(line: Compared, with_last: bool) -> list[str]:
    this = "" if line.this is None else number_text(line.this)
    if not with_last:
        return [line.name, this]
    last = "" if line.last is None else number_text(line.last)
    return [line.name, last, this, change_text(line.change), percent_text(line.percent)]


def _row(texts: Sequence[str], widths: Sequence[int], properties: str = "", style: str = "") -> str:
    """A row: its name at the left and numbers at the right, or all in one style."""
    cells = []
    for index, (text, width) in enumerate(zip(texts, widths, strict=True)):
        if style:
            content = paragraph(style, text)
        else:
            content = paragraph(TABLE_TEXT, text, NUMBER) if index else paragraph(TABLE_LABEL, text, NAME)
        cells.append(_cell(content, width))
    return f"<w:tr><w:trPr><w:cantSplit/>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(content: str, width: int, across: Sequence[int] = ()) -> str:
    span = f'<w:gridSpan w:val="{len(across)}"/>' if across else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'


def _charts(document: Document, submission: Submission, prior: Submission | None) -> Iterator[str]:
    """The charts under captions; the title is in the chart, with which it goes where that is copied to. A chart of
    nothing would be an empty frame; a sentence stands for it."""
    number = 0
    for chart in submission.form.charts:
        series = charted(chart, submission, prior)
        if not any(any(one.numbers) for one in series):
            yield paragraph(TABLE_LABEL, f"{chart.title}：各项都是 0 或没有填，不作图。", NO_CHART)
            continue
        number += 1
        years = "与 ".join(one.name for one in series)
        yield paragraph(TABLE_HEAD, f"图 {number}　{years}{'对比' if len(series) > 1 else '数据'}", CAPTION)
        yield _chart(document, chart, series)


def _chart(document: Document, chart: Chart, series: Sequence[Series]) -> str:
    """A chart as wide as the text; lying bars make it higher the more they are."""
    names = [point.name for point in chart.points]
    bars = len(names) * len(series)
    height = PADDING + (bars * TWIPS_PER_CM // 2 if chart.shape == "bars" else 5 * TWIPS_PER_CM)
    title = f"{chart.title}（单位：{chart.unit}）" if chart.unit else chart.title
    files = chart_part(title, names, series, chart.shape)
    size = (text_width() * UNITS_PER_TWIP, height * UNITS_PER_TWIP)
    drawing = add_chart(document, files, *size, description(title, names, series))
    return f'<w:p><w:pPr><w:pStyle w:val="{TABLE_TEXT}"/>{PICTURE}</w:pPr><w:r>{drawing}</w:r></w:p>'


def description(title: str, names: Sequence[str], series: Sequence[Series]) -> str:
    """A chart in words: what it shows, and every number."""
    years = []
    for one in series:
        numbers = [f"{name} {number_text(n)}" for name, n in zip(names, one.numbers, strict=True) if n is not None]
        years.append(f"{one.name}：{'，'.join(numbers) or '没有数据'}")
    return f"{title}。{'；'.join(years)}。"
