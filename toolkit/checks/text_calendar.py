"""Rules on the texts against the calendar (文字与时间): the period of the figures (统计期限), and the day on which the
report was signed or published.

The words and the deadlines are declared in `templates/shared/law.toml`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from toolkit.checks.findings import Finding, Rule, finding
from toolkit.checks.text_sentences import (
    TextSentence,
    is_name_of,
    paragraphs,
    place_in,
    plain,
    quoted,
    sentences,
    whole_text,
)
from toolkit.checks.written_numbers import read_number
from toolkit.forms.law_words import Deadline, Period, ReportDates
from toolkit.submission.model import Submission

PERIOD = Rule(
    "period-differs",
    "统计期限不是全年",
    "warning",
    "统计期限是报告年度的1月1日至12月31日。",
    "年度报告说的是上一年度的情况（条例第四十九条）。转载时丢了“年”“月”的日期不提。",
    "{place}统计期限写的是“{written}”，应为 {year} 年 1 月 1 日至 12 月 31 日：{quoted}。"
    "请更正；机关在年中成立或撤并的，请写明。",
    {
        "place": "「一、某部分」第 1 段",
        "written": "2024年1月1日至2024年11月30日",
        "year": "2024",
        "quoted": "“统计期限为2024年1月1日至2024年11月30日。”",
    },
    identified_by=("quoted",),
)
PERIOD_WORDING = Rule(
    "period-wording",
    "统计期限写法杂糅",
    "info",
    "统计期限写“自……起至……止”，或者写“为……至……”。",
    "“为”和“止”不能搭配，是两种写法混在一起。",
    "{place}统计期限写的是“{written}”，“为”和“止”不能搭配：{quoted}。请改为“自……起至……止”或“为……至……”。",
    {
        "place": "「一、某部分」第 1 段",
        "written": "统计期限为1月1日至12月31日止",
        "quoted": "“统计期限为1月1日至12月31日止。”",
    },
    identified_by=("quoted",),
)
LATE = Rule(
    "published-late",
    "公布的日期不对或晚了",
    "warning",
    "年度报告在法定期限之前公布：部门次年1月31日，县级以上地方人民政府次年3月31日。",
    "条例第四十九条。只看能肯定是落款或发布日期的。",
    "{place}的日期是 {date}，晚于 {limit}。{says}。请核对日期；确实晚了的，请说明原因。",
    {
        "place": "「六、某部分」第 2 段的落款",
        "date": "2025 年 2 月 16 日",
        "limit": "2025 年 1 月 31 日",
        "says": "部门的年度报告应在次年1月31日前公布",
    },
    variants={
        "early": "{place}的日期是 {date}，报告年度 {year} 年还没有过完。请核对年份是不是应为 {next}。",
    },
    identified_by=("date",),
)
RULES = (PERIOD, PERIOD_WORDING, LATE)

_LAST = 3
"""A signature stands in the last so many paragraphs."""
_SHORT = 90
"""The longest paragraph, in characters, that may begin with the day of publication."""
_CLOSING = 12
"""The month in which a report on the same year may be signed."""


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A day that a report gives as the day on which it was signed or published, and where it stands."""

    day: date
    place: str
    at: str
    published: bool = False


def calendar_findings(submission: Submission) -> Iterator[Finding]:
    """Yield what is wrong with the period of the figures and with the day of the report."""
    law = submission.form.texts.law
    if law.period and law.period.states.search(whole_text(submission)):
        for sentence in sentences(submission):
            yield from _period(submission, law.period, sentence)
    if law.dates:
        yield from _dates(submission, law.dates)


def _period(submission: Submission, words: Period, sentence: TextSentence) -> Iterator[Finding]:
    """Yield a finding if a sentence states another period than the report year, or states it in mixed words."""
    for match in words.states.finditer(sentence.plain):
        if words.unless and words.unless.search(sentence.plain):
            continue
        first = next(match.start(name) for name in ("from_year", "from_month") if match[name])
        written = match[0][first - match.start() :]
        facts = {"place": sentence.place, "quoted": quoted(sentence.text, written)}
        if _is_whole_year(submission, match) or _names_other_year(submission, sentence, match):
            mixed = words.mixed.search(sentence.plain) if words.mixed else None
            if mixed:
                yield finding(PERIOD_WORDING, None, (), "", mixed[0], at=[sentence.at], written=mixed[0], **facts)
        else:
            year = str(submission.year)
            yield finding(PERIOD, None, (), year, written, at=[sentence.at], written=written, year=year, **facts)


def _is_whole_year(submission: Submission, match: re.Match[str]) -> bool:
    """Return True if a period goes from 1 January to 31 December of the report year. What it leaves out is right."""
    wanted = {"from_month": 1, "from_day": 1, "to_month": 12, "to_day": 31}
    years = [match[name] for name in ("from_year", "to_year") if match[name]]
    return all(match[name] is None or int(match[name]) == right for name, right in wanted.items()) and all(
        year in (str(submission.year), str(submission.year % 100)) for year in years
    )


def _names_other_year(submission: Submission, sentence: TextSentence, match: re.Match[str]) -> bool:
    """Return True if only the year is another one, which the rule on years says already."""
    months = tuple(int(match[name]) for name in ("from_month", "to_month"))
    slots = submission.form.texts.year_slots
    other = {found["year"] for slot in slots for found in slot.finditer(sentence.plain)} - {str(submission.year)}
    written = {match[name] for name in ("from_year", "to_year") if match[name]} - {str(submission.year)}
    return months == (1, 12) and bool(other) and written <= other


def _dates(submission: Submission, words: ReportDates) -> Iterator[Finding]:
    """Yield a finding if the report was signed before the year was over, or published after the deadline."""
    stated = list(_stated_dates(submission, words))
    year = submission.year
    for one in stated:
        if not one.published and one.day < date(year, _CLOSING, 1):
            facts = {"place": one.place, "date": _in_words(one.day), "year": str(year), "next": str(year + 1)}
            yield finding(LATE, None, (), str(year + 1), _in_words(one.day), at=[one.at], variant="early", **facts)
            return
    deadline = _deadline(submission)
    public = [one for one in stated if one.published] or stated
    if deadline is None or not public:
        return
    first, limit = min(public, key=lambda one: one.day), date(year + 1, deadline.month, deadline.day)
    if first.day > limit:
        facts = {"place": first.place, "date": _in_words(first.day), "limit": _in_words(limit), "says": deadline.says}
        yield finding(LATE, None, (), _in_words(limit), _in_words(first.day), at=[first.at], **facts)


def _deadline(submission: Submission) -> Deadline | None:
    """Return the deadline of the agency by the kind of its name; None if it has none."""
    agency = plain(submission.agency)
    found = next((one for one in submission.form.texts.law.deadlines if one.agency.search(agency)), None)
    return None if found is None or (found.unless and found.unless.search(agency)) else found


def _stated_dates(submission: Submission, words: ReportDates) -> Iterator[StatedDate]:
    """Yield the days on which the report says it was signed or published."""
    field = next((field for field in submission.form.info if field.id == words.field), None)
    if field:
        match = words.signed.match(plain(submission.info.get(field.id, "")))
        if match and (day := _day(match)):
            yield StatedDate(day, f"「基本信息」{field.label}", "")
    written = list(paragraphs(submission))
    for index, (section, number, at, text) in enumerate(written):
        if len(text) > _SHORT:
            continue
        spoken = plain(text)
        is_last = index >= len(written) - _LAST
        signed = words.signed.match(spoken) if is_last and _is_signature(submission, words, spoken) else None
        match = words.published.match(spoken) or signed
        if match and (day := _day(match)):
            kind = "的落款" if match is signed else "的发布日期"
            yield StatedDate(day, place_in(section.title, number, at) + kind, at, match is not signed)


def _is_signature(submission: Submission, words: ReportDates, spoken: str) -> bool:
    """Return True if a paragraph is a day, alone or behind the name of the agency."""
    match = words.signed.match(spoken)
    name = re.sub(r"[（(].*?[）)]", "", match["name"]) if match and "name" in words.signed.groupindex else ""
    return bool(match) and (not name or is_name_of(name, submission.agency))


def _day(match: re.Match[str]) -> date | None:
    """Return the day that a match states; None if there is no such day."""
    numbers = [read_number(match[name]) for name in ("year", "month", "day")]
    try:
        return date(*(int(number.value) for number in numbers if number))
    except (TypeError, ValueError):
        return None


def _in_words(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
