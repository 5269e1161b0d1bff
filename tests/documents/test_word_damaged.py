"""Files that are no Word documents, or damaged ones, are refused in words, and nothing takes long."""

import random
import zipfile
from io import BytesIO
from xml.sax.saxutils import escape

import pytest
from published import assert_full
from word_files import (
    SPACES,
    docx,
    p,
    packed,
    r,
)
from word_read import lines_of, of_everything, read_body

from toolkit.documents.blocks import TableBlock
from toolkit.documents.word.source import read_word
from toolkit.files.limits import STANDARD_LIMITS
from toolkit.problems import Unreadable

UNFORESEEN = "内容超出了预料"
OTHERS = {
    b"": "是空文件（0 字节）",
    b"%PDF-1.7": "是 PDF 文件",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600): "是旧格式（.doc、.wps）或加密的文档",
    b"{\\rtf1": "是 RTF 文件",
    b"\xef\xbb\xbf<html>": "是网页或 XML 文件",
    "一、总体情况".encode(): "不是 Word 文档",
    b"PK\3\4 nothing": "不是完整的 Word 文档",
    packed({"a.txt": b"a"}): "不是完整的 Word 文档",
    packed({"mimetype": b"application/vnd.oasis.opendocument.text"}): "是 OpenDocument 文件",
}


@pytest.mark.parametrize("content", OTHERS, ids=OTHERS.values())
def test_other_files(content: bytes) -> None:
    with pytest.raises(Unreadable) as error:
        read_word(content)
    assert error.value.message.startswith(OTHERS[content])
    assert "请" in error.value.message


def test_workbook_is_called_so() -> None:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with pytest.raises(Unreadable, match="Excel 工作簿"):
        read_body(replaced={"word/document.xml": f'<workbook xmlns="{space}"/>'.encode()})


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("[Content_Types].xml", None),
        *(
            (part, instead)
            for part in ("_rels/.rels", "word/document.xml", "word/styles.xml", "word/numbering.xml")
            for instead in (None, b"", b"<w:document", b"\xff\xfe\0")
        ),
    ],
)
def test_missing_and_broken_parts(part: str, instead: bytes | None) -> None:
    with pytest.raises(Unreadable, match="不是完整的 Word 文档"):
        read_word(docx(**of_everything(), replaced={part: instead}))


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels"])
def test_document_types_are_refused(part: str, code: str) -> None:
    entities = '<!ENTITY a0 "x">' + "".join(f'<!ENTITY a{n + 1} "&a{n};&a{n};&a{n};&a{n};">' for n in range(9))
    hostile = f'<!DOCTYPE w:document [{entities}<!ENTITY f SYSTEM "file:///etc/passwd">]><d>&a9;&f;</d>'
    with pytest.raises(Unreadable, match="带有实体定义") as error:
        read_word(docx(**of_everything(), replaced={part: hostile.encode(code)}))
    assert error.value.cause == "unsafe"


def test_paragraph_of_very_many_runs_takes_no_longer() -> None:
    """Adding text to text again and again would take minutes here."""
    assert len(lines_of(read_body(p(*[r("长" * 300)] * 20_000)))[0]) == 6_000_000


def test_text_in_other_codes() -> None:
    root = f'<w:document xmlns:w="{SPACES["w"]}"><w:body>{p("中文𠀀")}</w:body></w:document>'
    declared = '<?xml version="1.0" encoding="UTF-16"?>' + root
    assert lines_of(read_body(replaced={"word/document.xml": declared.encode("utf-16")})) == ["中文𠀀"]


def test_files_that_unpack_to_too_much() -> None:
    bomb = docx(p("字"), media={"big": bytes(201 * 2**20)})
    assert len(bomb) < 2**20
    with pytest.raises(Unreadable, match="解压后有 201 MB"):
        read_word(bomb)
    many = docx(p("字"), replaced={f"word/{number}": b"" for number in range(STANDARD_LIMITS.members)})
    with pytest.raises(Unreadable, match="里面的文件超过 5000 个"):
        read_word(many)


def test_truncated_files() -> None:
    content = docx(**of_everything())
    for length in range(0, len(content), max(1, len(content) // 60)):
        with pytest.raises(Unreadable):
            read_word(content[:length])


def _foreseen(content: bytes) -> None:
    """Either it is read, or someone foresaw what is wrong with it."""
    try:
        prose = read_word(content)
    except Unreadable as error:
        if error.message.startswith(UNFORESEEN):
            raise
        return
    for block in prose.blocks:
        if isinstance(block, TableBlock):
            assert_full(block)


def test_changed_bytes() -> None:
    content, chance = docx(**of_everything()), random.Random(1)
    for _ in range(300):
        changed = bytearray(content)
        for _ in range(chance.choice((1, 3, 20))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        _foreseen(bytes(changed))


@pytest.mark.slow
def test_changed_parts() -> None:
    """What is inside of an undamaged zip may be any nonsense."""
    with zipfile.ZipFile(BytesIO(docx(**of_everything()))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(2)
    for _ in range(1500):
        name = chance.choice(list(parts))
        words = parts[name].split(b"<")
        for _ in range(chance.choice((1, 1, 2, 5))):
            one, other = chance.randrange(len(words)), chance.randrange(len(words))
            way = chance.randrange(4)
            if way == 0:
                words[one], words[other] = words[other], words[one]
            elif way == 1:
                words[one] = words[one].replace(b'"1"', chance.choice((b'"-1"', b'"x"', b'""', b'"99999999999"')))
            elif way == 2:
                del words[one]
                words = words or [b""]
            else:
                # An element of another name, so that the whole stays well-formed.
                tag = words[one].split(b" ")[0].strip(b"/>")
                new = chance.choice((b"w:p", b"w:r", b"w:tc", b"w:tbl", b"w:sdt", b"w:ins", b"w:drawing"))
                if tag.startswith(b"w:"):
                    words = [
                        word.replace(tag, new, 1)
                        if word.strip(b"/").startswith((tag + b" ", tag + b">", tag + b"/"))
                        else word
                        for word in words
                    ]
        _foreseen(packed({**parts, name: b"<".join(words)}))


def test_elements_in_any_order() -> None:
    """Whatever elements stand inside each other, they are read or refused."""
    names = [
        *("p", "r", "t", "tbl", "tr", "tc", "sdt", "sdtContent", "ins", "del", "drawing", "pict", "object", "ruby"),
        *("rubyBase", "fldChar", "sym", "br", "pPr", "rPr", "numPr", "txbxContent", "hyperlink", "tblGrid", "tcPr"),
    ]
    chance = random.Random(3)

    def element(depth: int) -> str:
        tag = chance.choice(names)
        inside = "".join(element(depth - 1) for _ in range(chance.randrange(4))) if depth else escape("字")
        return f'<w:{tag} w:val="{chance.choice(("1", "x"))}">{inside}</w:{tag}>'

    for _ in range(400):
        _foreseen(docx("".join(element(5) for _ in range(5))))


@pytest.mark.parametrize(
    "inside",
    [
        "<w:customXml>|</w:customXml>",
        "<w:tbl><w:tr><w:tc>|</w:tc></w:tr></w:tbl>",
        "<w:p><w:r><w:pict><w:txbxContent>|</w:txbxContent></w:pict></w:r></w:p>",
    ],
)
def test_endless_nesting(inside: str) -> None:
    """What the parser lets through is read to its bottom."""
    for depth in (58, 300, 20_000):
        before, after = inside.split("|")
        content = docx(before * depth + p("字") + after * depth)
        if depth == 58:
            assert lines_of(read_word(content)) == ["字"]
        else:
            with pytest.raises(Unreadable, match="不是完整的 Word 文档"):
                read_word(content)
