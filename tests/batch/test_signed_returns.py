"""Signed templates go out, come back and are told from others; the key stands in no byte of anything."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Gknb
from distributions import ISSUE, ONE, THREE, TWO, done, issue, work_in
from docx import Document
from kit import read, write
from office import recalculate
from rosters import write_csv
from signed_templates import (
    AGENCIES,
    FORM,
    KEY,
    OTHER_KEY,
    outcomes,
    said_of,
    spellings,
    template,
)

from toolkit.batch.ledger.ledger import LEDGER_NAME
from toolkit.problems import Problem
from toolkit.submission.model import Identity
from toolkit.submission.signing import Key, read_key, write_key

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


@pytest.mark.slow
def test_it_is_the_same_with_any_number_of_workers(gknb: Gknb, tmp_path: Path) -> None:
    roster = write_csv(tmp_path / "名册.csv", AGENCIES)
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


OUTCOMES = {
    "1.xlsx": "template-genuine",
    "2.xlsx": "template-genuine",
    "3.xlsx": "template-of-other",
    "4.xlsx": "identity-altered",
    "5.xlsx": "template-unsigned",
    "6.json": "template-unsigned",
}


@pytest.mark.slow
def test_every_outcome_and_the_key_in_no_byte(gknb: Gknb, office: Path) -> None:
    key = read_key(office / "office.key")
    call = ("check", "foreign", "--roster", "名册.csv", "--key", "office.key")
    full = (*call, "-o", "结果", "--annotate", "退/foreign/批注", "--notice", "退回")
    ran = gknb(*full, "--json")
    assert ran.returncode == 1
    assert outcomes(ran.stdout) == OUTCOMES
    told = gknb("check", "foreign", "--key", "office.key")
    for words in (
        "提示：签名相符：是发给甲局的 2024 年模板。",
        "错误：模板是发给甲局的（签名相符），「基本信息」填的机关是乙局。",
        "错误：隐藏的模板标识写的是：格式 2021，2024 年，乙局，编号 ",
        "提醒：填报表没有签名",
        "提醒：是数据文件或已公布的报告，没有签名",
    ):
        assert words in told.stdout
    assert told.stdout.count("签名相符：是发给甲局的") == 1
    extracted = [gknb("extract", "foreign", "-o", f"数据.{kind}") for kind in ("json", "csv")]
    rolled = gknb("rollup", "foreign", "--agency", "某县", "--roster", "名册.csv", "--allow-failed", "-o", "汇总")
    said = [ran, told, *extracted, rolled, gknb("check", "foreign", "--key", "名册.csv")]
    assert_nowhere(key, office, [stream for one in said for stream in (one.stdout, one.stderr)])
    assert "signature" not in (office / "数据.json").read_text(encoding="utf-8")
    data = json.loads((office / "数据.json").read_text(encoding="utf-8"))
    assert all(set(one) <= {"form", "agency", "year", "values", "texts", "info", "parts"} for one in data)


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


@pytest.mark.slow
@pytest.mark.usefixtures("office")
def test_an_annotated_copy_that_comes_back_is_genuine(gknb: Gknb) -> None:
    gknb("check", "foreign", "--key", "office.key", "--annotate", "退/foreign/批注")
    copies = gknb("check", "退/foreign/批注", "--roster", "名册.csv", "--key", "office.key", "--json")
    workbooks = [f"{number}.xlsx" for number in range(1, 6)]
    wanted = {name: rule for name, rule in OUTCOMES.items() if name in workbooks}
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.usefixtures("office")
def test_one_that_matches_or_is_not_looked_for_leaves_the_key_alone(gknb: Gknb, office: Path) -> None:
    call = ("check", "foreign", "--key", "office.key")
    assert "密钥给错" not in gknb(*call).stdout
    write_key(office / "other.key", OTHER_KEY)
    assert "密钥给错" not in gknb("check", "foreign/1.xlsx", "--key", "other.key").stdout, "one alone may be altered"
    assert "密钥给错" not in gknb("check", "foreign", "--key", "other.key", "--skip", "template-genuine").stdout


@pytest.mark.slow
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
