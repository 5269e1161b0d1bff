"""What is not known to be the agency's does not count."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Gknb
from kit import report, write
from openpyxl import load_workbook
from signed_templates import DATA, FORM, KEY, LAYOUT, edited, outcomes, saved

from toolkit.submission.model import Identity
from toolkit.submission.signing import Key, sign, write_key
from toolkit.workbook.template import build_workbook


@pytest.mark.slow
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


def stripped(content: bytes) -> bytes:
    """A form that was issued signed, without its signature."""
    return edited(content, ("_gknb!A7", None), ("_gknb!B7", None))


def agencies_of(said: str) -> dict[str, str]:
    return {agency["agency"]: agency["state"] for agency in json.loads(said)["agencies"]}


@pytest.mark.slow
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
    assert agencies_of(ran.stdout) == {"甲局": "有误", "乙局": "通过", "丙局": "未报"}
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


@pytest.mark.slow
def test_the_office_may_take_what_it_issued_before_it_had_a_key(gknb: Gknb, office: Path) -> None:
    """It says so in its settings; nobody else can."""
    for path in (office / "foreign").iterdir():
        path.unlink()
    write(office / "foreign" / "1.xlsx", stripped(completed(office / "发放" / "1-甲局.xlsx")))
    call = ("check", "foreign", "--roster", "名册.csv", "--key", "office.key", "--json")
    assert agencies_of(gknb(*call).stdout)["甲局"] == "有误"
    (office / "gknb.toml").write_text('[rules]\nsignature-missing = "warning"\n', encoding="utf-8")
    assert agencies_of(gknb(*call).stdout)["甲局"] == "通过"


@pytest.mark.slow
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
    assert {Path(file["path"]).name: file["standing"] for file in files} == {own.name: "通过", bad.name: "重复"}
    said = [found["message"] for file in files for found in file["findings"] if found["rule"] == "duplicate-return"]
    assert all("按填过、签名没有疑问的 1.json 计" in message for message in said)


@pytest.mark.slow
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
