"""Mail packs: one archive for each agency, the same bytes for the same content, and nobody's changes are lost."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from command_line import Gknb
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from kit import others_document, read, write
from office import convert
from rosters import write_csv
from validator import assert_valid

from toolkit.batch.mail_packs import COVER_NAME, GUIDE_NAME, Mailing, agency_of_pack, build_pack, covering_text
from toolkit.batch.roster import RosterEntry
from toolkit.files.write import file_name
from toolkit.reports.guide import build_guide

CALL = ("distribute", "名册.csv", "--year", 2024, "-o", "发放")
FULL = (*CALL, "--deadline", "2025-01-20", "--office", "青河县人民政府办公室")


def roster(folder: Path, *names: str) -> None:
    write_csv(folder / "名册.csv", [["机关全称", "曾用名"], *([*name.split("<"), ""][:2] for name in names)])


def packs(folder: Path) -> dict[str, tuple[bytes, int]]:
    place = folder / "发放" / "邮寄包"
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(place.glob("*"))}


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def test_a_pack_has_the_form_the_guide_and_what_to_do_by_when(gknb: Gknb, tmp_path: Path) -> None:
    roster(tmp_path, "青河县教育局", "乙/局")
    ran = gknb(*FULL)
    assert ran.returncode == 0, ran.stderr
    assert "邮寄包（发放/邮寄包）：写出 2。" in ran.stderr
    assert list(packs(tmp_path)) == ["1-青河县教育局.zip", "2-乙_局.zip"]
    path = tmp_path / "发放" / "邮寄包" / "1-青河县教育局.zip"
    inside = members(path)
    assert list(inside) == ["1-青河县教育局.xlsx", GUIDE_NAME, COVER_NAME]
    assert inside["1-青河县教育局.xlsx"] == (tmp_path / "发放" / "1-青河县教育局.xlsx").read_bytes()
    text = inside[COVER_NAME].decode("utf-8-sig")
    assert text.startswith("青河县教育局：\r\n")
    assert "请于 2025年1月20日 前，把填好的填报表交回：文件名不改，仍是“1-青河县教育局.xlsx”，格式仍是 .xlsx。" in text
    assert "请问青河县人民政府办公室" in text
    guide = "".join(paragraph.text for paragraph in Document(io.BytesIO(inside[GUIDE_NAME])).paragraphs)
    assert "不清楚的，问：青河县人民政府办公室" in guide
    assert "请于2025年1月20日前交回。" in guide
    with zipfile.ZipFile(path) as archive:
        assert all(info.flag_bits & 0x800 for info in archive.infolist()), "Windows shows Chinese names right"
        assert {info.date_time for info in archive.infolist()} == {(2025, 1, 1, 0, 0, 0)}


def test_packs_are_made_in_a_project_or_with_a_deadline_or_when_asked_for(gknb: Gknb, tmp_path: Path) -> None:
    roster(tmp_path, "甲局")
    assert gknb(*CALL).returncode == 0
    assert sorted(path.name for path in (tmp_path / "发放").iterdir()) == ["1-甲局.xlsx", "发放清单.xlsx"]
    gknb(*FULL, "--no-zip")
    assert not packs(tmp_path)
    gknb(*CALL, "--zip")
    assert len(packs(tmp_path)) == 1
    shutil.rmtree(tmp_path / "发放")
    write(tmp_path / "gknb.toml", '[project]\nyear = 2024\nroster = "名册.csv"\n'.encode())
    assert gknb("distribute").returncode == 0
    assert len(packs(tmp_path)) == 1


def test_again_only_what_changed_is_written(gknb: Gknb, tmp_path: Path) -> None:
    roster(tmp_path, "甲局", "乙局", "丙局")
    gknb(*FULL)
    before = packs(tmp_path)
    assert "邮寄包（发放/邮寄包）：未变 3。" in gknb(*FULL).stderr
    assert packs(tmp_path) == before
    roster(tmp_path, "新局", "丙局", "戊局<甲局")
    ran = gknb(*FULL)
    assert "邮寄包（发放/邮寄包）：写出 3。" in ran.stderr
    assert "1 个压缩包不在名册上，没有动：2-乙局.zip" in ran.stderr, "the agency that was removed"
    assert list(packs(tmp_path)) == ["1-新局.zip", "2-丙局.zip", "2-乙局.zip", "3-戊局.zip"], (
        "no pack under an old name"
    )
    later = gknb(*CALL, "--deadline", "2025-02-10")
    assert "写出 3" in later.stderr.splitlines()[-1]


def test_what_others_changed_is_not_touched(gknb: Gknb, tmp_path: Path) -> None:
    roster(tmp_path, "甲局", "乙局")
    gknb(*FULL)
    path = tmp_path / "发放" / "邮寄包" / "1-甲局.zip"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("另附通知.docx", others_document())
    write(path.with_name("收发登记.txt"), b"x")
    before = packs(tmp_path)
    ran = gknb(*CALL, "--deadline", "2025-02-10")
    assert "有 1 个邮寄包应当更新，但已有人改动，没有覆盖：甲局。" in ran.stderr
    assert ran.returncode == 1
    after = packs(tmp_path)
    assert after["1-甲局.zip"] == before["1-甲局.zip"]
    assert after["收发登记.txt"] == before["收发登记.txt"]
    assert after["2-乙局.zip"] != before["2-乙局.zip"]
    assert gknb(*CALL, "--deadline", "2025-02-10", "--force").returncode == 0
    assert set(members(path)) == {"1-甲局.xlsx", GUIDE_NAME, COVER_NAME}


def test_a_form_that_somebody_has_filled_in_is_not_mailed(gknb: Gknb, tmp_path: Path) -> None:
    roster(tmp_path, "甲局", "乙局")
    gknb(*CALL)
    write(tmp_path / "发放" / "1-甲局.xlsx", (tmp_path / "发放" / "1-甲局.xlsx").read_bytes() + b" ")
    ran = gknb(*FULL)
    assert "邮寄包（发放/邮寄包）：写出 1，没有打包" in ran.stderr
    assert list(packs(tmp_path)) == ["2-乙局.zip"]


def test_the_form_in_a_pack_comes_back_as_a_return(gknb: Gknb, tmp_path: Path) -> None:
    roster(tmp_path, "甲局")
    gknb(*FULL)
    write(tmp_path / "收回" / "甲局.xlsx", members(tmp_path / "发放" / "邮寄包" / "1-甲局.zip")["1-甲局.xlsx"])
    assert read(tmp_path / "收回" / "甲局.xlsx").agency == "甲局"


@pytest.mark.validator
@pytest.mark.libreoffice
def test_the_guide_is_valid_and_one_page(tmp_path: Path) -> None:
    pdfplumber = pytest.importorskip("pdfplumber")
    assert build_guide("办", "1月20日") == build_guide("办", "1月20日")
    path = write(tmp_path / "须知.docx", build_guide("青河县人民政府办公室政务公开科" * 3, "2025年1月20日"))
    assert_valid(path)
    convert([path], tmp_path / "foreign", "pdf")
    with pdfplumber.open(tmp_path / "foreign" / "须知.pdf") as pdf:
        assert len(pdf.pages) == 1


@given(st.text(min_size=1, max_size=100), st.text(max_size=60), st.binary(max_size=200))
def test_whatever_the_names_a_pack_is_sound_and_known_again(agency: str, office: str, form: bytes) -> None:
    entry, name = RosterEntry(agency, 2), file_name(f"1-{agency}", ".xlsx")
    mailing = Mailing("报告", 2024, office, "2025年1月20日", b"guide")
    content = build_pack(entry, name, form, mailing)
    assert content == build_pack(entry, name, form, mailing)
    assert agency_of_pack(content) == entry.id
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [name, GUIDE_NAME, COVER_NAME]
        assert archive.read(name) == form
    assert office in covering_text(agency, name, mailing)


@given(st.binary(max_size=300))
def test_what_is_no_pack_of_ours_is_known_as_such(content: bytes) -> None:
    assert agency_of_pack(content) == ""
    assert agency_of_pack(build_pack(RosterEntry("甲", 2), "甲.xlsx", content, Mailing("报告", 2024))[:-1]) == ""
