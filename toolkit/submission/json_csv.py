"""Submissions (报送数据) as data files: reads and writes JSON, writes CSV."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from toolkit.characters import cell_length, no_formula, one_line
from toolkit.files.read import read_bytes
from toolkit.forms.loader import FormLookup
from toolkit.forms.model import Form, Kind
from toolkit.problems import Unreadable
from toolkit.submission.model import OUTSIDE_SECTIONS, Explanation, Submission, Value, with_stated
from toolkit.submission.spelling import LONGEST, number_text, plain_number, tidy
from toolkit.submission.years import YEARS


class _NotANumber:
    """A value that Python's JSON reader accepts as a number although it is none: NaN, Infinity."""

    def __init__(self, _: str) -> None:
        pass

    def __str__(self) -> str:
        return "不是数"


TEXT_LIMIT = 1000
"""Most characters of a text in one cell."""
EXPLANATION_LIMIT = 32_767
"""Most characters of an explanation (说明): what a cell holds."""
QUOTED = 60
"""Most characters of a wrong value that a message shows."""


def read_data(path: Path, form_of: FormLookup) -> list[Submission]:
    """Return the submissions of a JSON file, which holds one or an array of them.

    Raise Unreadable with the place and the fault.
    """
    return read_data_bytes(read_bytes(path), form_of)


def read_data_bytes(content: bytes, form_of: FormLookup) -> list[Submission]:
    """Do the same as `read_data`, from the bytes of the file."""
    try:
        data = json.loads(
            content.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_NotANumber,
            object_pairs_hook=_checked_object,
        )
    except _RepeatedKey as repeated:
        raise Unreadable(f"JSON 数据文件里同一处写了两次“{repeated}”，不知道该用哪一个。请删去一个。") from None
    except UnicodeDecodeError:
        raise Unreadable("不是 UTF-8 编码的 JSON 数据文件，请另存为 UTF-8 后再试。") from None
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"不是合格的 JSON 数据文件：第 {error.lineno} 行第 {error.colno} 个字符附近写法有误，请更正后再试。"
        ) from None
    except RecursionError:
        raise Unreadable("不是合格的 JSON 数据文件：括号嵌套过深。") from None
    except (ValueError, InvalidOperation):  # a number, or an exponent, with thousands of digits
        raise Unreadable("JSON 数据文件里有长得读不了的数字，请更正后再试。") from None
    items = data if isinstance(data, list) else [data]
    if not items:
        raise Unreadable("JSON 数据文件里没有报送数据（空数组）。")
    if len(items) == 1:
        return [_submission(items[0], form_of)]
    result = []
    for number, item in enumerate(items, 1):
        try:
            result.append(_submission(item, form_of))
        except Unreadable as problem:
            raise Unreadable(f"第 {number} 份：{problem.message}") from None
    return result


class _RepeatedKey(Exception):
    """A key stands twice in one object. JSON readers would silently take the last one."""


def _checked_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object as a dict. Raise Unreadable when a text in it has incomplete characters, which no message
    could show, and _RepeatedKey when a key stands twice."""
    found = dict(pairs)
    for key, value in pairs:
        _reject_broken(key)
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str):
                _reject_broken(text)
    if len(found) < len(pairs):
        raise _RepeatedKey(next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1))
    return found


def _submission(data: Any, form_of: FormLookup) -> Submission:
    if not isinstance(data, dict) or "values" not in data or "form" not in data:
        raise Unreadable(
            '不是报送数据：应为 {"form": …, "agency": …, "year": …, "values": {…}, "texts": {…}}。'
            "请用 gknb extract 生成，或照此改写。"
        )
    if not isinstance(data["form"], str):
        raise Unreadable("form（格式编号）应为文字，如 2021。")
    form = form_of(data["form"])
    if form is None:
        raise Unreadable(f"form 写的是「{data['form']}」，没有这个格式。请检查，自定格式请用 --form 指明。")
    agency, year = data.get("agency", ""), data.get("year")
    if not isinstance(agency, str):
        raise Unreadable("agency（机关全称）应为文字。")
    agency = one_line(agency)
    if len(agency) > TEXT_LIMIT:
        raise Unreadable(f"agency（机关全称）有 {len(agency)} 字，最多 {TEXT_LIMIT} 字。请改短。")
    if not isinstance(year, int) or isinstance(year, bool) or year not in YEARS:
        raise Unreadable("year（报告年度）应为四位整数，如 2024。")
    given = _values("values", data["values"], form)
    values = {cell.id: given.get(cell.id) for cell in form.filled}
    texts, other_texts = _texts(data, form)
    submission = Submission(form, agency, year, values, texts, _info(data, form), other_texts=other_texts)
    stated = _stated(submission, given, _values("shown", data.get("shown", {}), form))
    explanations = _explanations(data.get("explanations", []))
    return replace(with_stated(submission, stated), parts=_parts(data.get("parts", [])), explanations=explanations)


def _stated(submission: Submission, given: Mapping[str, Value], shown: Mapping[str, Value]) -> dict[str, Value]:
    """Return the totals that stood in the source: those of `shown`, and those of `values`, which may be the computed
    ones."""
    form, totals = submission.form, submission.totals
    if filled := [key for key in shown if not form.cells[key].computed]:
        raise Unreadable(f"shown 里只写合计格，{_listed(filled)} 是要填写的格。请把它的数写到 values 里。")
    stated = {cell.id: given.get(cell.id) for cell in form.computed}
    for key, value in shown.items():
        if value is None:
            continue
        there = stated[key]
        if there not in (None, totals[key], value):
            raise Unreadable(
                f"{form.cells[key].place}（{key}）在 values 里是 {_plain(there)}，在 shown 里是 {_plain(value)}，"
                f"按各项相加是 {number_text(totals[key])}，不知道原文是哪一个。请在 values 里改成 "
                f"{number_text(totals[key])} 或删去，在 shown 里写原文的数。"
            )
        stated[key] = value
    return stated


def _listed(keys: Sequence[str]) -> str:
    return "、".join(keys[:3]) + (f" 等 {len(keys)} 个" if len(keys) > 3 else "")


def _values(name: str, data: Any, form: Form) -> dict[str, Value]:
    if not isinstance(data, dict):
        raise Unreadable(f"{name} 应为 {{格号: 值}}。")
    unknown = [key for key in data if key not in form.cells]
    if unknown:
        raise Unreadable(f"{name} 里有格式 {form.id} 没有的格号：{_listed(unknown)}。格号可用 gknb cells 查看。")
    return {key: _value(f"{name} 里 {key}", value, form.cells[key].kind) for key, value in data.items()}


def _value(place: str, value: Any, kind: Kind) -> Value:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        if len(value) > TEXT_LIMIT:
            raise Unreadable(f"{place} 的文字有 {len(value)} 字，一格最多 {TEXT_LIMIT} 字。请改短。")
        number = plain_number(value) if kind.is_number else None
        return value if number is None else tidy(number, kind)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not kind.is_number:
        shown = one_line(json.dumps(value, ensure_ascii=False, default=str))
        raise Unreadable(f"{place} 的值不对：{shown[:QUOTED]}{'……' if len(shown) > QUOTED else ''}。请更正。")
    number = plain_number(format(Decimal(value), "f")) if abs(Decimal(value).adjusted()) < LONGEST else None
    if number is None:
        raise Unreadable(f"{place} 的数长得不合情理（超过 {LONGEST} 位），请更正。")
    return tidy(number, kind)


def _texts(data: Mapping[str, Any], form: Form) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return the texts of the text sections, and the other ones. What `texts` has for a table section (表) is an other
    one, too."""
    own, tables = [section.id for section in form.text_sections], [section.id for section in form.table_sections]
    given = _paragraphs("texts", data, form, own, tables)
    others = _paragraphs("other_texts", data, form, [*tables, *OUTSIDE_SECTIONS])
    beside = {key: (*given.get(key, ()), *others.get(key, ())) for key in [*tables, *OUTSIDE_SECTIONS]}
    return {key: given[key] for key in own if key in given}, {key: texts for key, texts in beside.items() if texts}


def _paragraphs(
    name: str, data: Mapping[str, Any], form: Form, wanted: Sequence[str], also: Sequence[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Return the paragraphs under a key of the data, by section. A message names the sections that are `wanted`."""
    texts = data.get(name, {})
    if not isinstance(texts, dict) or any(
        not isinstance(paragraphs, list) or not all(isinstance(text, str) for text in paragraphs)
        for paragraphs in texts.values()
    ):
        raise Unreadable(f'{name} 应为 {{"部分": ["段落", …]}}。')
    unknown = [key for key in texts if key not in (*wanted, *also)]
    if unknown:
        raise Unreadable(f"{name} 里有格式 {form.id} 没有的部分：{'、'.join(unknown)}（应为{'、'.join(wanted)}）。")
    return {key: paragraphs_of(paragraphs) for key, paragraphs in texts.items()}


def _info(data: Mapping[str, Any], form: Form) -> dict[str, str]:
    info = data.get("info", {})
    if not isinstance(info, dict) or not all(isinstance(text, str) for text in info.values()):
        raise Unreadable("info 应为 {项目: 文字}。")
    unknown = set(info) - {field.id for field in form.info}
    if unknown:
        raise Unreadable(f"info 里有格式 {form.id} 没有的项目：{'、'.join(sorted(unknown))}。")
    if any(len(text) > TEXT_LIMIT for text in info.values()):
        raise Unreadable(f"info 里的文字最多 {TEXT_LIMIT} 字。请改短。")
    return {key: line for key, text in info.items() if (line := one_line(text)) and key != "agency"}


def _parts(data: Any) -> tuple[str, ...]:
    if not isinstance(data, list) or not all(isinstance(name, str) and len(name) <= TEXT_LIMIT for name in data):
        raise Unreadable('parts（已汇总在内的机关）应为 ["机关全称", …]。')
    return tuple(line for name in data if (line := one_line(name)))


def _explanations(data: Any) -> tuple[Explanation, ...]:
    if not isinstance(data, list) or any(
        not isinstance(item, dict)
        or item.keys() != {"about", "text"}
        or not all(isinstance(text, str) for text in item.values())
        for item in data
    ):
        raise Unreadable('explanations（对提醒的说明）应为 [{"about": 编号, "text": 说明}, …]。')
    for item in data:
        if len(item["about"]) > TEXT_LIMIT:
            raise Unreadable(f"explanations 里有一条的 about（编号）有 {len(item['about'])} 字，不是编号。请更正。")
        if (length := cell_length(item["text"])) > EXPLANATION_LIMIT:
            raise Unreadable(f"explanations 里有一条说明有 {length} 字，最多 {EXPLANATION_LIMIT} 字。请改短。")
    return tuple(Explanation(item["about"], item["text"]) for item in data if item["text"].strip())


def _reject_broken(text: str) -> None:
    """Raise Unreadable when a text has incomplete characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable(f"「{text[:10].encode(errors='replace').decode()}…」里有不完整的字符，请更正。") from None


def paragraphs_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts as paragraphs. A line break inside a text begins a new paragraph; blank ones are dropped."""
    return tuple(line for text in texts for line in text.splitlines() if line.strip())


def to_data(submission: Submission) -> dict[str, Any]:
    """Return a submission as JSON data in the format that the documentation defines."""
    data: dict[str, Any] = {
        "form": submission.form.id,
        "agency": submission.agency,
        "year": submission.year,
        "values": {key: _plain(value) for key, value in submission.all_values.items()},
        "texts": {key: list(texts) for key, texts in submission.texts.items() if texts},
    }
    if submission.other_texts:
        data["other_texts"] = {key: list(texts) for key, texts in submission.other_texts.items() if texts}
    if submission.shown:
        data["shown"] = {key: _plain(value) for key, value in submission.shown.items()}
    if submission.info:
        data["info"] = dict(submission.info)
    if submission.parts:
        data["parts"] = list(submission.parts)
    if submission.explanations:
        data["explanations"] = [{"about": found.about, "text": found.text} for found in submission.explanations]
    return data


def _plain(value: Value) -> int | str | None:
    return number_text(value) if isinstance(value, Decimal) else value


CSV_HEADER = ("文件", "机关", "年度", "格式", "格号", "名称", "值")
"""The columns of the long table."""


def long_rows(source: str, submission: Submission) -> Iterator[tuple[str, str, int, str, str, str, Value]]:
    """Yield the rows of a submission in the long table (see CSV_HEADER): one for each cell and each paragraph."""
    head = (source, submission.agency, submission.year, submission.form.id)
    for key, value in submission.all_values.items():
        yield *head, key, submission.form.cells[key].place, value
    for section in submission.form.text_sections:
        for number, text in enumerate(submission.texts.get(section.id, ()), 1):
            yield *head, f"{section.id}.{number}", section.title, text
    for key, texts in submission.other_texts.items():
        place = OUTSIDE_SECTIONS.get(key) or submission.form.section(key).title
        for number, text in enumerate(texts, 1):
            yield *head, f"{key}.{number}", place, text


def csv_text(rows: Iterable[Iterable[Value]]) -> str:
    """Return rows as CSV. A text that a spreadsheet would take for a formula gets an apostrophe (') in front, see
    `no_formula`; numbers stay as they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([_csv_field(item) for item in row] for row in rows)
    return out.getvalue()


def _csv_field(value: Value) -> str:
    if value is None:
        return ""
    return no_formula(value) if isinstance(value, str) else number_text(value)
