"""What stands in the Word documents that tests make, as it is read."""

from published import assert_full
from word_files import (
    docx,
    drawing,
    family,
    in_list,
    lvl,
    num,
    p,
    pic,
    png,
    r,
    style,
    tbl,
    tc,
    text_box,
    tr,
)

from toolkit.documents.blocks import Picture, Prose, TableBlock, TableCell, all_paragraphs
from toolkit.documents.word.source import read_word


def read_body(*body: str, **parts: object) -> Prose:
    return read_word(docx("".join(body), **parts))


def lines_of(prose: Prose) -> list[str]:
    return [paragraph.text for paragraph in all_paragraphs(prose.blocks)]


def only_table(prose: Prose) -> TableBlock:
    (table,) = (block for block in prose.blocks if isinstance(block, TableBlock))
    assert_full(table)
    return table


def spans_of(table: TableBlock) -> list[tuple[int, int, int, int, str]]:
    """Row, column, height, width and text of each cell."""
    return [(one.row, one.column, one.height, one.width, text_of_cell(one)) for one in table.cells]


def text_of_cell(cell: TableCell) -> str:
    return "|".join(paragraph.text for paragraph in all_paragraphs(cell.blocks))


def pictures_of(prose: Prose) -> list[Picture]:
    pieces = (piece for paragraph in all_paragraphs(prose.blocks) for piece in paragraph.pieces)
    return [piece for piece in pieces if isinstance(piece, Picture)]


def field_code(code: str, *shown: str) -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    return f"{mark('begin')}<w:r><w:instrText>{code}</w:instrText></w:r>{mark('separate')}{''.join(shown)}{mark('end')}"


def of_everything() -> dict[str, object]:
    """A document that has something of everything."""
    return {
        "body": p("总", style="One")
        + p("甲", r("粗", "<w:b/>"), f"<w:ins>{r('增')}</w:ins>", properties=in_list(1))
        + p(
            drawing(pic("p1"), described=' descr="图"'), text_box(p("框")), '<w:r><w:footnoteReference w:id="2"/></w:r>'
        )
        + p(field_code("PAGE", r("3")), properties="<w:rPr><w:del/></w:rPr>")
        + tbl(
            tr(tc("乙", properties='<w:vMerge w:val="restart"/>'), tc("丙", properties='<w:gridSpan w:val="2"/>')),
            tr(tc(properties="<w:vMerge/>"), tc("丁"), tc(tbl(tr(tc("戊"))), p())),
            grid=(1, 2, 3),
        ),
        "styles": style("One", "heading 1", "<w:rPr><w:b/></w:rPr>"),
        "numbering": family(0, lvl(0, "chineseCounting", "%1、")) + num(1, 0),
        "comments": f'<w:comment w:id="0" w:author="张三">{p("看")}</w:comment>',
        "footnotes": f'<w:footnote w:id="2">{p("注")}</w:footnote>',
        "media": {"p1": png()},
    }
