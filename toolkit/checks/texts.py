"""Rules on the text sections (文字部分): what they must cover, whose they are, and what should not stand in them."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from toolkit.checks.findings import Finding, Rule, finding, title_of
from toolkit.checks.samples import AGENCY, Samples
from toolkit.checks.text_sentences import (
    PLACES,
    TextSentence,
    is_for_others,
    is_name_of,
    level_of,
    paragraphs,
    plain,
    quoted,
    same_body,
    sentences,
)
from toolkit.forms.language import WrittenWords
from toolkit.forms.model import Content, Form
from toolkit.forms.patterns import matches
from toolkit.submission.model import BEFORE, Submission

OTHER_YEAR = Rule(
    "other-year-in-text",
    "文字里年份不对",
    "warning",
    "文字说的是报告年度的情况，年份与报告年度相同。",
    "年份不对的句子往往是照抄上年报告时没有改。与往年比较、下年打算、文件名称中的年份不算。",
    "{place}写的是 {years} 年，报告年度是 {year} 年：{quoted}。请核对年份和数字，往年的情况请写明是与往年比较。",
    {
        "place": "「一、某部分」第 2 段",
        "years": "2023",
        "year": "2024",
        "quoted": "“2023年，我局公开信息50条。”",
    },
    identified_by=("quoted",),
)
OTHER_AGENCY = Rule(
    "other-agency-in-text",
    "文字里自称别的机关",
    "error",
    "文字里自称的机关就是填报机关。",
    "自称处写着别的机关，往往是照抄其他机关的报告时没有改。",
    "{place}自称“{name}”，填报机关是“{agency}”：{quoted}。请核对文字是不是本机关的，并更正机关名称。",
    {
        "place": "「一、某部分」第 1 段",
        "name": "乙县某局",
        "agency": "甲县某局",
        "quoted": "“现公布乙县某局2024年报告。”",
    },
    identified_by=("name", "quoted"),
)
CITATION = Rule(
    "wrong-citation",
    "文号不对",
    "warning",
    "引用的文号与报告年度适用的文件相符。",
    "沿用旧文号是常见的差错，依据以本格式注明的文件为准。",
    "{place}引用{name}写的是“{written}”，应为“{right}”：{quoted}。请更正。",
    {
        "place": "「一、某部分」第 1 段",
        "name": "某文件",
        "written": "〔2019〕6号",
        "right": "〔2021〕3号",
        "quoted": "“按照某文件（〔2019〕6号）编制”",
    },
    identified_by=("name", "quoted"),
)
PLACEHOLDER = Rule(
    "placeholder-left",
    "留有待填的空位",
    "error",
    "文字里没有待填的空位，如“XX”“某某”“＿＿”“共  件”。",
    "待填的空位留在报告里，公开前要补上。",
    "{place}有待填的空位{spots}：{quoted}。请补上内容，或删去这一句。",
    {"place": "「一、某部分」第 2 段", "spots": "“XX”", "quoted": "“全年公开信息XX条。”"},
    identified_by=("quoted",),
)
PERSONAL = Rule(
    "personal-data",
    "含有个人信息",
    "warning",
    "文字里没有公民身份号码和手机号码；基本信息里的办公电话除外。",
    "报告要向社会公开，个人信息应当保护（条例第十五条）。",
    "{place}有{spots}。报告要公开，请改用办公电话，或删去。",
    {"place": "「一、某部分」第 1 段", "spots": "手机号码 138****0000"},
    identified_by=("spots",),
)
MISSPELT = Rule(
    "misspelt-text",
    "数字、单位或标点写错",
    "warning",
    "文字里的数字、单位和标点写法正确。",
    "只提肯定写错的：重复的量词和标点、断开的年份、全角半角混用的数、不存在的日期。",
    "{place}{spots}：{quoted}。请更正。",
    {"place": "「一、某部分」第 2 段", "spots": "“件件”多写了字", "quoted": "“共收到申请3件件。”"},
    identified_by=("spots", "quoted"),
)
TITLE = Rule(
    "title-in-text",
    "文字里重复写标题",
    "warning",
    "文字里不再写各部分的标题。",
    "报告里的标题由表样写出，文字中再写就重复了；写着别的部分的标题，说明文字放错了地方。",
    "{place}是“{title}”的标题。{advice}",
    {"place": "「一、某部分」第 1 段", "title": "二、另一部分", "advice": "请把文字移到该部分，并删去标题。"},
    identified_by=("title",),
)

RULES = (OTHER_YEAR, OTHER_AGENCY, CITATION, PLACEHOLDER, PERSONAL, MISSPELT, TITLE)

_GOVERNMENT = re.compile(r"(?:人民政府|道?办事处|管理?委员?会)(?:办公[室厅])?\Z")
_FOUR_DIGITS = re.compile(r"\d{4}")
"""What every year has."""
_HISTORY = 3
"""The number of years before the report: a sentence that opens with an older year is about history, and no slip."""

_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{6})((?:19|20)\d{6})(\d{3}[\dXx])(?![0-9A-Za-z])")
_MOBILE = re.compile(
    r"(?<![\d./_=@A-Za-z-])(?<![达为计共超过])(?:\+?86-?)?(1[3-9]\d-?\d{4}-?\d{4})(?![\d./_@]|余|多|[万亿人件条次个元份项])"
)
_LONG_NUMBER = re.compile(r"\d[\d-]{9}\d")
"""What every identity number and mobile number has."""
_DATE = re.compile(r"(?<!\d)(?:((?:19|20)\d\d)年)?(\d{1,2})月(\d{1,2})日")
_NUMBERING = re.compile(r"^[一二三四五六七八九十]+、")


CONTENT_MESSAGE = "「{title}」没有写到{missing}{written}。{advice}"
"""The message on a content (内容要求): something that a form says a text section must cover."""


@cache
def content_rules(form: Form) -> tuple[Rule, ...]:
    """Return one rule for each content of a form."""
    return tuple(
        Rule(
            item.id,
            title_of(item.sentence),
            item.severity,
            f"{item.sentence}。",
            item.basis,
            CONTENT_MESSAGE,
            {},
        )
        for item in form.texts.contents
    )


def content_samples(form: Form) -> Samples:
    """Return the facts of the examples for the contents of a form: a section in which nothing stands but 无."""
    contents = form.texts.contents
    return {item.id: _content_facts(form, item, _missing(item, "无", AGENCY), "无") for item in contents}


def text_findings(submission: Submission) -> Iterator[Finding]:
    """Yield what is wrong with the texts themselves, whatever the tables say."""
    yield from _titles(submission)
    yield from _contents(submission)
    words = submission.form.texts.language.written
    for sentence in sentences(submission):
        yield from _years(submission, sentence)
        yield from _agencies(submission, sentence)
        yield from _citations(submission, sentence)
        yield from _placeholders(words, sentence)
        yield from _personal(submission, sentence)
        yield from _slips(words, sentence)


def _titles(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each paragraph that is the title of a section."""
    titles = {_NUMBERING.sub("", plain(section.title)): section for section in submission.form.sections}
    for section, number, at, text in paragraphs(submission):
        owner = titles.get(_NUMBERING.sub("", plain(text))) if section.text else None
        if owner is None:
            continue
        advice = "请删去，标题由报告写出。" if owner is section else "请把文字移到该部分，并删去标题。"
        place = f"「{section.title}」第 {number} 段" + (f"（{at}）" if at else "")
        yield finding(TITLE, at=[at], place=place, title=owner.title, advice=advice)


def _contents(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each text section that does not cover what it must cover."""
    form = submission.form
    for rule, content in zip(content_rules(form), form.texts.contents, strict=True):
        texts = submission.texts.get(content.section, ())
        whole = "\n".join(map(plain, texts))
        if not whole:
            continue  # an empty section has its own finding
        if content.ignore:
            whole = content.ignore.sub("", whole)
        missing = _missing(content, whole, plain(submission.agency))
        if missing:
            facts = _content_facts(form, content, missing, whole if len(texts) == 1 else None)
            at = submission.text_places.get(content.section, ())[:1]
            yield finding(rule, None, (), "、".join(missing), "没有写到", at=at, **facts)


def _missing(content: Content, whole: str, agency: str) -> list[str]:
    """Return what a text does not cover, of what an agency of this name must write."""
    return [
        part.name
        for part in content.parts
        if (part.agency is None or part.agency.search(agency)) and not part.words.search(whole)
    ]


def _content_facts(form: Form, content: Content, missing: list[str], written: str | None) -> dict[str, str]:
    """Return the facts on a text that does not cover everything. It is quoted if it is short."""
    return {
        "title": form.section(content.section).title,
        "missing": "、".join(missing),
        "written": f"（现在写的是{quoted(written)}）" if written is not None and len(written) <= 20 else "",
        "advice": content.advice,
    }


def _years(submission: Submission, sentence: TextSentence) -> Iterator[Finding]:
    """Yield a finding if a sentence names another year where the year of the report should stand."""
    if not _FOUR_DIGITS.search(sentence.plain):
        return
    found = [match["year"] for match in matches(submission.form.texts.year_slots, sentence.plain)]
    opening = submission.form.texts.language.years.opening.match(sentence.plain)
    if opening and _is_own(submission, opening["body"]) and _misses(submission, sentence, int(opening["year"])):
        found.append(opening["year"])
    wrong = [year for year in dict.fromkeys(found) if int(year) != submission.year]
    if wrong:
        facts = {"place": sentence.place, "years": "、".join(wrong), "quoted": quoted(sentence.text, wrong[0])}
        year = str(submission.year)
        yield finding(OTHER_YEAR, None, (), year, wrong[0], at=[sentence.at], year=year, **facts)


def _is_own(submission: Submission, body: str | None) -> bool:
    return body is None or is_name_of(body, submission.agency)


def _misses(submission: Submission, sentence: TextSentence, year: int) -> bool:
    """Return True if a sentence that opens with another year should have named the year of the report. If the year of
    the report stands there too, or the sentence before is on the past, it may be a comparison."""
    words, near = submission.form.texts.language.years, sentence.whole + sentence.next[:20]
    if words.comparison.search(sentence.whole) or words.this_year.search(near) or f"{submission.year}年" in near:
        return False
    if year == submission.year + 1:
        return not words.future.search(sentence.whole)
    told = words.past.search(sentence.last) or f"{year}年" in sentence.last
    return submission.year - _HISTORY <= year < submission.year and not told


def _agencies(submission: Submission, sentence: TextSentence) -> Iterator[Finding]:
    """Yield a finding if a sentence names another agency where the reporting agency should stand."""
    texts = submission.form.texts
    in_preface = sentence.section is PLACES[BEFORE]
    opens = in_preface or _opens(submission, sentence)
    for match in matches((*texts.agency_slots, *(texts.preface_slots if opens else ())), sentence.plain):
        name = match["agency"]
        if same_body(name, submission.agency) or (opens and _is_of_same_area(name, submission.agency)):
            continue
        if opens and not in_preface and texts.governments and texts.governments.search(name):
            continue  # a department may draw up its government's report, and say so first of all
        if is_for_others(submission) and not _is_government(submission, name):
            continue  # a government's report is often drawn up by one of its departments
        facts = {"place": sentence.place, "agency": submission.agency, "quoted": quoted(sentence.text, name)}
        yield finding(OTHER_AGENCY, None, (), submission.agency, name, at=[sentence.at], name=name, **facts)
        return


def _opens(submission: Submission, sentence: TextSentence) -> bool:
    """Return True if a sentence is the first one of a report without a preface: the first text section begins with
    it."""
    if sentence.paragraph > 1 or sentence.last or sentence.begun or BEFORE in submission.other_texts:
        return False
    return any(sentence.section is section for section in submission.form.text_sections[:1])


def _is_of_same_area(name: str, agency: str) -> bool:
    """Return True if a name has the area for which the agency is the government, or its office: 沌口街 is that of
    沌口街道办事处."""
    area = _GOVERNMENT.sub("", plain(agency))
    return 1 < len(area) < len(plain(agency)) and area in name


def _is_government(submission: Submission, name: str) -> bool:
    """Return True if a name is that of a government, or of an area of the agency's own level (丁镇 beside
    丙镇人民政府)."""
    governments = submission.form.texts.governments
    return bool(governments and governments.search(name)) or name.endswith(level_of(submission.agency) or "。")


def _citations(submission: Submission, sentence: TextSentence) -> Iterator[Finding]:
    """Yield a finding for each document that a sentence cites by a wrong number."""
    for citation in submission.form.texts.citations:
        cited = [match[1] for match in matches(citation.patterns, sentence.plain)]
        wrong = next((number for number in cited if number != citation.right), "")
        if wrong and citation.right not in sentence.plain:
            facts = {"place": sentence.place, "name": citation.name, "quoted": quoted(sentence.text)}
            right = citation.right
            yield finding(CITATION, None, (), right, wrong, at=[sentence.at], written=wrong, right=right, **facts)


def _placeholders(words: WrittenWords, sentence: TextSentence) -> Iterator[Finding]:
    """Yield a finding if something in a sentence was still to be filled in."""
    spots = matches(words.placeholders, sentence.text)
    if spots:
        found = list(dict.fromkeys(_without_overlap(spots)))
        shown = "".join(f"“{spot}”" for spot in found)
        facts = {"place": sentence.place, "spots": shown, "quoted": quoted(sentence.text, found[0])}
        yield finding(PLACEHOLDER, None, (), "", found[0], at=[sentence.at], **facts)


def _without_overlap(spots: Iterable[re.Match[str]]) -> Iterator[str]:
    """Yield what was found, in order. What begins inside of another find is no further one."""
    end = 0
    for match in sorted(spots, key=re.Match.start):
        if match.start() >= end:
            yield match[0].strip()
            end = match.end()


def _personal(submission: Submission, sentence: TextSentence) -> Iterator[Finding]:
    """Yield a finding if personal data stand in a sentence. The message hides most of the digits, because findings are
    passed on."""
    if not _LONG_NUMBER.search(sentence.plain):
        return
    known = [re.sub(r"\D", "", value) for value in map(plain, submission.info.values())]
    found = [
        ("公民身份号码", match[0][:6] + "********" + match[0][-4:])
        for match in _IDENTITY.finditer(sentence.plain)
        if _is_identity_number(match[0])
    ]
    for match in _MOBILE.finditer(sentence.plain):
        digits = match[1].replace("-", "")
        if not any(digits in numbers for numbers in known):
            found.append(("手机号码", f"{digits[:3]}****{digits[-4:]}"))
    if found:
        spots = "、".join(f"{kind} {shown}" for kind, shown in dict.fromkeys(found))
        yield finding(PERSONAL, at=[sentence.at], place=sentence.place, spots=spots)


def _is_identity_number(text: str) -> bool:
    """Return True if a text is an identity number by GB 11643: its birth date exists, and its check character is right
    by ISO 7064 MOD 11-2."""
    try:
        date.fromisoformat(f"{text[6:10]}-{text[10:12]}-{text[12:14]}")
    except ValueError:
        return False
    weighted = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(text[:17]))
    return "10X98765432"[weighted % 11] == text[17].upper()


def _slips(words: WrittenWords, sentence: TextSentence) -> Iterator[Finding]:
    """Yield a finding if numbers, units or punctuation in a sentence are surely written wrongly."""
    found = {m["slip"].strip(): slip.fault for slip in words.slips for m in matches([slip.pattern], sentence.text)}
    if "日" in sentence.plain:
        found |= {match[0]: "这一天不存在" for match in _DATE.finditer(sentence.plain) if not _exists(match)}
    if found:
        spots = "、".join(f"“{spot}”{fault}" for spot, fault in found.items())
        first = next(iter(found))
        facts = {"place": sentence.place, "spots": spots, "quoted": quoted(sentence.text, first)}
        yield finding(MISSPELT, None, (), "", first, at=[sentence.at], **facts)


def _exists(match: re.Match[str]) -> bool:
    year, month, day = match.groups()
    try:
        date(int(year or 2000), int(month), int(day))
    except ValueError:
        return False
    return True
