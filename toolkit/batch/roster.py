"""The roster (名册) of the agencies that report: an Excel or CSV table, one agency a row."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from toolkit.characters import one_line
from toolkit.gate import read_bytes
from toolkit.problems import Problem, Unreadable
from toolkit.submission import agency_key

COLUMNS = {
    "name": ("机关全称", "机关名称", "单位全称", "单位名称", "机关", "单位", "名称"),
    "code": ("统一社会信用代码", "信用代码", "代码"),
    "kind": ("机关类型", "类型", "类别"),
    "rulemaking": ("规章制定权", "有无规章制定权", "是否有规章制定权"),
    "contact": ("联系人", "经办人"),
    "phone": ("联系电话", "电话", "办公电话"),
    "group": ("分组", "组别", "片区"),
    "former": ("曾用名", "原名称", "曾用名称"),
}
"""The columns of a roster and what they may be called, the name we give them first. Only the name is needed."""
YES = ("是", "有")
NO = ("", "否", "无", "没有")
HEADER_WITHIN = 10
"""Rows in which the header is looked for; a title may stand above it."""
FAULTS_SHOWN = 20
NAME_LIMIT = 100
CHOICES = {"kind": ["政府", "部门", "乡镇街道", "开发区", "其他"], "rulemaking": ["是", "否"]}
"""What the template offers; other kinds of body may be written in."""
TEMPLATE_ROWS = 5000

_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Entry:
    """An agency on the roster; `row` is where it stands there, `former` are its earlier names."""

    name: str
    row: int
    code: str = ""
    kind: str = ""
    rulemaking: bool | None = None
    contact: str = ""
    phone: str = ""
    group: str = ""
    former: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """By what its template is known again: made from its code, or its name when it has none."""
        return sha256((self.code or agency_key(self.name)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Roster:
    """The agencies in the order of the roster."""

    entries: tuple[Entry, ...]

    @cached_property
    def by_id(self) -> Mapping[str, int]:
        """Positions by the id of the template; an agency that was given a code later is known by its name's id, too."""
        by_name = {sha256(agency_key(entry.name).encode()).hexdigest()[:16]: n for n, entry in enumerate(self.entries)}
        return by_name | {entry.id: number for number, entry in enumerate(self.entries)}

    @cached_property
    def by_name(self) -> Mapping[str, int]:
        """Positions by name, as names are compared."""
        return {agency_key(entry.name): number for number, entry in enumerate(self.entries)}

    @cached_property
    def by_former_name(self) -> Mapping[str, int]:
        """Positions by former name."""
        return {agency_key(name): number for number, entry in enumerate(self.entries) for name in entry.former}

    def also_called(self) -> dict[str, tuple[str, ...]]:
        """The other names of agencies that have any, by each of their names."""
        found = {}
        for entry in self.entries:
            names = (entry.name, *entry.former)
            for name in names if entry.former else ():
                found[agency_key(name)] = tuple(other for other in names if other != name)
        return found


def read_roster(path: Path) -> Roster:
    """Read a roster (.xlsx or .csv).

    Raises Problem that names every row with something wrong.
    """
    try:
        content = read_bytes(path)
    except Unreadable as problem:
        raise Problem(f"名册 {path}：{problem.message}") from None
    rows = _sheet_rows(path, content) if content.startswith((b"PK", b"\xd0\xcf")) else _csv_rows(path, content)
    header, columns = _header(path, rows)
    entries, faults = [], list[str]()
    for number, row in enumerate(rows[header + 1 :], header + 2):
        fields = {key: _field(row, column) for key, column in columns.items()}
        if any(fields.values()):
            entry, wrong = _entry(fields, number)
            entries.append(entry)
            faults += [f"第 {number} 行：{fault}" for fault in wrong]
    faults += _repeated(entries)
    if faults:
        more = f"\n……另有 {len(faults) - FAULTS_SHOWN} 处" if len(faults) > FAULTS_SHOWN else ""
        shown = "\n".join(f"  {fault}" for fault in faults[:FAULTS_SHOWN])
        raise Problem(f"名册 {path} 有 {len(faults)} 处要改：\n{shown}{more}")
    if not entries:
        raise Problem(f"名册 {path} 里没有机关：标题行下面都是空的。请每行填一个机关。")
    return Roster(tuple(entries))


def _sheet_rows(path: Path, content: bytes) -> list[list[Any]]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception:  # whatever the bytes hold, the reader may raise on them
        raise Problem(f"名册 {path} 打不开，可能损坏或有密码。请另存为 Excel 工作簿（.xlsx）或 CSV 后再试。") from None


def _csv_rows(path: Path, content: bytes) -> list[list[str]]:
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Problem(f"名册 {path} 不是 UTF-8 或 GB18030 编码的文本，读不了。请用 Excel 另存为 .xlsx 后再试。")
    if "\0" in text:
        raise Problem(f"名册 {path} 不是表格，也不是文本。请用 Excel 另存为 .xlsx 后再试。")
    head = text[: text.find("\n") + 1] or text
    delimiter = max(",\t;，", key=head.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _header(path: Path, rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    """Where the header stands, and the column of each field."""
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        labels = ["".join(_field(row, column).split()) for column in range(len(row))]
        columns = {
            key: next(column for name in names for column, label in enumerate(labels) if _is_called(label, name))
            for key, names in COLUMNS.items()
            if any(_is_called(label, name) for label in labels for name in names)
        }
        if "name" in columns:
            return number, columns
    raise Problem(
        f"名册 {path} 前 {HEADER_WITHIN} 行里没有“{COLUMNS['name'][0]}”这一列。"
        "请用 gknb roster -o 名册.xlsx 生成空白名册，照着填。"
    )


def _is_called(label: str, name: str) -> bool:
    """A label may say more in brackets."""
    return re.sub(r"[（(].*", "", label) == name


def _field(row: Sequence[Any], column: int) -> str:
    value = row[column] if column < len(row) else ""
    if isinstance(value, float):
        return f"{value:.0f}" if value == int(value) else str(value)
    return one_line(str(value))


def _entry(fields: Mapping[str, str], row: int) -> tuple[Entry, list[str]]:
    """An agency, and what is wrong with its row."""
    faults = []
    name = fields["name"]
    if not name:
        faults.append("没有填机关全称。请补填，或删去这一行。")
    elif len(name) > NAME_LIMIT:
        faults.append(f"机关全称有 {len(name)} 字，最多 {NAME_LIMIT} 字。")
    code = "".join(unicodedata.normalize("NFKC", fields.get("code", "")).split()).upper()
    if code and (fault := code_fault(code)):
        faults.append(f"{name or '（未填名称）'}的统一社会信用代码“{code}”{fault}")
    power = fields.get("rulemaking", "")
    if power not in (*YES, *NO):
        faults.append(f"规章制定权填的是“{power}”，只能填是、否，或不填。")
    former = tuple(part.strip() for part in re.split(r"[、,，;；/\n]", fields.get("former", "")) if part.strip())
    entry = Entry(
        name=name,
        row=row,
        code=code,
        kind=fields.get("kind", ""),
        rulemaking=power in YES if power else None,
        contact=fields.get("contact", ""),
        phone=fields.get("phone", ""),
        group=fields.get("group", ""),
        former=former,
    )
    return entry, faults


def code_fault(code: str) -> str:
    """What is wrong with a unified social credit code (GB 32100-2015): its length, a character, or the last one, which
    follows from the others. Empty when nothing is."""
    fault = _code_fault(code)
    if fault and re.fullmatch(r"\d(\.\d+)?E\+\d+|\d{15,17}0{1,3}", code):
        return "像是被表格软件当作数字改过。请把这一列设为文本格式，重新填写。"
    return fault


def _code_fault(code: str) -> str:
    if len(code) != 18:
        return f"有 {len(code)} 位，应为 18 位。"
    if wrong := "".join(dict.fromkeys(char for char in code if char not in _CODE_CHARACTERS)):
        return f"里有不会出现的字符“{wrong}”。"
    weighted = sum(_CODE_CHARACTERS.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    right = _CODE_CHARACTERS[-weighted % 31]
    return "" if code[17] == right else f"的校验位不对：最后一位是 {code[17]}，按前 17 位应为 {right}。请核对。"


def _repeated(entries: Sequence[Entry]) -> Iterator[str]:
    """Names and codes that stand twice, and former names that are another agency's name."""
    names: dict[str, Entry] = {}
    codes: dict[str, Entry] = {}
    for entry in entries:
        key = agency_key(entry.name)
        if key and key in names:
            yield f"第 {entry.row} 行：{entry.name} 与第 {names[key].row} 行重复。请删去一行。"
        if entry.code and entry.code in codes:
            other = codes[entry.code]
            yield f"第 {entry.row} 行：{entry.name}的代码与第 {other.row} 行{other.name}的相同。请核对。"
        names.setdefault(key, entry)
        codes.setdefault(entry.code, entry)
    former: dict[str, Entry] = {}
    for entry in entries:
        for name in entry.former:
            key = agency_key(name)
            same = names.get(key) or former.get(key)
            if same is not None and same is not entry:
                yield f"第 {entry.row} 行：{entry.name}的曾用名“{name}”也是第 {same.row} 行{same.name}的名称或曾用名。"
            former.setdefault(key, entry)


def roster_template() -> bytes:
    """An empty roster to be filled in, as the bytes of an .xlsx file."""
    from toolkit.batch.tables import HEADER_ROW, Column, TableBook
    from toolkit.workbook.styles import done

    target = io.BytesIO()
    tables = TableBook(target)
    widths = {
        "name": 34,
        "code": 24,
        "kind": 12,
        "rulemaking": 12,
        "contact": 12,
        "phone": 16,
        "group": 14,
        "former": 34,
    }
    columns = [Column(COLUMNS[key][0], width) for key, width in widths.items()]
    note = "每行一个机关，只有机关全称必填；代码填 18 位统一社会信用代码；曾用名有几个的，用顿号隔开。"
    sheet = tables.sheet("名册", "报送机关名册", note, columns)
    last = HEADER_ROW + TEMPLATE_ROWS
    for column, key in enumerate(widths):
        done(sheet.set_column(column, column, widths[key], tables.text))
        if key in CHOICES:
            options = {"validate": "list", "source": CHOICES[key], "ignore_blank": True, "error_type": "information"}
            done(sheet.data_validation(HEADER_ROW + 1, column, last, column, options))
    tables.book.close()
    return target.getvalue()
