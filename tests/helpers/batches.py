"""Makes batches of any size out of real reports, with known faults sown.

    python tests/helpers/batches.py FOLDER [AGENCIES]

A workbook is built once for each report and then varied within its file: name, texts, the figures that are to be
wrong. That takes a tenth of the time that building takes, and owes nothing to the code that is tested.
"""

import csv
import io
import json
import random
import re
import sys
import tomllib
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from kit import county_report

from toolkit.excel.addresses import address
from toolkit.workbook.layout import layout_of
from toolkit.workbook.template import build_workbook

BASES = ("suqian-2024", "huaian-2024", "shanghai-kewei-2024")
YEAR = 2024
NAME = "@机关@"
COUNTIES = [a + b + c for a, b, c in product("青临安云永平", "河山川泉岭", "县区市")]
WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
BODIES, TOPICS, DEEDS, THINGS, EFFECTS = (WORDS[key] for key in ("bodies", "topics", "deeds", "things", "effects"))
GROUPS = {"局": "部门", "镇": "乡镇街道", "乡": "乡镇街道", "会": "开发区"}
SIDES = (
    "主动公开方面，{0}",
    "依申请公开方面，全年收到政府信息公开申请{received}件，均依法办理。{0}",
    "政府信息管理方面，{0}",
    "平台建设方面，{0}",
    "监督保障方面，组织培训并纳入考核。{0}",
)
PROBLEMS = ("存在的问题：{0}的深度还不够，{1}的更新不够及时。", "改进措施：{0}下一步将加强{1}的公开。")
FEE = "本年度未收取信息处理费。"

Parts = dict[str, bytes]


@dataclass(frozen=True)
class Base:
    """A workbook to be varied: its parts, its sheets by name, where cells stand, and how many requests it tells of."""

    parts: Parts
    sheets: dict[str, str]
    places: dict[str, str]
    received: int


@dataclass
class Sown:
    """What was made: the expected findings of each file by rule, and the roster; `missing` have no file."""

    expected: dict[str, Counter[str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    agencies: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@cache
def base(name: str) -> Base:
    """One of the real reports, with marks for all that differs between agencies."""
    source = county_report(name)
    texts = {"一": tuple(f"@一{n}@" for n in range(5)), "五": ("@五0@", "@五1@"), "六": (FEE,)}
    content = build_workbook(replace(source, agency=NAME, year=YEAR, texts=texts, shown={}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    titles = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"].decode())
    sheets = {title: f"xl/worksheets/sheet{n}.xml" for n, title in enumerate(titles, 1)}
    places = {cell: address(row, column) for cell, (_, row, column) in layout_of(source.form).positions.items()}
    return Base(parts, sheets, places, int(source.totals["requests.received.total"]))


def sentences(rng: random.Random, count: int) -> str:
    made = (
        f"对{rng.choice(TOPICS)}和{rng.choice(TOPICS)}的{rng.choice(THINGS)}{rng.choice(DEEDS)}，"
        f"将{rng.choice(THINGS)}、{rng.choice(THINGS)}{rng.choice(DEEDS)}，{rng.choice(EFFECTS)}。"
        for _ in range(count)
    )
    return "".join(made)


def texts(rng: random.Random, received: int) -> dict[str, str]:
    """A text that covers what it must and is nobody else's."""
    made = {f"@一{n}@": side.format(sentences(rng, 3), received=received) for n, side in enumerate(SIDES)}
    for n, text in enumerate(PROBLEMS):
        made[f"@五{n}@"] = text.format(*rng.sample(TOPICS, 2)) + sentences(rng, 2)
    return made


def put(parts: Parts, source: Base, cell: str, stored: str) -> None:
    """Put something into a cell of table 三, 二 or 四, whatever stood there."""
    sheet = SHEET_OF[cell.partition(".")[0]]
    part = source.sheets[sheet]
    pattern = rf'<c r="{source.places[cell]}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)'
    text, count = re.subn(
        pattern, lambda found: stored.format(r=source.places[cell], s=found[1] or ""), parts[part].decode()
    )
    assert count == 1, cell
    parts[part] = text.encode()


SHEET_OF = {"services": "二", "enforcement": "二", "requests": "三", "disputes": "四"}
NUMBER, TEXT, BLANK = (
    '<c r="{{r}}"{{s}}><v>{}</v></c>',
    '<c r="{{r}}"{{s}} t="inlineStr"><is><t>{}</t></is></c>',
    '<c r="{r}"{s}/>',
)

Fault = Callable[[Parts, Base, dict[str, str], random.Random], Counter[str]]


def _unbalanced(parts: Parts, source: Base, _texts: dict[str, str], rng: random.Random) -> Counter[str]:
    put(parts, source, "requests.carried_out.research", NUMBER.format(rng.randint(700, 900)))
    return Counter({"requests-balance": 2})


def _total(parts: Parts, source: Base, _texts: dict[str, str], _rng: random.Random) -> Counter[str]:
    put(parts, source, "disputes.review.total", NUMBER.format(99_999))
    return Counter({"disputes-total": 1, "formula-overwritten": 1})


def _spelling(parts: Parts, source: Base, _texts: dict[str, str], _rng: random.Random) -> Counter[str]:
    put(parts, source, "services.licensing.decisions", TEXT.format("１２件"))
    return Counter({"odd-spelling": 1})


def _blank(parts: Parts, source: Base, _texts: dict[str, str], _rng: random.Random) -> Counter[str]:
    put(parts, source, "enforcement.coercion.decisions", BLANK)
    return Counter({"blank": 1})


def _half(parts: Parts, source: Base, _texts: dict[str, str], _rng: random.Random) -> Counter[str]:
    put(parts, source, "enforcement.penalty.decisions", NUMBER.format("1.5"))
    return Counter({"not-whole": 1})


def _placeholder(_parts: Parts, _source: Base, words: dict[str, str], _rng: random.Random) -> Counter[str]:
    words["@一0@"] += "全年公开信息XX条。"
    return Counter({"placeholder-left": 1})


def _wrong_figure(_parts: Parts, source: Base, words: dict[str, str], _rng: random.Random) -> Counter[str]:
    words["@一1@"] = words["@一1@"].replace(f"{source.received}件", f"{source.received * 2 + 31}件")
    return Counter({"text-differs-from-tables": 1})


FAULTS: tuple[Fault, ...] = (_unbalanced, _total, _spelling, _blank, _half, _placeholder, _wrong_figure)


def names() -> Iterator[str]:
    """Agencies that there are not."""
    return (county + body for county, body in product(COUNTIES, BODIES))


def workbook(
    agency: str,
    rng: random.Random,
    fault: Fault | None = None,
    copied: dict[str, str] | None = None,
    level: int = 1,
) -> tuple[bytes, Counter[str], dict[str, str]]:
    """A completed workbook of an agency, what must be found in it, and its texts."""
    source = base(rng.choice(BASES))
    parts = dict(source.parts)
    words = texts(rng, source.received)
    if copied:
        words |= {mark: text for mark, text in copied.items() if mark.startswith("@五")}
    expected = fault(parts, source, words, rng) if fault else Counter()
    strings = parts["xl/sharedStrings.xml"].decode()
    for mark, text in {**words, NAME: agency}.items():
        strings = strings.replace(mark, text)
    parts["xl/sharedStrings.xml"] = strings.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return out.getvalue(), expected, words


def make_batch(folder: Path, count: int, seed: int = 1, sound: bool = False) -> Sown:
    """Returns of so many agencies in a folder with sub-folders, one in ten with a fault unless all are to be sound."""
    rng, sown = random.Random(seed), Sown()
    last: tuple[str, dict[str, str]] | None = None
    for number, agency in zip(range(count), names(), strict=False):
        sown.agencies.append(agency)
        dice = 99 if sound else rng.randrange(100)
        if dice == 0:
            sown.missing.append(agency)
            continue
        target = folder / agency[:3] / f"{agency}.xlsx"
        target.parent.mkdir(parents=True, exist_ok=True)
        fault = FAULTS[number % len(FAULTS)] if 1 <= dice <= 8 else None
        copied = last[1] if dice == 9 and last else None
        content, expected, words = workbook(agency, rng, fault, copied)
        if copied and last:
            expected["alike-texts"] += 1
            sown.expected[last[0]]["alike-texts"] = 1
        if dice == 10:
            content = content[: rng.randrange(len(content))]
            sown.unreadable.add(str(target))
        target.write_bytes(content)
        sown.expected[str(target)] = expected
        last = (str(target), words) if dice > 10 else None
    return sown


def write_roster(path: Path, agencies: list[str]) -> Path:
    """A roster of the agencies, as an office keeps it."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["机关全称", "机关类型", "分组", "联系人"])
        for agency in agencies:
            kind = GROUPS[agency[-1]]
            writer.writerow([agency, kind, f"{agency[:3]}{kind}", "王某"])
    return path


def results_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "findings.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    place, many = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40
    made = make_batch(place / "收回的表", many)
    write_roster(place / "名册.csv", made.agencies)
    print(f"{len(made.expected)} 份，{sum(map(bool, made.expected.values()))} 份有问题，未报 {len(made.missing)}")
