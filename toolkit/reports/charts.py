"""Native charts of a Word document: bars that Word draws from the chart's XML, and the small workbook behind them,
which opens when a clerk chooses 编辑数据.

The XML states every default: programs differ in what they assume for a missing element.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part

from toolkit.characters import without_forbidden
from toolkit.excel.styles import CleanWorkbook, done
from toolkit.forms.fields import Shape
from toolkit.reports.comparison import Series
from toolkit.reports.word_writer import DocumentDraft
from toolkit.submission.spelling import number_text

SHEET = "数据"
WORKBOOK_RELATION = "rId1"
"""Id of the relation from the chart to its workbook."""
LIGHT, DARK = "BFBFBF", "1F4E79"
"""Last year and this year. In grey print they stay a light and a dark bar."""
TITLE_SIZE, LABEL_SIZE = 1050, 900
"""Hundredths of a point: 五号 and 小五, as in the tables."""

_NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_CATEGORY_AXIS, _VALUE_AXIS = 111, 222


@dataclass(frozen=True, slots=True)
class ChartFiles:
    """The two files of a chart in a document: its XML, and the workbook with its numbers."""

    xml: bytes
    workbook: bytes


def chart_part(title: str, categories: Sequence[str], series: Sequence[Series], shape: Shape = "bars") -> ChartFiles:
    """Return a chart of one or two series over the categories, which read from the top or from the left."""
    names = [_clean(name) for name in categories]
    colours = (LIGHT, DARK)[-len(series) :]
    bars = "".join(
        _series(index, one, names, colour) for index, (one, colour) in enumerate(zip(series, colours, strict=True))
    )
    legend = _LEGEND.format(text=_text_properties(LABEL_SIZE)) if len(series) > 1 else ""
    xml = _CHART.format(
        namespaces=_NAMESPACES,
        title=_title(_clean(title)),
        direction="bar" if shape == "bars" else "col",
        bars=bars,
        category=_CATEGORY_AXIS,
        value=_VALUE_AXIS,
        axes=_axes(shape, series),
        legend=legend,
        text=_text_properties(LABEL_SIZE),
        workbook=WORKBOOK_RELATION,
    )
    return ChartFiles(xml.encode(), _workbook(names, series))


def add_chart(draft: DocumentDraft, files: ChartFiles, width: int, height: int, description: str) -> str:
    """Add a chart to a document's package. Return the drawing that shows it in a run, as XML. Sizes are in English
    metric units; `description` is read out by screen readers."""
    package = draft.document.part.package
    name = package.next_partname("/word/charts/chart%d.xml")
    chart = Part(name, CONTENT_TYPE.DML_CHART, files.xml, package)
    relation = draft.document.part.relate_to(chart, RELATIONSHIP_TYPE.CHART)
    number = name.idx or 0
    workbook_name = PackURI(f"/word/embeddings/chart{number}.xlsx")
    workbook = Part(workbook_name, CONTENT_TYPE.SML_SHEET, files.workbook, package)
    chart.load_rel(RELATIONSHIP_TYPE.PACKAGE, workbook, WORKBOOK_RELATION)
    return _INLINE.format(
        drawing=_DRAWING,
        namespaces=_NAMESPACES,
        width=width,
        height=height,
        id=draft.next_drawing(),
        name=f"图表 {number}",
        description=quoteattr(_clean(description)),
        relation=relation,
    )


def _clean(text: str) -> str:
    return without_forbidden(text)


def _workbook(names: Sequence[str], series: Sequence[Series]) -> bytes:
    """Return a workbook with the numbers on a sheet, laid out as the chart refers to them."""
    out = BytesIO()
    font = {"font_name": "宋体", "font_size": 11}
    book = CleanWorkbook(out, {"in_memory": True, "strings_to_formulas": False, "default_format_properties": font})
    # A fixed date, so that the same report gives the same file.
    book.set_properties({"created": datetime(2000, 1, 1)})
    sheet = book.add_worksheet(SHEET)
    sheet.set_column(0, 0, 24)
    for row, name in enumerate(names, 1):
        done(sheet.write_string(row, 0, name))
    for column, one in enumerate(series, 1):
        done(sheet.write_string(0, column, one.name))
        for row, number in enumerate(one.numbers, 1):
            if number is not None:
                done(sheet.write_number(row, column, float(number)))
    book.close()
    return out.getvalue()


def _series(index: int, series: Series, names: Sequence[str], colour: str) -> str:
    last_row = len(names) + 1
    column = "BC"[index]
    return _SERIES.format(
        index=index,
        name=_strings(f"{SHEET}!${column}$1", [series.name]),
        colour=colour,
        text=_text_properties(LABEL_SIZE),
        categories=_strings(f"{SHEET}!$A$2:$A${last_row}", names),
        cells=f"{SHEET}!${column}$2:${column}${last_row}",
        count=len(names),
        points="".join(
            f'<c:pt idx="{place}"><c:v>{number_text(number)}</c:v></c:pt>'
            for place, number in enumerate(series.numbers)
            if number is not None
        ),
    )


def _strings(cells: str, texts: Sequence[str]) -> str:
    points = "".join(f'<c:pt idx="{place}"><c:v>{escape(text)}</c:v></c:pt>' for place, text in enumerate(texts))
    return f'<c:strRef><c:f>{cells}</c:f><c:strCache><c:ptCount val="{len(texts)}"/>{points}</c:strCache></c:strRef>'


def _axes(shape: Shape, series: Sequence[Series]) -> str:
    """Return the axes. Horizontal bars count from the top. The bars bear their numbers, so the value axis is hidden; it
    begins at 0, as bars must."""
    negative = any(number < 0 for one in series for number in one.numbers if number is not None)
    is_horizontal = shape == "bars"
    return _AXES.format(
        category=_CATEGORY_AXIS,
        value=_VALUE_AXIS,
        order="maxMin" if is_horizontal else "minMax",
        category_side="l" if is_horizontal else "b",
        value_side="t" if is_horizontal else "l",
        text=_text_properties(LABEL_SIZE),
        least="" if negative else '<c:min val="0"/>',
    )


def _title(text: str) -> str:
    font = _font("rPr", TITLE_SIZE, 'lang="zh-CN" ')
    paragraph = f"<a:p><a:pPr>{_font('defRPr', TITLE_SIZE)}</a:pPr><a:r>{font}<a:t>{escape(text)}</a:t></a:r></a:p>"
    return (
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/>{paragraph}</c:rich></c:tx>"
        f'<c:overlay val="0"/></c:title><c:autoTitleDeleted val="0"/>'
    )


def _text_properties(size: int) -> str:
    return (
        f"<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr>{_font('defRPr', size)}</a:pPr>"
        f'<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )


def _font(element: str, size: int, more: str = "") -> str:
    """Return the font: Chinese in 宋体, digits and letters as in the tables; black, because programs would use grey."""
    return (
        f'<a:{element} {more}sz="{size}" b="0"><a:solidFill><a:srgbClr val="000000"/></a:solidFill>'
        f'<a:latin typeface="Times New Roman"/><a:ea typeface="宋体"/></a:{element}>'
    )


_CHART = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<c:chartSpace {namespaces}><c:date1904 val="0"/><c:lang val="zh-CN"/><c:roundedCorners val="0"/>'
    "<c:chart>{title}<c:plotArea><c:layout/>"
    '<c:barChart><c:barDir val="{direction}"/><c:grouping val="clustered"/><c:varyColors val="0"/>{bars}'
    '<c:gapWidth val="60"/><c:overlap val="0"/><c:axId val="{category}"/><c:axId val="{value}"/></c:barChart>{axes}'
    "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr></c:plotArea>"
    '{legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
    "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{text}"
    '<c:externalData r:id="{workbook}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
)
_SERIES = (
    '<c:ser><c:idx val="{index}"/><c:order val="{index}"/><c:tx>{name}</c:tx>'
    '<c:spPr><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/>'
    "<c:dLbls><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{text}"
    '<c:dLblPos val="outEnd"/><c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/>'
    '<c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    "<c:cat>{categories}</c:cat><c:val><c:numRef><c:f>{cells}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
    '<c:ptCount val="{count}"/>{points}</c:numCache></c:numRef></c:val></c:ser>'
)
_AXES = (
    '<c:catAx><c:axId val="{category}"/><c:scaling><c:orientation val="{order}"/></c:scaling><c:delete val="0"/>'
    '<c:axPos val="{category_side}"/><c:numFmt formatCode="General" sourceLinked="0"/>'
    '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
    '<c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="000000"/></a:solidFill></a:ln></c:spPr>{text}'
    '<c:crossAx val="{value}"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/>'
    '<c:lblOffset val="100"/><c:noMultiLvlLbl val="1"/></c:catAx>'
    '<c:valAx><c:axId val="{value}"/><c:scaling><c:orientation val="minMax"/>{least}</c:scaling><c:delete val="1"/>'
    '<c:axPos val="{value_side}"/><c:numFmt formatCode="General" sourceLinked="0"/>'
    '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
    '<c:crossAx val="{category}"/><c:crosses val="autoZero"/><c:crossBetween val="between"/></c:valAx>'
)
_LEGEND = '<c:legend><c:legendPos val="b"/><c:overlay val="0"/>{text}</c:legend>'
_INLINE = (
    '<w:drawing><wp:inline xmlns:wp="{drawing}" {namespaces} distT="0" distB="0" distL="0" distR="0">'
    '<wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{id}" name="{name}" descr={description}/>'
    '<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
    '<c:chart r:id="{relation}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
)
