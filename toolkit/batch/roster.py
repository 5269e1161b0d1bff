"""The roster (名册) of the agencies that report: an Excel or CSV table, one agency in each row."""

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from toolkit.batch.table_file import read_tables
from toolkit.characters import one_line, plain
from toolkit.forms.model import Power
from toolkit.forms.powers import shared_powers
from toolkit.problems import Problem
from toolkit.submission.json_csv import csv_text

COLUMNS = {
    "name": (
        *("机关全称", "机关名称", "单位全称", "单位名称", "报送机关", "报送单位", "填报单位", "行政机关"),
        *("机关", "单位", "名称", "全称"),
    ),
    "code": ("统一社会信用代码", "社会信用代码", "统一信用代码", "信用代码", "机关代码", "单位代码", "代码"),
    "kind": ("机关类型", "机关类别", "机关性质", "单位类型", "单位类别", "单位性质", "类型", "类别"),
    "contact": ("联系人", "经办人", "填报人", "联系人姓名"),
    "phone": ("联系电话", "联系方式", "电话", "办公电话", "电话号码", "手机", "手机号", "手机号码"),
    "group": ("分组", "组别", "片区", "汇总分组"),
    "former": ("曾用名", "曾用名称", "原名称", "原名"),
}
"""The columns of a roster and their possible titles, ours first. Only the name is required. Each power (权力) has one
more column, see `columns_of`."""
YES = ("是", "有", "√")
NO = ("", "否", "无", "没有", "×")
NOTHING = ("无", "没有", "暂无", "-", "—", "——", "/")
"""What people write in place of a missing code or former name."""
HEADER_WITHIN = 10
"""Rows in which the header is searched; a title may stand above it."""
FAULTS_SHOWN = 20
NAME_LIMIT = 100
KINDS_OF_AGENCY = ["政府", "部门", "乡镇街道", "开发区", "其他"]
"""The choices of the template; other kinds of agency may be written in."""
TEMPLATE_ROWS = 5000
TEMPLATE_WIDTHS = {
    "name": 34,
    "code": 24,
    "kind": 12,
    "contact": 12,
    "phone": 16,
    "group": 14,
    "former": 34,
}
POWER_WIDTH = 12
TEMPLATE_NOTE = (
    "每行一个机关，只有机关全称必填；代码填 18 位统一社会信用代码；分组用于分组统计；曾用名有几个的，用顿号隔开。"
)

Fault = tuple[int, str]
"""The row, and what is wrong with it."""
_NOT_AN_AGENCY = re.compile(
    r"合计|总计|小计|共计|[（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十]+[、.．]"
    r"|(备?注|说明|填表人|制表人?|审核人?|(填表)?日期)[：:]"
)
_AGENCY_ENDING = re.compile(r".{2,}(人民政府|委员会|管委会|办公室|办事处|法院|检察院|中心|[局厅])")
"""Matches the names of most agencies, by their endings."""
_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """An agency on the roster; `row` is its row there, `former` are its earlier names. `powers` says by their ids which
    powers it has and which not, as far as the roster says so."""

    name: str
    row: int
    code: str = ""
    kind: str = ""
    contact: str = ""
    phone: str = ""
    group: str = ""
    former: tuple[str, ...] = ()
    powers: Mapping[str, bool] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the id by which its template is recognized: made from its code, or from its name if it has no code."""
        return _id(self.code or plain(self.name))

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all templates that it may have: since then it may have got a code or another name."""
        return self.id, *(_id(plain(name)) for name in (self.name, *self.former))


def _id(known_by: str) -> str:
    return sha256(known_by.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Roster:
    """The agencies in the order of the roster, and the titles of columns that are not used."""

    entries: tuple[RosterEntry, ...]
    unused: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, int]:
        """Positions by each id that a template may have; current ids go before earlier ones."""
        earlier = {known: number for number, entry in enumerate(self.entries) for known in entry.ids}
        return earlier | {entry.id: number for number, entry in enumerate(self.entries)}

    @cached_property
    def by_name(self) -> Mapping[str, int]:
        """Positions by name, as names are compared."""
        return {plain(entry.name): number for number, entry in enumerate(self.entries)}

    @cached_property
    def by_former_name(self) -> Mapping[str, int]:
        """Positions by former name."""
        return {plain(name): number for number, entry in enumerate(self.entries) for name in entry.former}

    def also_called(self) -> dict[str, tuple[str, ...]]:
        """Return the other names of agencies that have any, by each of their names."""
        found = {}
        for entry in self.entries:
            names = (entry.name, *entry.former)
            for name in names if entry.former else ():
                found[plain(name)] = tuple(other for other in names if other != name)
        return found

    def names_within_names(self) -> frozenset[str]:
        """Return the names (as names are compared) that are also the end of another agency's name: 教育局 if there is a
        甲县教育局, too. No other agency can have such a name as its short name."""
        names = {plain(name) for entry in self.entries for name in (entry.name, *entry.former)}
        return frozenset(name[start:] for name in names for start in range(1, len(name)) if name[start:] in names)


Columns = Mapping[str, Sequence[str]]
"""The possible titles of each column."""


def columns_of(powers: Sequence[Power]) -> Columns:
    """Return the columns of a roster. Those of powers stand behind the kind of agency."""
    found: dict[str, Sequence[str]] = {}
    for key, names in COLUMNS.items():
        found[key] = names
        if key == "kind":
            found |= {_power_key(power): (power.label, *power.also) for power in powers}
    return found


def _power_key(power: Power) -> str:
    return f"power {power.id}"


@dataclass(frozen=True, slots=True)
class RosterReading:
    """A roster as it was read, right or wrong: its agencies, what is wrong by row, the texts of each agency's row by
    column, and the titles of columns that are not used."""

    entries: tuple[RosterEntry, ...]
    faults: tuple[Fault, ...]
    texts: tuple[Mapping[str, str], ...]
    unused: tuple[str, ...]


def read_roster(path: Path, powers: Sequence[Power] | None = None) -> Roster:
    """Return the roster in a file (.xlsx or .csv). It may have a column for each of `powers`; without them, for each
    power that comes with the toolkit.

    Raise Problem with every row that has an error.
    """
    found = examine_roster(path, powers)
    if faults := found.faults:
        more = f"\n  ……另有 {len(faults) - FAULTS_SHOWN} 处" if len(faults) > FAULTS_SHOWN else ""
        shown = "\n".join(f"  第 {row} 行：{fault}" for row, fault in faults[:FAULTS_SHOWN])
        raise Problem(f"名册 {path} 有 {len(faults)} 处要改：\n{shown}{more}")
    if not found.entries:
        raise Problem(f"名册 {path} 里没有机关：标题行下面都是空的。请每行填一个机关。")
    return Roster(found.entries, found.unused)


def examine_roster(path: Path, powers: Sequence[Power] | None = None) -> RosterReading:
    """Return the roster in a file, with what is wrong in it. Raise Problem when the file is no roster."""
    powers = shared_powers() if powers is None else powers
    known = columns_of(powers)
    rows, header, columns = _roster_table(path, known)
    _require_agency_rows(path, rows, header, columns["name"], known)
    entries, faults, texts = list[RosterEntry](), list[Fault](), list[Mapping[str, str]]()
    for number, row in enumerate(rows[header + 1 :], header + 2):
        fields = {key: row[column] for key, column in columns.items() if column < len(row)}
        if any(fields.values()) and _label(fields.get("name", "")) not in COLUMNS["name"]:
            entry, wrong = _entry(fields, number, powers)
            entries.append(entry)
            texts.append(fields)
            faults += [(number, fault) for fault in wrong]
    faults += _repeated(entries)
    return RosterReading(tuple(entries), tuple(sorted(faults)), tuple(texts), _unused(rows[header], columns))


def _require_agency_rows(path: Path, rows: Sequence[Sequence[str]], header: int, column: int, known: Columns) -> None:
    """Raise Problem when the name is not the title of a column of agencies, as on a form or a cover sheet."""
    if why := _why_single_agency(rows, header, column, known):
        raise Problem(
            f"{path} 不像名册：第 {header + 1} 行的“{one_line(rows[header][column])}”不是一列机关的标题，{why}，"
            "像一项一行的表单。名册应每行一个机关，请用 gknb roster -o 名册.xlsx 生成空白名册，照着填。"
        )


def _why_single_agency(rows: Sequence[Sequence[str]], header: int, column: int, known: Columns) -> str:
    """Return why the name belongs to one agency only: the label of another field stands below it, or an agency's name
    stands beside it and none below that. Empty if it is the title of a column."""
    others = {name for key, names in known.items() for name in names if key != "name"}
    below = [(number, row[column]) for number, row in enumerate(rows[header + 1 :], header + 2) if column < len(row)]
    if label := next(((number, text) for number, text in below if _label(text) in others), None):
        return f"它下面第 {label[0]} 行是“{one_line(label[1])}”"
    beside = rows[header][column + 1] if column + 1 < len(rows[header]) else ""
    under = (row[column + 1] for row in rows[header + 1 :] if column + 1 < len(row))
    if _AGENCY_ENDING.fullmatch(_name(beside)) and not any(_AGENCY_ENDING.fullmatch(_name(text)) for text in under):
        return f"它右边是“{one_line(beside)}”"
    return ""


def _roster_table(path: Path, known: Columns) -> tuple[Sequence[Sequence[str]], int, dict[str, int]]:
    """Return the rows of the one table that is a roster, the row of its header, and the column of each field."""
    found = [(table, *header) for table in read_tables(path, "名册") if (header := _header(table.rows, known))]
    if not found:
        raise Problem(
            f"名册 {path} 前 {HEADER_WITHIN} 行里没有“{COLUMNS['name'][0]}”这一列。"
            "请用 gknb roster -o 名册.xlsx 生成空白名册，照着填。"
        )
    if len(found) > 1:
        sheets = "、".join(f"“{table.sheet}”" for table, *_ in found)
        raise Problem(
            f"名册 {path} 有 {len(found)} 张工作表像是名册：{sheets}，不知道用哪一张。请并到一张上，其余的删去或隐藏。"
        )
    table, number, columns = found[0]
    return table.rows, number, columns


def _header(rows: Sequence[Sequence[str]], known: Columns) -> tuple[int, dict[str, int]] | None:
    """Return the row of the header, and the column of each field: the row with most field titles. A title may stand
    above."""
    labels = [[_label(text) for text in row] for row in rows[:HEADER_WITHIN]]
    headers = [(number, _columns(row, known)) for number, row in enumerate(labels)]
    named = [(number, columns) for number, columns in headers if "name" in columns]
    return max(named, key=lambda header: len(header[1]), default=None)


def _columns(labels: Sequence[str], known: Columns) -> dict[str, int]:
    return {
        key: min(
            (column for column, label in enumerate(labels) if label in names), key=lambda n: names.index(labels[n])
        )
        for key, names in known.items()
        if any(label in names for label in labels)
    }


def _label(text: str) -> str:
    """Return the title of a column without remarks in brackets and without marks for required fields."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(r"\(.*", "", plain).strip("*:")


def _unused(header: Sequence[str], columns: Mapping[str, int]) -> tuple[str, ...]:
    """Return the columns that we do not know, except those that are on every list."""
    texts = (one_line(text) for column, text in enumerate(header) if column not in columns.values())
    return tuple(text for text in texts if text and _label(text) not in ("序号", "编号", "备注"))


def _entry(fields: Mapping[str, str], row: int, powers: Sequence[Power]) -> tuple[RosterEntry, list[str]]:
    """Return an agency, and what is wrong with its row."""
    lines = {key: one_line(text) for key, text in fields.items()}
    name = _name(fields.get("name", ""))
    code = _code(lines.get("code", ""))
    faults = [fault] if (fault := _name_fault(name)) else []
    if code and (fault := code_fault(code)):
        faults.append(f"{name or '（未填名称）'}的统一社会信用代码“{code}”{fault}")
    stated = {}
    for power in powers:
        answer = lines.get(_power_key(power), "")
        if answer not in (*YES, *NO):
            faults.append(f"{power.label}填的是“{answer}”。请填是、否，或不填。")
        elif answer:
            stated[power.id] = answer in YES
    parts = [_name(part) for part in re.split(r"[、,，;；/\n]", fields.get("former", ""))]
    entry = RosterEntry(
        name=name,
        row=row,
        code=code,
        kind=lines.get("kind", ""),
        contact=lines.get("contact", ""),
        phone=lines.get("phone", ""),
        group=lines.get("group", ""),
        former=tuple(dict.fromkeys(part for part in parts if part and part not in (*NOTHING, name))),
        powers=stated,
    )
    return entry, faults


def _name(text: str) -> str:
    """Return a name on one line. Space beside Chinese characters is removed: it is layout (教 育 局) or a line
    break."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", one_line(text))


def _name_fault(name: str) -> str:
    if not name:
        return "没有填机关全称。请补填，或删去这一行。"
    if len(name) > NAME_LIMIT:
        return f"机关全称有 {len(name)} 字，最多 {NAME_LIMIT} 字。请检查是不是填错了格。"
    if _NOT_AN_AGENCY.match(name) or not any(char.isalpha() for char in name):
        return f"“{name}”不像机关全称。合计、小标题、说明请从名册里删去，分组填在“{COLUMNS['group'][0]}”一列。"
    return ""


def _code(text: str) -> str:
    """Return a code without the marks that keep a spreadsheet from making a number of it; empty if it stands for no
    code."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).upper().strip("='\"’‘")
    return "" if text in NOTHING else plain


def code_fault(code: str) -> str:
    """Return what is wrong with a unified social credit code (统一社会信用代码, GB 32100-2015): its length, a
    character, or the check character, which follows from the others. Empty if it is correct."""
    fault = _code_fault(code)
    if fault and re.fullmatch(r"\d(\.\d+)?E\+\d+|\d{15,17}0{1,3}", code):
        return "像是被表格软件当作数字改过。请把这一列设为文本格式，重新填写。"
    return fault


def _code_fault(code: str) -> str:
    if len(code) != 18:
        return f"有 {len(code)} 位，应为 18 位。请核对。"
    if wrong := "".join(dict.fromkeys(char for char in code if char not in _CODE_CHARACTERS)):
        return f"里有“{wrong}”，代码只用数字和大写字母，不用 I、O、S、V、Z。请核对。"
    weighted = sum(_CODE_CHARACTERS.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    right = _CODE_CHARACTERS[-weighted % 31]
    return "" if code[17] == right else f"的校验位不对：最后一位是 {code[17]}，按前 17 位应为 {right}。请核对。"


def _repeated(entries: Sequence[RosterEntry]) -> Iterator[Fault]:
    """Yield names and codes that stand twice, and former names that are another agency's name."""
    names: dict[str, RosterEntry] = {}
    codes: dict[str, RosterEntry] = {}
    former: dict[str, RosterEntry] = {}
    for entry in entries:
        other = names.setdefault(plain(entry.name), entry) if entry.name else entry
        if other is not entry:
            as_written = "" if other.name == entry.name else f"“{other.name}”"
            yield entry.row, f"“{entry.name}”与第 {other.row} 行{as_written}重复。请删去一行。"
        same_code = codes.setdefault(entry.code, entry) if entry.code else entry
        if same_code is not entry and same_code is not other:
            yield entry.row, f"{entry.name}的代码与第 {same_code.row} 行{same_code.name}的相同。请核对。"
    for entry in entries:
        for name in entry.former:
            key = plain(name)
            other = names.get(key) or former.setdefault(key, entry)
            if other is not entry:
                yield (
                    entry.row,
                    f"{entry.name}的曾用名“{name}”也是第 {other.row} 行{other.name}的名称或曾用名。请核对，只留一处。",
                )


def roster_template(powers: Sequence[Power] | None = None, rows: Sequence[Mapping[str, str]] = ()) -> bytes:
    """Return a roster as the bytes of an .xlsx file: an empty one to be filled in, or one with these rows of texts by
    column. It has a column for each of `powers`; without them, for each power that comes with the toolkit."""
    from toolkit.excel.list_tables import BORDER, HEADER_ROW, Column, TableBook
    from toolkit.excel.styles import done

    target = io.BytesIO()
    tables = TableBook(target)
    known = columns_of(shared_powers() if powers is None else powers)
    widths = {key: TEMPLATE_WIDTHS.get(key, POWER_WIDTH) for key in known}
    columns = [Column(known[key][0], width) for key, width in widths.items()]
    sheet = tables.sheet("名册", "报送机关名册", TEMPLATE_NOTE, columns)
    first, last = HEADER_ROW + 1, HEADER_ROW + TEMPLATE_ROWS
    text = tables.book.add_format({"num_format": "@"})  # a code must not become a number
    for column, (key, width) in enumerate(widths.items()):
        done(sheet.set_column(column, column, width, text))
        for number, row in enumerate(rows, first):
            done(sheet.write_string(number, column, row.get(key, ""), text))
        if key == "kind" or key not in COLUMNS:
            source = KINDS_OF_AGENCY if key == "kind" else ["是", "否"]
            options = {"validate": "list", "source": source, "ignore_blank": True, "error_type": "information"}
            done(sheet.data_validation(first, column, last, column, options))
    boxed = tables.book.add_format({"border": 1, "border_color": BORDER})
    filled = {"type": "formula", "criteria": f'=$A{first + 1}<>""', "format": boxed}
    done(sheet.conditional_format(first, 0, last, len(columns) - 1, filled))
    tables.book.close()
    return target.getvalue()


def roster_as_csv(rows: Sequence[Mapping[str, str]], powers: Sequence[Power] | None = None) -> bytes:
    """Return a roster with these rows of texts by column as a CSV file for Excel."""
    known = columns_of(shared_powers() if powers is None else powers)
    lines = [[titles[0] for titles in known.values()], *([row.get(key, "") for key in known] for row in rows)]
    return csv_text(lines).encode("utf-8-sig")
