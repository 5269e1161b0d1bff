"""Rules on texts against tables: numbers, shares and growth rates that a text gives for a quantity of the tables.

What a quantity is called, and its sound readings (口径), the form declares. A number that fits any of them, or that is
not surely about the quantity, is silent: a false alarm costs more trust than a miss.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, pairwise

from toolkit.checks.findings import Finding, Rule, place_of
from toolkit.checks.sentences import ORGANS, TextSentence, is_name_of, level_of, plain, quoted, sentences, text_finding
from toolkit.forms.model import Number, Quantity, Reading
from toolkit.forms.patterns import DIGITS
from toolkit.forms.relations import total
from toolkit.submission.carry_overs import shared_numbers
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

SHOWN_AT_MOST = 3

NUMBER = Rule(
    "text-differs-from-tables",
    "warning",
    "文字里写的件数和金额与表中的数相符。",
    "文字与表格是同一份报告，数字应一致。各种合理口径都不符才提；另有口径的，写明口径即可。",
    "「一、某部分」第 2 段“收到申请”写的是 38，表中是表三「新收」 37：“全年共收到申请38件。”。请核对文字和表；"
    "统计口径不同的，请在文字中写明。",
)
SHARE = Rule(
    "share-differs-from-tables",
    "warning",
    "文字里写的占比与表中的数算出来的相符。",
    "按文字写的小数位数比较，四舍五入和舍去尾数都算相符。",
    "「一、某部分」第 2 段“某项”写的是占 70%，按 24 和某表「总计」 40 应为 60%：“某项24件，占70%。”。"
    "请核对占比，或写明占什么的比。",
)
GROWTH = Rule(
    "growth-differs-from-last-year",
    "warning",
    "文字里写的增长率、增减数与两年的表算出来的相符。",
    "给出上年报告时才比较，按文字写的小数位数。",
    "「一、某部分」第 2 段：“收到申请”写的是同比增长 30%，按上年报告的 10 和本年的 12 应为增长 20%。请核对。",
)

RULES = (NUMBER, SHARE, GROWTH)

_DIGIT = {
    char: value
    for value, chars in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
_TEN = {"十": 10, "百": 100, "千": 1000}
_SCALE = {"万": 10**4, "亿": 10**8}
_SPEAKS = re.compile(r"[\d零一二两三四五六七八九十百千][万亿]?(?:件|宗|起|条|份|个|例|项|部|元)|未|没有|无")

_PART = re.compile(
    r"季度|[上下]半年|每[年月日]|[年月日人]均|单[日月]|(?<!1)[0-9一二三四五六七八九]月|1[01]月|近[一二三四五两几\d]+年|年来|历年"
    r"|本级|[省市州县区旗镇乡]级(?!以上)|[市县区省]直|(?<![及其])(?:[下所直局委厅]属|基层)"
)
_LAST_YEAR = re.compile(r"[去上前往]一?年度?(?!结转|转入)|同期|例如|比如")
"""What tells that the number is of another time or of a part only: in the sentence, in the clause."""
_COUNT = re.compile(
    r"(?<![第\d.零一二三四五六七八九十百千])(?<!增加)(?<!增长)(?<!上升)(?<!减少)(?<!下降)(?<!降低)"
    rf"(?P<number>{DIGITS})(?:件|宗|起|条|份|例)(?![次套])"
)
_PERIOD = re.compile(
    r"(?:(?:19|20)\d\d年)?1月1日(?:起)?[至到-](?:(?:19|20)\d\d年)?12月31日|截[至止](?:(?:19|20)\d\d年)?12月(?:31日|底)"
)
_ACTS = (
    r"共|全年|累计|新?收|接|受理|答复|办[理结]|制|作出|实施|发生|被|作为|为被|名义|答辩|应诉|[转交]办|转来|提[出起]"
    r"|的(?:政府)?信息公开|\d"
)
_ACTING = re.compile(rf"[一-鿿]{{1,16}}?(?:{ORGANS})(?={_ACTS})")
_BODY = re.compile(rf"[一-鿿]{{1,16}}?(?:{ORGANS})(?={_ACTS}|有|因|未|没有|，|、|：|\Z)")
"""A body to which figures are ascribed, and one that may be."""
_WIDER = re.compile(r"全[国省市州县区旗镇]")
_WHO = "省市州县区旗盟镇乡局委办厅院街"
_OURS = re.compile(rf"[我本](?:[{_WHO}]|机关|单位|部门)(?!级)")
_ALL_YEAR = re.compile(r"全年|[本今]年度?|年度内")
"""Where the text turns to the agency itself, and to the whole year."""
_OWN_WORDS = re.compile(rf".*(?:年度?|[，、]|全[{_WHO}系]统?|[我本][{_WHO}]|以来|其中|代表)")
_EVERYBODY = re.compile(r"各级|各[^，]{0,4}(?:部门|单位|机关)|及其|所属|行政机关")
_CONTINUES = re.compile(r"(?:其中|上述|以上|在(?:这|受理|收到|办结|答复)[^，]{0,8}申请中)")
_SHARE = re.compile(r"^[，、（]?(?:约)?占(?:比)?(?:[^，。；%\d]{0,14})(?:约|为)?(?P<share>\d+(?:\.\d+)?)%")
_CHANGE = (
    r"(?P<way>增长|增加|上升|提高|增幅|下降|减少|降低|回落|降幅)(?:了|约|达|为)*"
    r"(?:(?P<rate>\d+(?:\.\d+)?)%|(?P<change>\d+)件)"
)
_GROWTH = re.compile(
    r"^[，（]?(?:申请)?(?:数量|总数|总量|数|量)?，?"
    r"(?:同比|[较比与](?:[去上前]一?年度?|(?P<year>20\d\d)年度?)(?:同期)?(?:相比)?，?)" + _CHANGE
)
_GROWTH_TOO = re.compile(r"^[，、（](?:同比)?" + _CHANGE)
"""A change, and the same change said once more in the other way (减少7件，下降15.9%)."""
_FALLS = ("下降", "减少", "降低", "回落", "降幅")


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number as written: its value, and the step that its spelling leaves open (3.6万: give or take 1,000)."""

    value: Decimal
    step: Decimal
    text: str

    def fits(self, exact: Number) -> bool:
        """Whether it can be that number, rounded or cut off."""
        gap = abs(Decimal(exact) - self.value)
        return gap == 0 or (self.step != 1 and gap < self.step)


@dataclass(frozen=True, slots=True)
class Mention:
    """A quantity found in a sentence; `rest` is what follows its number there."""

    quantity: Quantity
    written: WrittenNumber
    phrase: str
    rest: str


def read_number(text: str) -> WrittenNumber | None:
    """A number of a text in plain spelling: ``3646``, ``3.6万``, ``十二``. None when it is not surely one."""
    body, scale = (text[:-1], _SCALE[text[-1]]) if text[-1:] in _SCALE else (text, 1)
    if re.fullmatch(r"\d+(\.\d+)?", body):
        decimals = len(body.partition(".")[2])
        return WrittenNumber(Decimal(body) * scale, Decimal(scale).scaleb(-decimals), text)
    value = _chinese(body)
    return None if value is None else WrittenNumber(Decimal(value * scale), Decimal(scale), text)


def _chinese(text: str) -> int | None:
    if (
        not re.fullmatch(
            r"[零〇一二两三四五六七八九]|(?:[一二两三四五六七八九]千)?零?(?:[一二两三四五六七八九]百)?零?"
            r"(?:[一二三四五六七八九]?十)?零?[一二三四五六七八九]?",
            text,
        )
        or not text
    ):
        return None
    value, digit = 0, 0
    for char in text:
        if char in _TEN:
            value += (digit or 1) * _TEN[char]
            digit = 0
        else:
            digit = _DIGIT[char]
    return value + digit


def quantity_findings(submission: Submission, prior: Submission | None = None) -> Iterator[Finding]:
    """Numbers in the texts that fit no reading of the tables; growth is judged only beside last year's report."""
    quantities = submission.form.texts.quantities
    if not quantities:
        return
    last = shared_numbers(submission.form, prior) if prior is not None else {}
    for sentence in sentences(submission):
        if not _SPEAKS.search(sentence.plain):
            continue
        for mention in _mentions(submission, sentence, quantities):
            if not any(
                cell in submission.numbers
                for reading in mention.quantity.readings
                for cell in _inputs(submission, reading)
            ):
                continue  # nothing filled in yet: blanks have their own finding
            yield from _number(submission, sentence, mention)
            yield from _share(submission, sentence, mention)
            yield from _growth(submission, sentence, mention, last)


def _inputs(submission: Submission, reading: Reading) -> Iterator[str]:
    for term in reading.terms:
        cell = submission.form.cells[term.cell]
        yield from (part.cell for part in cell.parts) if cell.computed else (cell.id,)


# ---------------------------------------------------------------- what a sentence speaks of


def _mentions(submission: Submission, sentence: TextSentence, quantities: Iterable[Quantity]) -> Iterator[Mention]:
    """The quantities that a sentence surely speaks of, each number once: the phrase that begins first has it, and of
    several that begin together the one that it fits."""
    for prefix, segment in _segments(sentence.plain):
        found: dict[int, tuple[int, list[Mention]]] = {}
        for quantity in quantities:
            for match in _matches(quantity, segment):
                end = match.end("number") if "number" in match.re.groupindex else match.end()
                start, mentions = found.get(end, (match.start(), []))
                mention = _mention(quantity, match, segment)
                if mention is None or match.start() > start:
                    continue
                found[end] = (match.start(), [mention] if match.start() < start else [*mentions, mention])
        for start, mentions in found.values():
            before = segment[:start]
            sure = [item for item in mentions if _is_sure(submission, sentence, item, prefix + before, before)]
            yield from islice((*(item for item in sure if _fits(submission, item)), *sure), 1)


def _is_listed(submission: Submission, sentence: TextSentence, before: str) -> bool:
    """Whether the counts before an item, back to the quantity whose list it is, are all known: after one that is not,
    the item may be of that part alone (某类20件，某项12件)."""
    before = _unremarked((sentence.last if _CONTINUES.match(sentence.whole) else "") + sentence.begun + before)
    known: dict[int, bool] = {}
    for quantity in submission.form.texts.quantities:
        for match in _matches(quantity, before):
            if "number" in match.re.groupindex:
                start = match.start("number")
                known[start] = known.get(start, True) and quantity.listed
    apart = (match for pattern in submission.form.texts.adjustments for match in pattern.finditer(before))
    known = {match.start("number"): True for match in apart} | known
    for count in reversed(list(_COUNT.finditer(before))):
        if not known.get(count.start(), True):
            return True
        if count.start() not in known:
            return False
    return True


def _segments(text: str) -> list[tuple[str, str]]:
    """A sentence without its remarks, then each remark (in brackets) that has a number, with what stands before it."""
    remarks = [
        (re.sub(r"（[^（）]*）", "", text[: match.start()]), match[1]) for match in re.finditer(r"（([^（）]*)）", text)
    ]
    return [
        ("", re.sub(r"（[^（）]*）", "", text)),
        *((before, inner) for before, inner in remarks if re.search(r"\d", inner)),
    ]


def _matches(quantity: Quantity, segment: str) -> Iterator[re.Match[str]]:
    for pattern in (*quantity.phrases, *quantity.none):
        yield from pattern.finditer(segment)


def _mention(quantity: Quantity, match: re.Match[str], segment: str) -> Mention | None:
    groups, rest = match.groupdict(), segment[match.end() :]
    if "number" not in groups:
        return Mention(quantity, WrittenNumber(Decimal(0), Decimal(1), "没有"), match[0], rest)
    written = read_number(groups["number"])
    if written is None or ("unit" not in groups and written.value != int(written.value)):
        return None
    return Mention(quantity, written, match[0], rest)


def _is_sure(submission: Submission, sentence: TextSentence, mention: Mention, prefix: str, before: str) -> bool:
    quantity, phrase = mention.quantity, mention.phrase
    if quantity.within and not quantity.within.search(sentence.before + sentence.plain):
        return False
    if quantity.unless and quantity.unless.search(prefix + phrase):
        return False
    if re.search(r"[及和与或]\Z", before) or re.search(r"(?:^|[，；：、。])[^，；：、。\d]*、\Z", before):
        return False  # one number for several things
    if _is_of_others(submission, sentence, prefix):
        return False
    return not quantity.listed or _fits(submission, mention) or _is_listed(submission, sentence, prefix)


def _is_of_others(submission: Submission, sentence: TextSentence, prefix: str) -> bool:
    """Whether what stands before tells that the number is of another year, another body or a part of the time."""
    here = _unremarked(_PERIOD.sub("", sentence.begun + prefix))
    last = _unremarked(_PERIOD.sub("", sentence.last))
    goes_on = bool(_CONTINUES.match(sentence.whole))
    whole = last + here if goes_on else here
    years = re.findall(r"((?:19|20)\d\d)年", whole)
    if years and int(years[-1]) != submission.year:
        return True
    this_year = re.compile(rf"{_ALL_YEAR.pattern}|{submission.year}年度?(?!\d|[一二三四上下第])")
    if _PART.search(_since(this_year, whole)) or _LAST_YEAR.search(re.split(r"[，；：。]", whole)[-1]):
        return True
    ours = _ours(submission)
    if any(match[0] not in _area(submission) for match in _WIDER.finditer(_since(ours, whole))):
        return True
    if any(_is_other_body(submission, match[0]) for match in _BODY.finditer(_since(ours, here))):
        return True
    if not goes_on and (ours.search(here) or this_year.search(here)):
        return False
    return any(_is_other_body(submission, match[0]) for match in _ACTING.finditer(_since(ours, last + here)))


def _area(submission: Submission) -> tuple[str, ...]:
    """What stands for the whole area of a government (全县), nothing for another agency."""
    level = level_of(submission.agency) if _is_for_others(submission) else ""
    return (f"全{level}",) if level else ()


def _ours(submission: Submission) -> re.Pattern[str]:
    area = _area(submission)
    return re.compile("|".join((_OURS.pattern, *area, *(["各级"] if area else []))))


def _unremarked(text: str) -> str:
    return re.sub(r"（[^（）]*）", "", text)


def _since(mark: re.Pattern[str], text: str) -> str:
    """What of a text stands from the last mark on."""
    return text[max((match.start() for match in mark.finditer(text)), default=0) :]


def _is_for_others(submission: Submission) -> bool:
    """Whether the agency reports for others, too: a government's figures are of its whole area."""
    governments = submission.form.texts.governments
    return bool(governments and governments.search(plain(submission.agency)))


def _is_other_body(submission: Submission, name: str) -> bool:
    """A government's own office is a part of it, its area is the whole."""
    name = _OWN_WORDS.sub("", name)
    if not name or _EVERYBODY.search(name) or re.match(r"[我本]", name):
        return False
    if _is_for_others(submission):
        area, level, _ = plain(submission.agency).rpartition(level_of(submission.agency) or "。")
        return not (level and (area + level).endswith(name))
    return not is_name_of(name, submission.agency)


# ---------------------------------------------------------------- what the tables say


def _numbers(submission: Submission) -> tuple[Mapping[str, Number], Mapping[str, Number]]:
    """All cells with totals as they stand, and with totals as computed."""
    return submission.standing, {**submission.numbers, **submission.totals}


def _is_known(submission: Submission, reading: Reading) -> bool:
    """Whether the report says anything of a reading: of a row that it does not have it says nothing, not 0."""
    totals, standing, values = submission.totals, submission.standing, submission.all_values
    cells = (term.cell for term in reading.terms)
    return any(cell not in totals or cell in standing or values[cell] is not None for cell in cells)


def _scale(submission: Submission, reading: Reading) -> int:
    """What one of the table's unit is in the text's: a table counts 万元, a text is read in 元."""
    unit = submission.form.cells[reading.terms[0].cell].kind.unit
    return _SCALE.get(unit[:1], 1)


def _shown(submission: Submission, reading: Reading, numbers: Mapping[str, Number]) -> str:
    value = number_text(total(reading.terms, numbers))
    if len(reading.terms) == 1:
        return f"{place_of(submission, reading.terms[0].cell)} {value}"
    return f"{reading.name} {value}"


def _fits(submission: Submission, mention: Mention) -> bool:
    return any(
        mention.written.fits(total(reading.terms, numbers) * _scale(submission, reading))
        for numbers in _numbers(submission)
        for reading in mention.quantity.readings
    )


def _is_explained(submission: Submission, sentence: TextSentence, mention: Mention) -> bool:
    """Whether the sentence itself tells what makes the difference: so many withdrawn (收到申请38件，其中1件撤回), or a
    part and the rest beside it (县级收到20件，乡镇收到17件)."""
    found = (match for pattern in submission.form.texts.adjustments for match in pattern.finditer(sentence.whole))
    spots = {match.span("number"): match["number"] for match in found}
    apart = [written.value for written in map(read_number, spots.values()) if written]
    changes = {change * sign for change in (*apart, sum(apart)) for sign in (1, -1)}
    return any(
        _fits(submission, replace(mention, written=replace(mention.written, value=mention.written.value + change)))
        for change in (*changes, *(() if mention.quantity.listed else _beside(sentence, mention)))
        if change and change + mention.written.value
    )


def _beside(sentence: TextSentence, mention: Mention) -> Iterator[Decimal]:
    """The counts next to a number in its sentence."""
    counts = [match["number"] for match in _COUNT.finditer(_unremarked(sentence.whole))]
    for one, other in pairwise(counts):
        for number, neighbour in ((one, other), (other, one)):
            written = read_number(neighbour)
            if number == mention.written.text and written:
                yield written.value


def _number(submission: Submission, sentence: TextSentence, mention: Mention) -> Iterator[Finding]:
    if _fits(submission, mention) or _is_explained(submission, sentence, mention):
        return
    readings = [reading for reading in mention.quantity.readings if _is_known(submission, reading)]
    if not readings:
        return
    standing, _ = _numbers(submission)
    first = readings[0]
    cells = tuple(term.cell for term in first.terms)
    by_value = {total(reading.terms, standing): reading for reading in reversed(readings)}
    told = [_shown(submission, reading, standing) for reading in reversed(by_value.values())]
    words = "，或".join(told[:SHOWN_AT_MOST])
    said = mention.written.text
    message = (
        f"{sentence.place}“{mention.quantity.name}”写的{'是 ' if said != '没有' else '是'}{said}，"
        f"表中是{words}：{quoted(sentence.text, said)}。请核对文字和表；统计口径不同的，请在文字中写明。"
    )
    expected = number_text(total(first.terms, standing))
    actual = number_text((mention.written.value / _scale(submission, first)).normalize())
    yield text_finding(NUMBER, message, submission, sentence.at, cells, expected, actual)


def _share(submission: Submission, sentence: TextSentence, mention: Mention) -> Iterator[Finding]:
    found = _SHARE.match(mention.rest)
    written = read_number(found["share"]) if found else None
    if found is None or written is None or not mention.quantity.wholes:
        return
    standing, _ = _numbers(submission)
    shares = [
        Decimal(part) * 100 / Decimal(all_of_it)
        for numbers in _numbers(submission)
        for part in (mention.written.value, *(total(reading.terms, numbers) for reading in mention.quantity.readings))
        for of in mention.quantity.wholes
        if (all_of_it := total(of.terms, numbers))
    ]
    said = [read_number(match["number"]) for match in _COUNT.finditer(sentence.last + sentence.whole)]
    of_said = [mention.written.value * 100 / whole.value for whole in said if whole and whole.value]
    if not shares or any(abs(share - written.value) < written.step for share in (*shares, *of_said)):
        return  # it may be a share of any number that the text gives
    right = _rounded(shares[0], written)
    whole = mention.quantity.wholes[0]
    cells = tuple(term.cell for term in (*mention.quantity.readings[0].terms, *whole.terms))
    message = (
        f"{sentence.place}“{mention.quantity.name}”写的是占 {found['share']}%，"
        f"按 {mention.written.text} 和{_shown(submission, whole, standing)} 应为 {right}%："
        f"{quoted(sentence.text, found['share'])}。请核对占比，或写明占什么的比。"
    )
    yield text_finding(SHARE, message, submission, sentence.at, cells, f"{right}%", f"{found['share']}%")


def _rounded(value: Decimal, like: WrittenNumber) -> str:
    return number_text(value.quantize(like.step))


def _growth(
    submission: Submission, sentence: TextSentence, mention: Mention, last: Mapping[str, Number]
) -> Iterator[Finding]:
    found = _GROWTH.match(mention.rest)
    if found is None or (found["year"] and int(found["year"]) != submission.year - 1):
        return
    yield from _change(submission, sentence, mention, last, found)
    again = _GROWTH_TOO.match(mention.rest[found.end() :])
    if again and bool(again["rate"]) != bool(found["rate"]):
        yield from _change(submission, sentence, mention, last, again)


def _change(
    submission: Submission, sentence: TextSentence, mention: Mention, last: Mapping[str, Number], found: re.Match[str]
) -> Iterator[Finding]:
    pairs = [
        (Decimal(total(reading.terms, numbers)), Decimal(total(reading.terms, last)))
        for numbers in _numbers(submission)
        for reading in mention.quantity.readings
        if all(term.cell in last for term in reading.terms)
    ]
    pairs = [pair for pair in pairs if pair[1]]
    written = read_number(found["rate"] or found["change"])
    if not pairs or written is None:
        return
    signed = -written.value if found["way"] in _FALLS else written.value
    changes = [(now - then) * 100 / then if found["rate"] else now - then for now, then in pairs]
    if any(abs(change - signed) < (written.step if found["rate"] else 1) for change in changes):
        return
    # The pair that the text most likely means is the one whose figure it names.
    best = next((n for n, (now, _) in enumerate(pairs) if mention.written.fits(now)), 0)
    unit = "%" if found["rate"] else " 件"
    right = f"{'减少' if changes[best] < 0 else '增长'} {_rounded(abs(changes[best]), written)}{unit}"
    now, then = map(number_text, pairs[best])
    said = f"{found['way']} {written.text}{unit}"
    message = (
        f"{sentence.place}“{mention.quantity.name}”写的是{said}，按上年报告的 {then} 和本年的 {now} 应为{right}："
        f"{quoted(sentence.text, written.text)}。请核对。"
    )
    cells = tuple(term.cell for term in mention.quantity.readings[0].terms)
    yield text_finding(GROWTH, message, submission, sentence.at, cells, right, said)
