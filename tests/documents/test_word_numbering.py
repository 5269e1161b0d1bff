"""Automatic numbers are written out as Word shows them."""

import pytest
from word_files import docx, family, in_list, lvl, num, p, style

from toolkit.documents.blocks import all_paragraphs
from toolkit.documents.word.numbering import numeral
from toolkit.documents.word.source import read_word


def _texts(*paragraphs: str, numbering: str, styles: str = "") -> list[str]:
    prose = read_word(docx("".join(paragraphs), numbering=numbering, styles=styles))
    return [paragraph.text for paragraph in all_paragraphs(prose.blocks)]


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("decimal", {1: "1", 10: "10", 0: "0"}),
        ("decimalZero", {1: "01", 9: "09", 10: "10", 100: "100"}),
        (
            "chineseCounting",
            {1: "一", 9: "九", 10: "十", 11: "十一", 19: "十九", 20: "二十", 21: "二十一", 99: "九十九", 0: "零"},
        ),
        (
            "chineseCountingThousand",
            {
                **{10: "十", 100: "一百", 101: "一百零一", 110: "一百一十", 111: "一百一十一", 120: "一百二十"},
                **{1000: "一千", 1001: "一千零一", 1010: "一千零一十", 1100: "一千一百", 2020: "二千零二十"},
                **{9999: "九千九百九十九", 10000: "10000"},
            },
        ),
        ("taiwaneseCounting", {12: "十二"}),
        ("taiwaneseCountingThousand", {105: "一百零五"}),
        ("japaneseCounting", {10: "十", 21: "二十一", 101: "百一", 1110: "千百十"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {1: "子", 12: "亥", 13: "13"}),
        ("ideographZodiacTraditional", {1: "甲子", 11: "甲戌", 13: "丙子", 60: "癸亥", 61: "61"}),
        ("ideographDigital", {0: "〇", 10: "一〇", 2024: "二〇二四"}),
        ("japaneseDigitalTenThousand", {31: "三一"}),
        ("chineseLegalSimplified", {1: "壹", 10: "壹拾", 101: "壹佰零壹", 2345: "贰仟叁佰肆拾伍"}),
        ("upperLetter", {1: "A", 26: "Z", 27: "AA", 53: "AAA"}),
        ("lowerLetter", {2: "b", 28: "bb"}),
        ("upperRoman", {1: "I", 4: "IV", 9: "IX", 40: "XL", 1994: "MCMXCIV", 5000: "5000"}),
        ("lowerRoman", {14: "xiv"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "㉑", 36: "㊱", 51: "51"}),
        ("decimalEnclosedCircleChinese", {10: "⑩"}),
        ("decimalFullWidth", {1: "１", 20: "２０"}),
        ("decimalEnclosedParen", {1: "⑴", 20: "⒇", 21: "21"}),
        ("decimalEnclosedFullstop", {1: "⒈", 20: "⒛", 21: "21"}),
        ("none", {1: "", 7: ""}),
        ("somethingNew", {7: "7"}),
    ],
)
def test_every_format(form: str, numbers: dict[int, str]) -> None:
    assert {value: numeral(value, form) for value in numbers} == numbers


def test_counting_in_chinese_reads_back() -> None:
    """Every number up to 9999 is another text, and says its number."""

    def value_of(text: str) -> int:
        total = digit = 0
        for char in text:
            if char in "十百千":
                total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
                digit = 0
            elif char != "零":
                digit = "零一二三四五六七八九".index(char)
        return total + digit

    written = [numeral(value, "chineseCountingThousand") for value in range(1, 10_000)]
    assert [value_of(text) for text in written] == list(range(1, 10_000))
    assert not any("零零" in text or text.endswith("零") or text.startswith("一十") for text in written)


@pytest.mark.parametrize(
    ("form", "text", "suffix", "shown"),
    [
        ("chineseCounting", "%1、", "", "一、文"),
        ("chineseCounting", "（%1）", "", "（一）文"),
        ("decimal", "%1.", "", "1.文"),
        ("decimal", "%1．", "", "1．文"),
        ("decimal", "%1)", "", "1)文"),
        ("decimal", "(%1)", "", "(1)文"),
        ("decimal", "%1", "", "1 文"),
        ("decimal", "%1", "space", "1 文"),
        ("decimal", "%1.", "space", "1. 文"),
        ("decimal", "%1", "nothing", "1文"),
        ("chineseCounting", "第%1章", "", "第一章文"),
        ("decimalEnclosedCircle", "%1", "", "①文"),
        ("bullet", "●", "", "● 文"),
        ("bullet", "—", "", "— 文"),
        ("bullet", "\uf06c", "", "• 文"),
        ("none", "", "", "文"),
        ("none", "条%1", "", "条文"),
    ],
)
def test_space_after_the_number(form: str, text: str, suffix: str, shown: str) -> None:
    suff = f'<w:suff w:val="{suffix}"/>' if suffix else ""
    numbering = family(0, lvl(0, form, text, suff)) + num(1, 0)
    assert _texts(p("文", properties=in_list(1)), numbering=numbering) == [shown]


def test_bullet_of_a_symbol_font() -> None:
    fonts = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
    numbering = family(0, lvl(0, "bullet", "l", fonts)) + num(1, 0)
    assert _texts(p("文", properties=in_list(1)), numbering=numbering) == ["• 文"]


THREE = family(
    0, lvl(0, "chineseCounting", "%1、"), lvl(1, "chineseCounting", "（%2）"), lvl(2, "decimal", "%1.%2.%3.")
)


def test_deeper_levels_start_anew() -> None:
    depths = [0, 1, 1, 2, 2, 1, 2, 0, 1, 0]
    shown = _texts(*(p("文", properties=in_list(1, depth)) for depth in depths), numbering=THREE + num(1, 0))
    numbers = [text.removesuffix("文") for text in shown]
    assert numbers == [
        "一、",
        "（一）",
        "（二）",
        "一.二.1.",
        "一.二.2.",
        "（三）",
        "一.三.1.",
        "二、",
        "（一）",
        "三、",
    ]


def test_a_level_above_that_was_not_used_counts_as_its_first() -> None:
    assert _texts(p("文", properties=in_list(1, 2)), numbering=THREE + num(1, 0)) == ["一.一.1.文"]


def test_legal_numbers_are_figures() -> None:
    numbering = family(0, lvl(0, "chineseCounting", "%1、"), lvl(1, "lowerLetter", "%1.%2.", "<w:isLgl/>")) + num(1, 0)
    shown = _texts(p("甲", properties=in_list(1)), p("乙", properties=in_list(1, 1)), numbering=numbering)
    assert shown == ["一、甲", "1.1.乙"]


@pytest.mark.parametrize(("restart", "numbers"), [("0", "123"), ("1", "121"), ("", "111")])
def test_restart_of_a_level(restart: str, numbers: str) -> None:
    """0: never; 1: only after the first level; otherwise after every level above."""
    inside = f'<w:lvlRestart w:val="{restart}"/>' if restart else ""
    numbering = family(0, *(lvl(depth, "decimal", f"%{depth + 1}.", inside * (depth == 2)) for depth in range(3)))
    order = [(0, ""), (1, ""), (2, "*"), (1, ""), (2, "*"), (0, ""), (1, ""), (2, "*")]
    paragraphs = (p(f"{mark}文", properties=in_list(1, depth)) for depth, mark in order)
    shown = _texts(*paragraphs, numbering=numbering + num(1, 0))
    assert "".join(text[0] for text in shown if "*" in text) == numbers


def test_lists_of_one_family_count_on_and_start_again_where_they_say_so() -> None:
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    other = f'<w:lvlOverride w:ilvl="0">{lvl(0, "upperLetter", "%1)")}</w:lvlOverride>'
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0) + num(2, 0) + num(3, 0, override) + num(4, 0, other)
    shown = _texts(*(p("文", properties=in_list(key)) for key in (1, 1, 2, 3, 3, 1, 4)), numbering=numbering)
    assert shown == ["1.文", "2.文", "3.文", "5.文", "6.文", "7.文", "H)文"]


def test_start_of_a_level() -> None:
    numbering = family(0, lvl(0, "chineseCounting", "%1、", start=3)) + num(1, 0)
    assert _texts(p("甲", properties=in_list(1)), p("乙", properties=in_list(1)), numbering=numbering) == [
        "三、甲",
        "四、乙",
    ]


def test_list_by_a_list_style() -> None:
    numbering = (
        family(0, '<w:styleLink w:val="ListStyle"/>', lvl(0, "chineseCounting", "%1、"))
        + family(1, '<w:numStyleLink w:val="ListStyle"/>')
        + num(1, 0)
        + num(2, 1)
    )
    assert _texts(p("甲", properties=in_list(1)), p("乙", properties=in_list(2)), numbering=numbering) == [
        "一、甲",
        "二、乙",
    ]


def test_list_by_paragraph_styles() -> None:
    """The level is the one that belongs to the style, whatever number stands in the style; a style without a list of
    its own has that of the style it is based on; 0 takes a paragraph out."""
    levels = (
        lvl(0, "chineseCounting", "%1、", '<w:pStyle w:val="A"/>'),
        lvl(1, "decimal", "%2.", '<w:pStyle w:val="B"/>'),
    )
    listed = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = style("A", "甲级", listed) + style("B", "乙级", listed) + style("C", "丙级", '<w:basedOn w:val="B"/>')
    none = '<w:numPr><w:numId w:val="0"/></w:numPr>'
    shown = _texts(
        *(p("文", style=key) for key in "ABCA"),
        p("文", style="A", properties=none),
        p("文", style="A"),
        numbering=family(0, *levels) + num(1, 0),
        styles=styles,
    )
    assert shown == ["一、文", "1.文", "2.文", "二、文", "文", "三、文"]


def test_empty_numbered_paragraph_takes_its_number_along() -> None:
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0)
    numbered = in_list(1)
    hidden = p("<w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r>", properties=f"{numbered}<w:rPr><w:vanish/></w:rPr>")
    shown = _texts(
        p("甲", properties=numbered), p(properties=numbered), hidden, p("乙", properties=numbered), numbering=numbering
    )
    assert shown == ["1.甲", "3.乙"]


def test_figures_with_zeros_in_front() -> None:
    form = (
        '<mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/>'
        '</mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>'
    )
    level = f'<w:lvl w:ilvl="0"><w:start w:val="9"/>{form}<w:lvlText w:val="%1."/></w:lvl>'
    shown = _texts(*(p("文", properties=in_list(1)) for _ in range(2)), numbering=family(0, level) + num(1, 0))
    assert shown == ["009.文", "010.文"]


def test_lists_that_are_not_there() -> None:
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0) + num(2, 9)
    for properties in (in_list(7), in_list(2), in_list(1, 5), in_list(-1), '<w:numPr><w:numId w:val="x"/></w:numPr>'):
        assert _texts(p("文", properties=properties), numbering=numbering) == ["文"]


def test_number_looks_like_the_text_it_stands_before() -> None:
    numbering = family(0, lvl(0, "decimal", "%1.")) + num(1, 0)
    body = p("<w:r><w:rPr><w:b/></w:rPr><w:t>粗</w:t></w:r>", "细", properties=in_list(1))
    (paragraph,) = all_paragraphs(read_word(docx(body, numbering=numbering)).blocks)
    assert [(piece.text, piece.bold) for piece in paragraph.pieces] == [("1.粗", True), ("细", False)]


def test_paragraph_may_say_its_level_and_its_style_the_list() -> None:
    levels = (lvl(0, "chineseCounting", "%1、", '<w:pStyle w:val="A"/>'), lvl(1, "decimal", "%2."))
    styles = style("A", "甲级", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>')
    deeper = p("文", style="A", properties='<w:numPr><w:ilvl w:val="1"/></w:numPr>')
    shown = _texts(p("文", style="A"), deeper, numbering=family(0, *levels) + num(1, 0), styles=styles)
    assert shown == ["一、文", "1.文"]


def test_hidden_number() -> None:
    numbering = family(0, lvl(0, "decimal", "%1.", "<w:rPr><w:vanish/></w:rPr>")) + num(1, 0)
    assert _texts(p("文", properties=in_list(1)), numbering=numbering) == ["文"]
