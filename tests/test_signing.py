"""Who sent this: a signed template says to whom it was issued, and the key that signs it is never seen anywhere."""

import base64
import io
import json
import os
import pickle
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kit import LOOKUP, checked, read, report, write
from office import recalculate
from openpyxl import Workbook, load_workbook
from test_commands import Gknb, assert_refused
from test_distribute import ISSUE, ONE, THREE, TWO, done, issue, work_in
from test_roster import CODES, text

from toolkit.batch.check_job import CheckJob
from toolkit.batch.intake import OWN_FILE
from toolkit.batch.ledger.ledger import LEDGER_NAME
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.checks.signature import RULES
from toolkit.forms.loader import form_for_year
from toolkit.problems import Problem
from toolkit.submission.agency_names import is_short_form
from toolkit.submission.json_csv import to_data
from toolkit.submission.model import Identity
from toolkit.submission.signing import FILE_LIMIT, Key, key_mark, key_text, new_key, read_key, sign, verify, write_key
from toolkit.workbook.layout import GIVEN_FIRST_ROW, IDENTITY, IDENTITY_KEYS, layout_of
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_template, build_workbook

FORM = form_for_year(2024)
LAYOUT = layout_of(FORM)
KEY, OTHER_KEY = Key(bytes(range(32))), Key(bytes(range(1, 33)))
SIGNED = {rule.id for rule in RULES}
KEYS = st.builds(Key, st.binary(min_size=32, max_size=32))
IDENTITIES = st.builds(Identity, st.text(), st.integers(1900, 2199), st.text(), st.text())
DATA = to_data(report("suqian-2024"))
AGENCIES = [["机关", "代码", "曾用名"], ["甲局", CODES[0], "老甲局"], ["乙局", CODES[1], ""], ["丙局", "", ""]]


# ---------------------------------------------------------------- signatures


@given(KEYS, IDENTITIES)
def test_what_was_signed_is_verified(key: Key, identity: Identity) -> None:
    signature = sign(key, identity)
    assert verify(key, identity, signature)
    assert sign(key, replace(identity)) == signature, "the same template again"


@given(KEYS, IDENTITIES, IDENTITIES, st.integers(0, 3))
def test_any_changed_field_is_not(key: Key, identity: Identity, other: Identity, field: int) -> None:
    name = ("form", "year", "agency", "serial")[field]
    changed = replace(identity, **{name: getattr(other, name)})
    assume(changed != identity)
    assert not verify(key, changed, sign(key, identity))


@given(KEYS, st.text(), st.text(), st.text())
def test_what_stands_in_one_field_is_not_taken_for_another(key: Key, one: str, two: str, both: str) -> None:
    """However fields are cut and joined, quoted or escaped."""
    pairs = {
        (one, two),
        (two, one),
        (one + two, ""),
        ("", one + two),
        (f'{one}","{two}', both),
        (one, f'{two}","{both}'),
    }
    assert len({sign(key, Identity("2021", 2024, *pair)) for pair in pairs}) == len(pairs)


@given(KEYS, KEYS, IDENTITIES, st.text())
def test_neither_by_another_key_nor_by_any_other_text(key: Key, other: Key, identity: Identity, anything: str) -> None:
    assume(key != other)
    assert not verify(key, identity, sign(other, identity))
    assert not verify(key, identity, anything)
    assert not verify(key, identity, sign(key, identity) + anything[:1] + "0")


def test_a_signature_stays_what_it_is() -> None:
    """Templates that went out must be known by later versions, too."""
    assert sign(KEY, Identity("2021", 2024, "甲局", "0f3a")) == (
        "254d44db80c156cf80dcf3dd2ed53acd57f4bcb23c8c9f068747ee841db7d561"
    )


# ---------------------------------------------------------------- key files


@given(KEYS)
def test_a_key_is_not_shown(key: Key) -> None:
    for shown in (
        repr(key),
        str(key),
        f"{[key]}",
        repr(CheckJob(key=key)),
        repr(replace(ISSUE, key=key)),
        key_mark(key),
    ):
        assert not any(secret in shown.encode() for secret in spellings(key))
    assert pickle.loads(pickle.dumps(key)) == key, "workers get it whole"


def test_a_key_file_comes_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    key, path = new_key(), tmp_path / "neu" / "office.key"
    old = os.umask(0)
    try:
        write_key(path, key)
    finally:
        os.umask(old)
    assert read_key(path) == key != new_key()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().rstrip() + b"\r\n\r\n")
    assert read_key(path) == key, "as an editor of Windows saves it"


def test_it_is_never_readable_by_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even before it is complete; and what could not be completed does not stay."""
    path = tmp_path / "office.key"
    seen = []

    def full(_: int) -> None:
        seen.append(stat.S_IMODE(path.stat().st_mode))
        raise OSError(28, "full", str(path))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        write_key(path, KEY)
    assert seen == [0o600] or os.name != "posix"
    assert not path.exists()


@pytest.mark.parametrize("there", ["file", "link", "folder"])
def test_a_key_file_is_never_overwritten(tmp_path: Path, there: str) -> None:
    path = tmp_path / "office.key"
    {"file": path.touch, "folder": path.mkdir, "link": lambda: path.symlink_to(tmp_path / "nowhere")}[there]()
    with pytest.raises(Problem, match="换一个") as caught:
        write_key(path, KEY)
    assert "--force" not in caught.value.message.replace("也没有 --force", "")
    assert not (tmp_path / "nowhere").exists()


LINE = key_text(KEY)
WRONG_FILES: list[tuple[bytes | None, str]] = [
    (None, "找不到密钥文件"),
    (b"", "是空的"),
    (b" \n", "不是 gknb key 生成的密钥文件"),
    (b"x" * (FILE_LIMIT + 1), "太大，不是密钥文件"),
    (LINE.encode("utf-16"), "不是 gknb key 生成的密钥文件"),
    (b"\xff\x00", "不是 gknb key 生成的密钥文件"),
    (KEY.secret.hex().encode(), "不是 gknb key 生成的密钥文件"),
    (LINE[:-3].encode(), "已损坏（长度或字符不对）"),
    (LINE.replace("0", "x").encode(), "已损坏（长度或字符不对）"),
    (LINE.replace("0", "O").encode(), "已损坏（长度或字符不对）"),
    ((LINE + LINE).encode(), "已损坏（长度或字符不对）"),
    (LINE.replace(":00", ":01").encode(), "已损坏（校验和不符）"),
]


@pytest.mark.parametrize(("content", "words"), WRONG_FILES, ids=[words for _, words in WRONG_FILES])
def test_wrong_key_files_are_told(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "office.key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Problem, match=r"office\.key") as caught:
        read_key(path)
    assert words in caught.value.message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert KEY.secret.hex()[8:] not in caught.value.message


@given(
    st.binary(max_size=200)
    | st.text("0123456789abcdef:\n ", max_size=120).map(lambda end: b"gknb-key-1" + end.encode())
)
@settings(max_examples=150, deadline=None)
def test_any_other_file_is_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.key"
    path.write_bytes(content)
    with pytest.raises(Problem, match=r"。$"):
        read_key(path)


@given(st.integers(0, len(LINE) - 2), st.sampled_from("0123456789abcdef"))
def test_one_wrong_character_is_noticed(tmp_path_factory: pytest.TempPathFactory, place: int, char: str) -> None:
    assume(LINE[place] != char)
    path = tmp_path_factory.getbasetemp() / "one.key"
    path.write_text(LINE[:place] + char + LINE[place + 1 :], encoding="ascii")
    with pytest.raises(Problem):
        read_key(path)


# ---------------------------------------------------------------- templates


def test_without_a_key_a_template_is_as_it_was() -> None:
    rows = list(load_workbook(io.BytesIO(template("甲局", None)))[IDENTITY].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == list(IDENTITY_KEYS[:-1])
    assert 1 + len(IDENTITY_KEYS) <= GIVEN_FIRST_ROW, "figures that are kept there begin below"


def template(agency: str, key: Key | None, serial: str = "1", year: int = 2024) -> bytes:
    return build_template(form_for_year(year), year, agency, issued=serial, key=key)


ALPHABET = st.characters(exclude_categories=["Cs"])


@settings(max_examples=15, deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=100) | st.sampled_from(["=1+1", "12e5", "_x0041_局", "甲 局", "TRUE"]))
def test_the_template_of_any_name_is_genuine(agency: str) -> None:
    assume(agency.strip())
    found = read_workbook_bytes(template(agency, KEY), LOOKUP)
    assert found.identity is not None
    assert verify(KEY, found.identity, found.signature)


def said_of(content: bytes, key: Key | None = KEY, **others: Any) -> list[str]:
    (result,) = checked(read_workbook_bytes(content, LOOKUP), key=key, **others)
    return [found.rule for found in result.findings if found.rule in SIGNED | {"other-agency", "other-year"}]


def edited(content: bytes, *changes: tuple[str, object]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    for place, value in changes:
        sheet, _, address = place.partition("!")
        book[sheet][address] = value
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def copied(content: bytes, source: bytes, *keys: str) -> bytes:
    """A workbook with rows of another one's hidden sheet."""
    theirs = load_workbook(io.BytesIO(source))[IDENTITY]
    rows = [IDENTITY_KEYS.index(key) + 2 for key in keys]
    return edited(content, *((f"{IDENTITY}!B{row}", theirs[f"B{row}"].value) for row in rows))


MINE, THEIRS = template("甲局", KEY), template("乙局", KEY, "2")
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


@pytest.mark.parametrize("skipped", ["template-of-other", "template-genuine"])
def test_what_the_key_does_not_say_the_workbook_says_itself(gknb: Gknb, tmp_path: Path, skipped: str) -> None:
    write_key(tmp_path / "office.key", KEY)
    write(tmp_path / "foreign" / "甲.xlsx", edited(MINE, ("基本信息!C4", "乙局")))
    ran = gknb("check", "foreign", "--key", "office.key", "--json", "--skip", skipped)
    rules = [found["rule"] for found in json.loads(ran.stdout)["files"][0]["findings"]]
    assert ("template-of-other" in rules) != ("other-agency" in rules)
    assert ("template-of-other" in rules) == (skipped == "template-genuine")


# ---------------------------------------------------------------- distribution


SIGNING = replace(ISSUE, key=KEY)


def test_with_the_same_key_nothing_is_written_again(tmp_path: Path) -> None:
    assert {item.done for item in issue(tmp_path, ONE, TWO, THREE, work=SIGNING)} == {"written"}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {item.done for item in issue(tmp_path, ONE, TWO, THREE, work=SIGNING)} == {"same"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    for entry, path in zip((ONE, TWO, THREE), sorted(tmp_path.glob("[0-9]*")), strict=True):
        assert read(path).identity == Identity(FORM.id, 2024, entry.name, entry.id)


def test_what_went_out_unsigned_is_signed_where_nobody_has_worked_in_it(tmp_path: Path) -> None:
    folder, then = tmp_path / "foreign", SIGNING
    issue(folder, ONE, TWO, work=ISSUE)
    theirs = work_in(folder / "2-乙局.xlsx")
    assert done(issue(folder, ONE, TWO, work=then)) == [("written", "1-甲局.xlsx"), ("altered", "2-乙局.xlsx")]
    assert (folder / "2-乙局.xlsx").read_bytes() == theirs
    assert then.key is not None
    assert said_of((folder / "1-甲局.xlsx").read_bytes(), then.key) == ["template-genuine"]


def test_signed_templates_are_not_replaced_by_others(tmp_path: Path) -> None:
    issue(tmp_path, ONE, TWO, work=SIGNING)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for other, words in ((ISSUE, "没有给 --key"), (replace(SIGNING, key=OTHER_KEY), "给的不是那个密钥")):
        for force in (False, True):
            with pytest.raises(Problem, match=words):
                issue(tmp_path, ONE, TWO, force=force, work=other)
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert done(issue(tmp_path, ONE, TWO, work=SIGNING)) == [("same", "1-甲局.xlsx"), ("same", "2-乙局.xlsx")]


def test_it_is_the_same_with_any_number_of_workers(gknb: Gknb, tmp_path: Path) -> None:
    roster = text(tmp_path / "名册.csv", AGENCIES)
    write_key(tmp_path / "office.key", KEY)
    for workers in (1, 2):
        made = gknb(
            "distribute", roster, "--year", 2024, "--key", "office.key", "--workers", workers, "-o", f"发{workers}"
        )
        assert made.returncode == 0, made.stderr
    assert contents(tmp_path / "发1") == contents(tmp_path / "发2")
    again = gknb("distribute", roster, "--year", 2024, "--key", "office.key", "-o", "发1")
    assert "共 3 个机关：未变 3。" in again.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("[0-9]*.xlsx")}


# ---------------------------------------------------------------- the whole way


def fill(path: Path) -> bytes:
    """An agency fills in its template with another program, not quite rightly."""
    book = load_workbook(path)
    for cell in FORM.filled:
        sheet, address = LAYOUT.places[cell.id].split("!")
        book[sheet][address] = float(DATA["values"][cell.id])
    book["三"]["D7"] = 99_999
    return saved(book)


@pytest.fixture
def office(gknb: Gknb, tmp_path: Path) -> Path:
    """An office that has made a key and sent templates out; what came back stands in a folder: a genuine return, one
    under a former name, another agency's template, an altered identity, unsigned ones."""
    ran = gknb("key", "-o", "office.key")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "拿到它的人都能签名" in ran.stderr
    assert "不要放进要发出去的文件夹" in ran.stderr
    text(tmp_path / "名册.csv", AGENCIES)
    sent = gknb("distribute", "名册.csv", "--year", 2024, "--key", "office.key", "-o", "发放")
    assert "写出 3" in sent.stderr, sent.stderr
    assert not [name for name in (tmp_path / "发放").iterdir() if name.suffix == ".key"]
    back, sent_out = tmp_path / "foreign", tmp_path / "发放"
    first = fill(sent_out / "1-甲局.xlsx")
    write(back / "1.xlsx", first)
    write(back / "2.xlsx", edited(first, ("基本信息!C4", "老甲局")))
    write(back / "3.xlsx", edited(first, ("基本信息!C4", "乙局")))
    write(back / "4.xlsx", edited(first, ("基本信息!C4", "乙局"), ("_gknb!B4", "乙局")))
    write(back / "5.xlsx", build_workbook(replace(report("suqian-2024"), agency="丙局")))
    write(back / "6.json", json.dumps({**DATA, "agency": "丙局"}).encode())
    return tmp_path


OUTCOMES = {
    "1.xlsx": "template-genuine",
    "2.xlsx": "template-genuine",
    "3.xlsx": "template-of-other",
    "4.xlsx": "identity-altered",
    "5.xlsx": "template-unsigned",
    "6.json": "template-unsigned",
}


def outcomes(said: str) -> dict[str, str]:
    """What is said of each file's signature, by its name; other-agency must not be said beside it."""
    found = {}
    for file in json.loads(said)["files"]:
        rules = [found["rule"] for found in file["findings"]]
        signed = [rule for rule in rules if rule in SIGNED]
        assert len(signed) <= 1
        assert not (signed and signed[0] in ("template-genuine", "template-of-other") and "other-agency" in rules)
        found[Path(file["path"]).name] = "".join(signed)
    return found


def test_every_outcome_and_the_key_in_no_byte(gknb: Gknb, office: Path) -> None:
    key = read_key(office / "office.key")
    call = ("check", "foreign", "--roster", "名册.csv", "--key", "office.key")
    full = (*call, "-o", "结果", "--annotate", "退/foreign/批注", "--notice", "退回")
    ran = gknb(*full, "--json")
    assert ran.returncode == 1
    assert outcomes(ran.stdout) == OUTCOMES
    told = gknb(*call)
    for words in (
        "提示：签名相符：是发给甲局的 2024 年模板。",
        "错误：模板是发给甲局的（签名相符），「基本信息」填的机关是乙局。",
        "错误：隐藏的模板标识写的是：格式 2021，2024 年，乙局，编号 ",
        "提醒：填报表没有签名",
        "提醒：是数据文件或已公布的报告，没有签名",
    ):
        assert words in told.stdout
    assert told.stdout.count("签名相符：是发给甲局的") == 2
    extracted = [gknb("extract", "foreign", "-o", f"数据.{kind}") for kind in ("json", "csv")]
    rolled = gknb("rollup", "foreign", "--agency", "某县", "--roster", "名册.csv", "--allow-failed", "-o", "汇总")
    said = [ran, told, *extracted, rolled, gknb("check", "foreign", "--key", "名册.csv")]
    assert_nowhere(key, office, [stream for one in said for stream in (one.stdout, one.stderr)])
    assert "signature" not in (office / "数据.json").read_text(encoding="utf-8")
    data = json.loads((office / "数据.json").read_text(encoding="utf-8"))
    assert all(set(one) <= {"form", "agency", "year", "values", "texts", "info", "parts"} for one in data)


def spellings(key: Key) -> tuple[bytes, ...]:
    """The ways in which a key could stand somewhere; already a part of it would be too much."""
    secret = key.secret
    texts = (secret.hex(), secret.hex().upper(), base64.b64encode(secret).decode(), repr(secret)[2:-1])
    shifted = (base64.b64encode(b"x" * shift + secret)[4:-4].decode() for shift in (1, 2))
    return secret[:12], secret[-12:], *(part.encode() for one in (*texts, *shifted) for part in (one[:20], one[-20:]))


def assert_nowhere(key: Key, folder: Path, said: list[str]) -> None:
    """The key stands in no byte that was written or printed but in its own file."""
    count = 0
    for name, content in pieces(folder):
        if name != "office.key":
            count += 1
            assert not any(secret in content for secret in spellings(key)), name
    assert count > 100
    for one in said:
        assert not any(secret in one.encode() for secret in spellings(key))
    assert (folder / "结果" / LEDGER_NAME).exists()


def pieces(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file as it is, and every part of those that are packed."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield path.name, content
            if content.startswith(b"PK\x03\x04"):
                with zipfile.ZipFile(io.BytesIO(content)) as packed:
                    yield from ((f"{path.name}/{name}", packed.read(name)) for name in packed.namelist())


@pytest.mark.usefixtures("office")
def test_an_annotated_copy_that_comes_back_is_genuine(gknb: Gknb) -> None:
    gknb("check", "foreign", "--key", "office.key", "--annotate", "退/foreign/批注")
    copies = gknb("check", "退/foreign/批注", "--roster", "名册.csv", "--key", "office.key", "--json")
    wanted = {name: rule for name, rule in OUTCOMES.items() if name in ("1.xlsx", "2.xlsx", "3.xlsx", "4.xlsx")}
    assert outcomes(copies.stdout) == {name.replace(".", "-审核意见."): rule for name, rule in wanted.items()}


@pytest.mark.libreoffice
def test_a_signature_outlives_other_programs(gknb: Gknb, office: Path) -> None:
    """LibreOffice opens, recalculates and saves what was filled in, and identities that look like numbers."""
    files = sorted((office / "foreign").glob("[1-4].xlsx"))
    odd = {
        f"奇{n}": template(name, KEY, serial) for n, (name, serial) in enumerate([("=1+1局", "1e5"), ("甲 局", "007")])
    }
    files += [write(office / f"{name}.xlsx", content) for name, content in odd.items()]
    recalculate(files, office / "foreign" / "lo")
    ran = gknb("check", "foreign/lo", "--roster", "名册.csv", "--key", "office.key", "--json")
    kept = {name: rule for name, rule in OUTCOMES.items() if (office / "foreign" / "lo" / name).exists()}
    assert outcomes(ran.stdout) == {**kept, "奇0.xlsx": "identity-altered", "奇1.xlsx": "identity-altered"}, (
        "another key"
    )
    for name in odd:
        assert said_of((office / "foreign" / "lo" / f"{name}.xlsx").read_bytes()) == ["template-genuine"]


NO_MATCH = "带签名的 4 份没有一份与给的密钥相符，多半是密钥给错了。请用发放时的密钥再校验，核对之前不要退回"


def test_a_wrong_key_is_told_once_to_the_office_and_to_no_agency(gknb: Gknb, office: Path) -> None:
    write_key(office / "other.key", OTHER_KEY)
    call = ("check", "foreign", "--key", "other.key")
    ran = gknb(*call, "-o", "结果", "--notice", "退回")
    assert ran.stdout.count(f"注意，{NO_MATCH}。") == 1
    assert NO_MATCH in (office / "结果" / "校验结果.html").read_text(encoding="utf-8")
    assert json.loads((office / "结果" / "findings.json").read_text(encoding="utf-8"))["settings"] == [NO_MATCH]
    note = "".join(
        paragraph.text for path in (office / "退回").iterdir() for paragraph in Document(str(path)).paragraphs
    )
    assert "它与签名不符" in note
    assert "在原表上修改" not in note
    assert "密钥给错" not in note
    assert "--key" not in note


@pytest.mark.usefixtures("office")
def test_one_that_matches_or_is_not_looked_for_leaves_the_key_alone(gknb: Gknb, office: Path) -> None:
    call = ("check", "foreign", "--key", "office.key")
    assert "密钥给错" not in gknb(*call).stdout
    write_key(office / "other.key", OTHER_KEY)
    assert "密钥给错" not in gknb("check", "foreign/1.xlsx", "--key", "other.key").stdout, "one alone may be altered"
    assert "密钥给错" not in gknb("check", "foreign", "--key", "other.key", "--skip", "template-genuine").stdout


def test_resume_knows_one_key_from_another(gknb: Gknb, office: Path) -> None:
    def check(*options: str) -> dict[str, str]:
        return outcomes(gknb("check", "foreign", "--roster", "名册.csv", "-o", "结果", "--json", *options).stdout)

    none = {name: "" if rule == "template-unsigned" else "signature-unchecked" for name, rule in OUTCOMES.items()}
    assert check() == none
    assert check("--resume", "--key", "office.key") == OUTCOMES
    assert check("--resume", "--key", "office.key") == OUTCOMES
    write_key(office / "other.key", OTHER_KEY)
    signed = {
        name: "template-unsigned" if "unsigned" in rule else "identity-altered" for name, rule in OUTCOMES.items()
    }
    assert check("--resume", "--key", "other.key") == signed
    assert check("--resume") == none
    assert_ledger_has_no(office, read_key(office / "office.key"))


def assert_ledger_has_no(folder: Path, key: Key) -> None:
    content = (folder / "结果" / LEDGER_NAME).read_bytes()
    assert not any(secret in content for secret in spellings(key))


# ---------------------------------------------------------------- refusals


def test_the_command_refuses_to_overwrite(gknb: Gknb, tmp_path: Path) -> None:
    assert gknb("key", "-o", "keys/office.key").returncode == 0
    before = (tmp_path / "keys" / "office.key").read_bytes()
    assert_refused(gknb("key", "-o", "keys/office.key"), 2, "已经存在", "密钥文件从不覆盖")
    assert_refused(gknb("key", "-o", "keys"), 2, "keys 是文件夹")
    assert_refused(gknb("key", "-o", "keys/office.key/x"), 2, "是文件，不是文件夹")
    assert gknb("key", "-o", "keys/office.key", "--force").returncode == 2
    assert (tmp_path / "keys" / "office.key").read_bytes() == before


def test_wrong_keys_stop_both_commands_before_anything_is_written(gknb: Gknb, tmp_path: Path) -> None:
    text(tmp_path / "名册.csv", AGENCIES)
    write(tmp_path / "foreign" / "1.xlsx", MINE)
    for name, words in (
        ("missing.key", "找不到密钥文件"),
        ("foreign", "不是文件"),
    ):
        assert_refused(gknb("distribute", "名册.csv", "--year", 2024, "--key", name, "-o", "发放"), 2, words, name)
        assert_refused(gknb("check", "foreign", "--key", name, "-o", "结果"), 2, words, name)
    assert not (tmp_path / "发放").exists()
    assert not (tmp_path / "结果").exists()


@pytest.mark.parametrize("where", ["发放/office.key", "发放/深/office.key", "发放/link.key"])
def test_a_key_in_a_folder_that_is_handed_out_is_refused(gknb: Gknb, tmp_path: Path, where: str) -> None:
    text(tmp_path / "名册.csv", AGENCIES)
    path = tmp_path / where
    if path.stem == "link":
        write_key(tmp_path / "office.key", KEY)
        path.parent.mkdir()
        path.symlink_to(tmp_path / "office.key")
    else:
        write_key(path, KEY)
    for folder in ("发放", "发放/../发放"):
        ran = gknb("distribute", "名册.csv", "--year", 2024, "--key", where, "-o", folder)
        assert_refused(ran, 2, "在要发出去的文件夹", "移到")
    write(tmp_path / "foreign" / "1.xlsx", MINE)
    for option in ("--annotate", "--notice"):
        assert_refused(gknb("check", "foreign", "--key", where, option, "发放"), 2, "在要发出去的文件夹")
    assert not list((tmp_path / "发放").glob("*.xlsx"))


def test_a_key_does_not_go_over_a_network(gknb: Gknb, tmp_path: Path) -> None:
    text(tmp_path / "名册.csv", AGENCIES)
    write_key(tmp_path / "office.key", KEY)
    write(tmp_path / "foreign" / "1.xlsx", MINE)
    cluster = ("--key", "office.key", "--scheduler", "tcp://127.0.0.1:1")
    assert_refused(
        gknb("distribute", "名册.csv", "--year", 2024, "-o", "发放", *cluster), 2, "--scheduler", "密钥不经过网络"
    )
    assert_refused(gknb("check", "foreign", *cluster), 2, "--scheduler", "密钥不经过网络")


def test_a_key_beside_the_returns_is_told_as_what_it_is(gknb: Gknb, tmp_path: Path) -> None:
    write_key(tmp_path / "foreign" / "office.key", KEY)
    write(tmp_path / "foreign" / "1.xlsx", MINE)
    ran = gknb("check", "foreign", "--key", "foreign/office.key")
    assert [line for line in ran.stderr.splitlines() if "office.key" in line] == [f"  foreign/office.key：{OWN_FILE}。"]
    assert "office.key" not in ran.stdout


def test_what_was_sent_later_without_a_signature_does_not_take_the_place_of_a_genuine_return(
    gknb: Gknb, office: Path
) -> None:
    """Anybody can send a file in an agency's name; which of two counts must not hang on who is last."""
    back = office / "foreign"
    for path in back.iterdir():
        if path.name != "1.xlsx":
            path.unlink()
    forged = write(back / "9.xlsx", build_workbook(replace(report("suqian-2024"), agency="甲局")))
    os.utime(back / "1.xlsx", (1_700_000_000, 1_700_000_000))
    for key, counted, why in ((("--key", "office.key"), "1.xlsx", "签名相符的"), ((), "9.xlsx", "最近改动的")):
        result = gknb("check", "foreign", "--roster", "名册.csv", "--json", *key)
        files = {Path(file["path"]).name: file for file in json.loads(result.stdout)["files"]}
        assert {name for name, file in files.items() if file["standing"] != "重复"} == {counted}
        messages = [found["message"] for file in files.values() for found in file["findings"]]
        assert sum(f"按{why} {counted} 计" in message for message in messages) == 2
    assert forged.exists()


# ---------------------------------------------------------------- what is not known to be the agency's does not count


def stripped(content: bytes) -> bytes:
    """A form that was issued signed, without its signature."""
    return edited(content, ("_gknb!A7", None), ("_gknb!B7", None))


def agencies_of(said: str) -> dict[str, str]:
    return {agency["agency"]: agency["state"] for agency in json.loads(said)["agencies"]}


def test_a_return_without_the_signature_that_it_was_issued_with_does_not_count(gknb: Gknb, office: Path) -> None:
    back = office / "foreign"
    for path in back.iterdir():
        path.unlink()
    good = write(back / "好.xlsx", completed(office / "发放" / "2-乙局.xlsx"))
    bad = write(back / "坏.xlsx", stripped(completed(office / "发放" / "1-甲局.xlsx")))
    call = ("check", "foreign", "--roster", "名册.csv", "--key", "office.key")
    ran = gknb(*call, "--json")
    assert ran.returncode == 1
    assert outcomes(ran.stdout) == {good.name: "template-genuine", bad.name: "signature-missing"}
    assert agencies_of(ran.stdout) == {"甲局": "有误", "乙局": "已报", "丙局": "未报"}
    assert "没有签名，看不出是不是发给本机关的，不算已报" in gknb(*call).stdout
    for options in ((), ("--allow-failed",)):
        rolled = gknb(
            *("rollup", "foreign", "--agency", "某县", "--roster", "名册.csv", "--key", "office.key", "-o", "汇总"),
            *options,
        )
        assert rolled.returncode == (0 if options else 1), rolled.stderr
        assert f"甲局（{Path('foreign') / bad.name}）" in rolled.stderr
    assert "汇总了 1 份" in rolled.stderr, "not even with --allow-failed"


def completed(path: Path) -> bytes:
    """A template that was filled in without a fault, in the file that was issued."""
    source = report("suqian-2024")
    book = load_workbook(path)
    for cell in FORM.filled:
        sheet, address = LAYOUT.places[cell.id].split("!")
        value = source.values[cell.id]
        book[sheet][address] = None if value is None else float(value)
    texts = [source.texts[section.id] for section in FORM.text_sections]
    for column, paragraphs in enumerate(texts, 1):
        for row, paragraph in enumerate(paragraphs, 5):
            book["文字"].cell(row, column).value = paragraph
    return saved(book)


def test_the_office_may_take_what_it_issued_before_it_had_a_key(gknb: Gknb, office: Path) -> None:
    """It says so in its settings; nobody else can."""
    for path in (office / "foreign").iterdir():
        path.unlink()
    write(office / "foreign" / "1.xlsx", stripped(completed(office / "发放" / "1-甲局.xlsx")))
    call = ("check", "foreign", "--roster", "名册.csv", "--key", "office.key", "--json")
    assert agencies_of(gknb(*call).stdout)["甲局"] == "有误"
    (office / "gknb.toml").write_text('[rules]\nsignature-missing = "warning"\n', encoding="utf-8")
    assert agencies_of(gknb(*call).stdout)["甲局"] == "已报"


def test_a_newer_file_without_its_signature_does_not_take_the_place_of_another(gknb: Gknb, office: Path) -> None:
    back = office / "foreign"
    for path in back.iterdir():
        path.unlink()
    own = write(back / "1.json", json.dumps({**DATA, "agency": "甲局"}).encode())
    bad = write(back / "9.xlsx", stripped(completed(office / "发放" / "1-甲局.xlsx")))
    os.utime(own, (1_700_000_000, 1_700_000_000))
    files = json.loads(gknb("check", "foreign", "--roster", "名册.csv", "--key", "office.key", "--json").stdout)[
        "files"
    ]
    assert {Path(file["path"]).name: file["standing"] for file in files} == {own.name: "已报", bad.name: "重复"}
    said = [found["message"] for file in files for found in file["findings"] if found["rule"] == "duplicate-return"]
    assert all("按填过、签名没有疑问的 1.json 计" in message for message in said)


def test_an_old_years_signed_form_is_refused_without_a_roster(gknb: Gknb, tmp_path: Path) -> None:
    write_key(tmp_path / "office.key", KEY)
    source = report("suqian-2024")

    def returned(name: str, year: int, key: Key | None = KEY) -> Path:
        filled = replace(source, agency=name, year=year, issued="1" if key else "")
        identity = Identity(FORM.id, year, name, "1")
        return write(
            tmp_path / "foreign" / f"{name}.xlsx", build_workbook(filled, signature=sign(key, identity) if key else "")
        )

    def said(*options: object) -> dict[str, list[str]]:
        ran = gknb("check", "foreign", "--json", *options)
        return {
            Path(file["path"]).stem: [
                f"{found['severity']} {found['rule']}" for found in file["findings"] if "year" in found["rule"]
            ]
            for file in json.loads(ran.stdout)["files"]
        }

    for name, year, key in (("甲局", 2024, KEY), ("乙局", 2024, KEY), ("丙局", 2023, KEY), ("丁局", 2023, None)):
        returned(name, year, key)
    none: dict[str, list[str]] = {"甲局": [], "乙局": [], "丙局": [], "丁局": []}
    key = ("--key", "office.key")
    assert said(*key, "--year", 2024) == {
        **none,
        "丙局": ["error template-of-other-year"],
        "丁局": ["warning return-of-other-year"],
    }
    assert said() == none, "without a key a batch may be of several years"
    told_only = ["warning return-of-other-year"]
    assert said("--year", 2024) == {**none, "丙局": told_only, "丁局": told_only}
    (tmp_path / "foreign" / "丁局.xlsx").unlink()
    del none["丁局"]
    assert said(*key) == {**none, "丙局": ["error template-of-other-year"]}, "the year of most files"
    told = gknb("check", "foreign", *key)
    assert told.returncode == 1
    assert (
        "注意，没有用 --year 写明本次的年度，按多数文件认作 2024 年，签名相符的其他年度的 1 份不算已报。" in told.stdout
    )
    assert gknb("check", "foreign/丙局.xlsx", *key).returncode == 0, "of a single file no other year is known"
    assert gknb("check", "foreign/丙局.xlsx", *key, "--year", 2024).returncode == 1
