"""Which agency of the roster a name names (按名称认机关)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.batch.received.named_agency import NamedAgencies
from toolkit.batch.roster import Roster, RosterEntry

COUNTY = (
    "甲县人民政府",
    "甲县人民政府办公室",
    "甲县教育局",
    "甲县教育体育局",
    "甲县卫生健康委员会",
    "甲县财政局",
    "甲县科技局",
    "甲县市场监督管理局",
    "甲县人力资源和社会保障局",
    "甲县城关镇人民政府",
)


def roster(*names: str, former: tuple[str, ...] = (), code: str = "") -> Roster:
    entries = [RosterEntry(name, row) for row, name in enumerate(names, 2)]
    entries[-1] = RosterEntry(names[-1], len(names) + 1, former=former, code=code)
    return Roster(tuple(entries))


def named(known: Roster, *clues: str) -> str | None:
    number = NamedAgencies(known).of(clues)
    return None if number is None else known.entries[number].name


@pytest.mark.parametrize(
    ("name", "agency"),
    [
        ("甲县教育局2024年年报.pdf", "甲县教育局"),
        ("教育局.pdf", "甲县教育局"),
        ("县教育局扫描件.jpg", "甲县教育局"),
        ("2024年教育局年报.docx", "甲县教育局"),
        ("附件2：教育局（盖章）.pdf", "甲县教育局"),
        ("甲 县 教 育 局.pdf", "甲县教育局"),
        ("甲县教育局办公室.pdf", "甲县教育局"),
        ("教育体育局.pdf", "甲县教育体育局"),
        ("教体局.pdf", "甲县教育体育局"),
        ("甲县卫健委.docx", "甲县卫生健康委员会"),
        ("卫健委年报.docx", "甲县卫生健康委员会"),
        ("县卫健委.docx", "甲县卫生健康委员会"),
        ("人社局.docx", "甲县人力资源和社会保障局"),
        ("市场监管局.docx", "甲县市场监督管理局"),
        ("市监局.docx", "甲县市场监督管理局"),
        ("甲县人民政府办公室.docx", "甲县人民政府办公室"),
        ("政府办.docx", "甲县人民政府办公室"),
        ("甲县人民政府2024年年报.docx", "甲县人民政府"),
        ("县政府.docx", "甲县人民政府"),
        ("城关镇.docx", "甲县城关镇人民政府"),
        ("城关镇政府年报.docx", "甲县城关镇人民政府"),
    ],
)
def test_an_agency_is_known_by_its_name_and_its_short_forms(name: str, agency: str) -> None:
    assert named(roster(*COUNTY), name) == agency


@pytest.mark.parametrize(
    "name",
    [
        "扫描件.pdf",
        "人民政府.pdf",
        "办公室.pdf",
        "政府信息公开年报.pdf",
        "乙县教育局.pdf",
        "乙县卫健委.pdf",
        "教育科技局.pdf",
        "甲县人民政府政务服务中心.pdf",
        "教育局和财政局.pdf",
        "教育局 财政局.pdf",
        "教育局财政局.pdf",
        "甲县教育局、甲县财政局.pdf",
    ],
)
def test_what_names_nobody_of_the_roster_or_several_is_nobodys(name: str) -> None:
    """A short form of another county's agency, a part of a longer name, two agencies in one name."""
    assert named(roster(*COUNTY), name) is None


def test_the_nearest_name_that_names_somebody_decides() -> None:
    known = roster(*COUNTY)
    assert named(known, "扫描件.pdf", "甲县教育局", "收回的表") == "甲县教育局"
    assert named(known, "甲县财政局.pdf", "甲县教育局") == "甲县财政局"
    assert named(known, "教育局和财政局.pdf", "甲县教育局") is None


def test_a_short_form_that_two_agencies_have_names_none_of_them() -> None:
    known = roster("甲县教育局", "甲县财政局", "乙县教育局", "乙县水利局")
    assert named(known, "教育局.pdf") is None
    assert named(known, "教育局.pdf", "乙县教育局") == "乙县教育局"
    assert named(known, "水利局.pdf") == "乙县水利局"


def test_former_names_and_codes_are_names() -> None:
    known = roster("甲县财政局", "甲县教育体育局", former=("甲县教育局", "甲县体育局"), code="11330000002482000X")
    for name in ("甲县教育局.pdf", "体育局.pdf", "11330000002482000X.pdf"):
        assert named(known, name) == "甲县教育体育局"


def test_names_without_a_county_are_known_behind_any() -> None:
    known = roster("教育局", "科技局")
    assert named(known, "甲县教育局.pdf") == "教育局"
    assert named(known, "教育科技局.pdf") is None


@given(st.lists(st.text(max_size=400), max_size=4))
def test_whatever_a_file_is_called_a_place_on_the_roster_or_nobody(clues: list[str]) -> None:
    found = NamedAgencies(roster(*COUNTY)).of(clues)
    assert found is None or COUNTY[found]
