"""A signed template says to whom it was issued, and whose another one is."""

import io
import json
from pathlib import Path

import pytest
from command_line import Gknb
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kit import LOOKUP, checked, write
from openpyxl import load_workbook
from signed_templates import (
    KEY,
    MINE,
    OTHER_KEY,
    SIGNED,
    THEIRS,
    edited,
    said_of,
    template,
)

from toolkit.batch.roster import Roster, RosterEntry
from toolkit.submission.agency_names import is_short_form
from toolkit.submission.signing import verify, write_key
from toolkit.workbook.layout import EXACT_FIGURES_ROW, IDENTITY, IDENTITY_KEYS
from toolkit.workbook.reader import read_workbook_bytes


def test_without_a_key_a_template_is_as_it_was() -> None:
    rows = list(load_workbook(io.BytesIO(template("甲局", None)))[IDENTITY].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == list(IDENTITY_KEYS[:-1])
    assert 1 + len(IDENTITY_KEYS) <= EXACT_FIGURES_ROW, "figures that are kept there begin below"


ALPHABET = st.characters(exclude_categories=["Cs"])


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=100) | st.sampled_from(["=1+1", "12e5", "_x0041_局", "甲 局", "TRUE"]))
def test_the_template_of_any_name_is_genuine(agency: str) -> None:
    assume(agency.strip())
    found = read_workbook_bytes(template(agency, KEY), LOOKUP)
    assert found.identity is not None
    assert verify(KEY, found.identity, found.signature)


def copied(content: bytes, source: bytes, *keys: str) -> bytes:
    """A workbook with rows of another one's hidden sheet."""
    theirs = load_workbook(io.BytesIO(source))[IDENTITY]
    rows = [IDENTITY_KEYS.index(key) + 2 for key in keys]
    return edited(content, *((f"{IDENTITY}!B{row}", theirs[f"B{row}"].value) for row in rows))


PLAIN = template("甲局", None, serial="")


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        (MINE, ["template-genuine"]),
        (THEIRS, ["template-genuine"]),
        (PLAIN, ["template-unsigned"]),
        (template("甲局", OTHER_KEY), ["identity-altered"]),
        (edited(MINE, ("基本信息!C4", "乙局")), ["template-of-other"]),
        (edited(MINE, ("基本信息!C4", None)), ["template-genuine"]),
        (edited(MINE, ("基本信息!C2", 2023)), ["template-genuine", "other-year"]),
        (edited(MINE, ("_gknb!B4", "乙局")), ["identity-altered", "other-agency"]),
        (edited(MINE, ("_gknb!B4", "乙局"), ("基本信息!C4", "乙局")), ["identity-altered"]),
        (edited(MINE, ("_gknb!B4", 12.5)), ["identity-altered", "other-agency"]),
        (edited(MINE, ("_gknb!B5", 2023)), ["identity-altered", "other-year"]),
        (edited(MINE, ("_gknb!B6", True)), ["identity-altered"]),
        (edited(MINE, ("_gknb!B6", None)), ["identity-altered"]),
        (template("甲局", None), ["signature-missing"]),
        (edited(MINE, ("_gknb!B7", None)), ["signature-missing"]),
        (edited(MINE, ("_gknb!B7", "  \n")), ["signature-missing"]),
        (edited(MINE, ("_gknb!B6", None), ("_gknb!B7", None)), ["signature-missing"]),
        (edited(MINE, ("_gknb!A7", None), ("_gknb!B7", None)), ["signature-missing"]),
        (edited(MINE, ("_gknb!B7", 1e300)), ["identity-altered"]),
        (edited(MINE, ("_gknb!B7", False)), ["identity-altered"]),
        (edited(MINE, ("_gknb!B7", "é局\u202e" * 9000)), ["identity-altered"]),
        (copied(MINE, THEIRS, "signature"), ["identity-altered"]),
        (copied(PLAIN, THEIRS, "signature"), ["identity-altered"]),
        (copied(MINE, THEIRS, "id", "signature"), ["identity-altered"]),
        (copied(MINE, THEIRS, "agency", "id", "signature"), ["template-of-other"]),
        (copied(PLAIN, MINE, "agency", "id", "signature"), ["template-genuine"]),
        (copied(MINE, template("甲局", KEY, year=2023), "signature"), ["identity-altered"]),
    ],
    ids=lambda value: "workbook" if isinstance(value, bytes) else None,  # its bytes have the hour in them
)
def test_whose_template_it_is(content: bytes, rules: list[str]) -> None:
    assert said_of(content) == rules
    unchecked = {"signature-unchecked"} if not {"template-unsigned", "signature-missing"} & set(rules) else set()
    assert SIGNED & set(said_of(content, None)) == unchecked, "without a key no more is said of it"


def test_an_error_value_in_the_place_of_a_signature_is_no_signature() -> None:
    assert said_of(edited(MINE, ("_gknb!B7", "#N/A")))[0] in ("signature-missing", "identity-altered")


def test_of_absurd_names_only_the_beginning_is_said() -> None:
    content = edited(MINE, ("_gknb!B4", "长" * 30_000), ("_gknb!B6", "号" * 30_000), ("基本信息!C4", "长" * 30_000))
    (result,) = checked(read_workbook_bytes(content, LOOKUP), key=KEY)
    (message,) = (found.message for found in result.findings if found.rule == "identity-altered")
    assert len(message) < 500


FULL = template("甲县教育局", KEY)


@pytest.mark.parametrize(
    ("filled", "others", "rules"),
    [
        ("教育局", (), ["template-genuine"]),
        ("教育局", ("乙县教育局",), ["template-genuine"]),
        ("教育局", ("教育局",), ["template-of-other"]),
        ("县教育局", ("乙县教育局",), ["template-genuine"]),
        ("局", (), ["template-of-other"]),
        ("育局", (), ["template-of-other"]),
        ("甲县", (), ["template-of-other"]),
        ("县财政局", (), ["template-of-other"]),
    ],
)
def test_a_short_form_counts_only_where_it_says_which_agency_it_is(
    filled: str, others: tuple[str, ...], rules: list[str]
) -> None:
    """局 is every agency's last word, and what is the name of another agency on the roster is that one's."""
    roster = Roster(tuple(RosterEntry(name, row) for row, name in enumerate(("甲县教育局", *others), 2)))
    content = edited(FULL, ("基本信息!C4", filled))
    assert said_of(content) == (["template-genuine"] if filled == "教育局" else rules), "without a roster"
    assert said_of(content, roster=roster) == rules


@pytest.mark.parametrize(
    "name",
    [
        "局",
        "办公室",
        "委员会",
        "政府",
        "人民政府",
        "管理委员会",
        "街道办事处",
        "服务中心",
        "事务中心",
        "管理局",
        "分局",
    ],
)
def test_a_bare_word_for_a_kind_of_body_is_nobodys_short_form(name: str) -> None:
    assert not is_short_form(name, f"甲县{name}")
    assert is_short_form(f"教育{name}", f"甲县教育{name}")


@pytest.mark.slow
@pytest.mark.parametrize("skipped", ["template-of-other", "template-genuine"])
def test_what_the_key_does_not_say_the_workbook_says_itself(gknb: Gknb, tmp_path: Path, skipped: str) -> None:
    write_key(tmp_path / "office.key", KEY)
    write(tmp_path / "foreign" / "甲.xlsx", edited(MINE, ("基本信息!C4", "乙局")))
    ran = gknb("check", "foreign", "--key", "office.key", "--json", "--skip", skipped)
    rules = [found["rule"] for found in json.loads(ran.stdout)["files"][0]["findings"]]
    assert ("template-of-other" in rules) != ("other-agency" in rules)
    assert ("template-of-other" in rules) == (skipped == "template-genuine")
