"""Finds the agency of the roster (名册) that the name of a file, a folder or a mail names.

An agency is named by its full name, a former name, its code, or a short form that no other agency of the roster has:
its name without the county that the names of the roster begin with (甲县教育局: 教育局), and in the usual short words
(甲县卫生健康委员会: 卫健委). Of several names in each other the longest counts. Where two agencies are named, nobody is
meant for certain.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, get_args

from toolkit.batch.roster import Roster, RosterEntry
from toolkit.characters import plain

LONGEST = 300
"""Characters of a name that are looked at; no name on a disk is longer."""
SHORTEST = 3
"""Characters of the shortest short form: 教育局."""
SHARED_BY = 2
"""Names of the roster that begin with a county so that it is taken off."""
_REGION = re.compile(r"省|自治[区州县]|市(?![场政容])|州|盟|县|新区|开发区|区|旗")
"""Ends the name of a province, city, county or district at the beginning of an agency's name."""
_BEFORE_REGION = 10
_OFTEN = (
    ("卫生健康", "卫健"),
    ("卫生和计划生育", "卫计"),
    ("发展和改革", "发改"),
    ("发展改革", "发改"),
    ("人力资源和社会保障", "人社"),
    ("住房和城乡建设", "住建"),
    ("自然资源和规划", "自规"),
    ("自然资源和规划", "资规"),
    ("工业和信息化", "工信"),
    ("市场监督管理", "市场监管"),
    ("市场监督管理", "市监"),
    ("教育体育", "教体"),
    ("教育和体育", "教体"),
    ("文化广电和旅游", "文广旅"),
    ("文化广电和旅游", "文旅"),
    ("文化和旅游", "文旅"),
    ("文化旅游", "文旅"),
    ("文化广电旅游", "文旅"),
    ("退役军人事务", "退役军人"),
    ("应急管理", "应急"),
    ("交通运输", "交通"),
    ("城市管理综合行政执法", "城管"),
    ("城市管理", "城管"),
    ("综合行政执法", "综合执法"),
    ("医疗保障", "医保"),
    ("民族宗教事务", "民宗"),
    ("国有资产监督管理", "国资"),
    ("行政审批服务", "审批"),
    ("行政审批", "审批"),
    ("农业农村", "农业"),
    ("科学技术", "科技"),
    ("生态环境", "环保"),
    ("乡村振兴", "乡振"),
    ("地方金融监督管理", "金融监管"),
    ("机关事务管理", "机关事务"),
    ("政务服务数据管理", "政数"),
    ("政务服务和数据管理", "政数"),
    ("委员会办公室", "办"),
    ("人民政府办公室", "政府办"),
    ("街道办事处", "街道办"),
    ("街道办事处", "街道"),
    ("镇人民政府", "镇政府"),
    ("镇人民政府", "镇"),
    ("乡人民政府", "乡政府"),
    ("乡人民政府", "乡"),
    ("人民政府", "政府"),
    ("委员会", "委"),
    ("办公室", "办"),
)
"""Words in the names of agencies, and the short words for them."""
_MOST_WORDS = 4
_GENERAL = frozenset(
    ("人民政府", "政府", "办公室", "委员会", "管理委员会", "管委会", "街道办事处", "街道办", "镇政府", "乡政府")
)
"""Short forms that are no name of anybody."""
_LINKS = frozenset("年度月日号表报告件版稿由自和与及、的送交回收发转附给来于")
"""Characters that stand before a name without being a part of it: 2024年教育局, 附件教育局."""
_ORGANS = frozenset("局委办厅府会院")
"""Characters that end the name of another agency before a name: 财政局教育局."""
_OTHER_ORGAN = re.compile(r"(?![年度的报表件])[一-鿿]{0,8}?(?:办公室|局|委员会|中心|办事处|研究室)|办(?![一-鿿])")
"""Begins what stands behind the name of a government and makes it the name of another agency."""


Before = Literal["anything", "county", "boundary"]
"""What may stand directly before a name: anything, because its county is a part of it; the county that it lacks, or a
boundary; or only a boundary, because with another county before it, it is somebody else's name."""


@dataclass(frozen=True, slots=True)
class _KnownNames:
    """What a name stands for: the place of the agency on the roster, and what may stand before the name."""

    entry: int
    before: Before


@dataclass(frozen=True)
class NamedAgencies:
    """The names under which the agencies of a roster are known."""

    roster: Roster
    _names: dict[str, _KnownNames] = field(init=False, repr=False, default_factory=dict)
    _lengths: dict[str, tuple[int, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._names.update(_short_names(self.roster))
        self._names.update(_full_names(self.roster))
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[:2], set()).add(len(name))
        self._lengths.update({start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()})

    def of(self, clues: Iterable[str]) -> int | None:
        """Return the place on the roster of the agency that the first of the clues that names anybody names. None if
        none does, or if that one names several."""
        for clue in clues:
            if named := self._named(clue):
                return next(iter(named)) if len(named) == 1 else None
        return None

    def _named(self, clue: str) -> set[int]:
        """Return the agencies that a text names."""
        text, starts = _with_starts(clue[:LONGEST])
        found = [
            (at, at + length)
            for at in range(len(text))
            for length in self._lengths.get(text[at : at + 2], ())
            if text[at : at + length] in self._names and at + length <= len(text)
        ]
        spans = [one for one in found if not any(_is_inside(one, other) for other in found)]
        return {known.entry for start, end in spans if (known := self._known(text, starts, start, end))}

    def _known(self, text: str, starts: frozenset[int], start: int, end: int) -> _KnownNames | None:
        """Return what a name in a text stands for; None if it seems to be a part of somebody else's name."""
        known = self._names[text[start:end]]
        if known.before != "anything" and start not in starts:
            is_county = known.before == "county" and bool(_REGION.search(text[max(start - 3, 0) : start]))
            if not is_county and not _is_boundary(text[start - 1]):
                return None
        rest = text[end : next(at for at in (*sorted(starts), len(text)) if at >= end)]
        if text[end - 1] == "府" and _OTHER_ORGAN.match(rest):
            return None  # 甲县人民政府政务服务中心 is another agency than 甲县人民政府
        return known


def _is_inside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return other != one and other[0] <= one[0] and one[1] <= other[1]


def _is_boundary(char: str) -> bool:
    """Return True if a character may stand before a short name."""
    return not _is_han(char) or char in _LINKS or char in _ORGANS


def _is_han(char: str) -> bool:
    return "一" <= char <= "鿿"


def _with_starts(clue: str) -> tuple[str, frozenset[int]]:
    """Return a text as names are compared, and the places in it where white space stood before."""
    words = [plain(word) for word in unicodedata.normalize("NFKC", clue).split()]
    starts, at = {0}, 0
    for word in words:
        at += len(word)
        starts.add(at)
    return "".join(words), frozenset(starts)


def _full_names(roster: Roster) -> dict[str, _KnownNames]:
    """Return names, former names and codes."""
    found = {}
    for number, entry in enumerate(roster.entries):
        for name in filter(None, map(plain, (*entry.former, entry.code))):
            found[name] = _KnownNames(number, _before(name))
    for number, entry in enumerate(roster.entries):
        found[plain(entry.name)] = _KnownNames(number, _before(plain(entry.name)))
    return {name: known for name, known in found.items() if len(name) > 1}


def _before(name: str) -> Before:
    """Return what may stand before a full name: a name with a county may stand anywhere."""
    return "anything" if any(match.end() > 1 for match in _REGION.finditer(name[:_BEFORE_REGION])) else "county"


def _short_names(roster: Roster) -> dict[str, _KnownNames]:
    """Return the short forms that only one agency has."""
    regions = _shared_regions(roster)
    owners: dict[str, set[int]] = {}
    before: dict[str, Before] = {}
    for number, entry in enumerate(roster.entries):
        for form, needs in _forms(entry, regions):
            owners.setdefault(form, set()).add(number)
            before[form] = max(before.get(form, needs), needs, key=get_args(Before).index)
    return {form: _KnownNames(next(iter(who)), before[form]) for form, who in owners.items() if len(who) == 1}


def _forms(entry: RosterEntry, regions: Sequence[str]) -> Iterator[tuple[str, Before]]:
    """Yield the short forms of an agency's names, and what may stand before them."""
    for name in map(plain, (entry.name, *entry.former)):
        for words in _in_short_words(name):
            if len(words) >= SHORTEST:
                yield words, _before(name)
        for region in regions:
            if name.startswith(region) and len(name) > len(region):
                for words in _in_short_words(name[len(region) :]):
                    if len(words) >= SHORTEST - 1:
                        yield region[-1] + words, "boundary"
                    if len(words) >= SHORTEST and words not in _GENERAL:
                        yield words, "boundary"


def _in_short_words(name: str) -> Iterator[str]:
    """Yield a name in all its short words, alone and together; the name itself first."""
    choices = [(long, short) for long, short in _OFTEN if long in name][:_MOST_WORDS]
    made = dict.fromkeys([name])
    for used in product((False, True), repeat=len(choices)):
        short_name = name
        for (long, short), is_used in zip(choices, used, strict=True):
            short_name = short_name.replace(long, short) if is_used else short_name
        made[short_name] = None
    yield from made


def _shared_regions(roster: Roster) -> list[str]:
    """Return the counties that several names of the roster begin with."""
    counts: Counter[str] = Counter()
    for entry in roster.entries:
        name = plain(entry.name)
        counts.update({name[: found.end()] for found in _REGION.finditer(name[:_BEFORE_REGION]) if found.end() > 1})
    return [region for region, count in counts.items() if count >= SHARED_BY]
