"""A filled template that was saved in another way (.xls, .et, .ods), or with a password, is read all the same."""

import json
import shutil
from pathlib import Path

import pytest
from kit import report, write
from office import convert
from packages import as_ods, locked

from toolkit.batch.received.files import Item
from toolkit.batch.sources import ReadingOptions, Source, read_item
from toolkit.files.limits import Admission
from toolkit.workbook.template import build_workbook

SOURCE = report("suqian-2024")
WRONG = ReadingOptions(admission=Admission(passwords=("错的",)))
RIGHT = ReadingOptions(admission=Admission(passwords=("错的", "对的")))


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    return write(tmp_path / "填好的表.xlsx", build_workbook(SOURCE))


def read_one(path: Path, reading: ReadingOptions = WRONG) -> Source:
    (source,) = read_item(Item(str(path)), reading)
    return source


def assert_same(found: Source) -> None:
    """The figures and the texts are those of the workbook that was saved."""
    assert found.submission, found.problem
    assert found.submission.all_values == SOURCE.all_values
    assert found.submission.texts == SOURCE.texts
    assert (found.submission.agency, found.submission.year) == (SOURCE.agency, SOURCE.year)


@pytest.mark.libreoffice
def test_saved_by_libreoffice(filled: Path, tmp_path: Path, gknb) -> None:
    foreign = tmp_path / "foreign"
    for kind, ending in (("xls:MS Excel 97", "xls"), ("ods:calc8", "ods")):
        convert([filled], foreign, kind)
        found = read_one(foreign / f"填好的表.{ending}")
        assert_same(found)
        assert found.submission
        assert [met.kind for met in found.submission.irregularities] == ["file-converted"]
    shutil.copy(foreign / "填好的表.xls", foreign / "填好的表.et")
    shutil.copy(foreign / "填好的表.xls", foreign / "名字不对.xlsx")
    result = gknb("check", "foreign", "--json")
    files = json.loads(result.stdout)["files"]
    assert len(files) == 4
    assert {file["status"] for file in files} == {"passed"}
    for file in files:
        (told,) = [found for found in file["findings"] if found["rule"] == "file-converted"]
        assert "没有核对" in told["message"]
    made = gknb("import", "foreign/填好的表.xls", "-o", "导入")
    assert made.returncode == 0, made.stderr
    assert_same(read_one(tmp_path / "导入" / "填好的表.xlsx"))
    assert gknb("report", "foreign/填好的表.ods", "-o", "报告").returncode == 0


@pytest.mark.libreoffice
def test_wrong_figures_are_found_in_a_converted_file(tmp_path: Path, gknb) -> None:
    filled = write(tmp_path / "有误.xlsx", build_workbook(report("wenxian-jyj-2020")))
    convert([filled], tmp_path / "foreign", "xls:MS Excel 97")
    before, after = (json.loads(gknb("check", path, "--json").stdout) for path in (filled, "foreign/有误.xls"))
    rules = [{found["rule"] for found in data["files"][0]["findings"]} for data in (before, after)]
    assert rules[1] == rules[0] | {"file-converted"}


def test_made_by_hand(filled: Path, tmp_path: Path) -> None:
    assert_same(read_one(write(tmp_path / "foreign" / "甲.ods", as_ods(filled))))


@pytest.mark.slow
def test_passwords(filled: Path, tmp_path: Path, gknb) -> None:
    path = write(tmp_path / "foreign" / "有密码.xlsx", locked(filled.read_bytes(), "对的"))
    without = gknb("check", path)
    assert (without.returncode, without.stderr) == (1, "")
    assert "请加 --file-password" in without.stdout
    assert read_one(path).cause == "encrypted"
    assert "都不对" in read_one(path).problem
    found = read_one(path, RIGHT)
    assert_same(found)
    assert found.submission
    assert [met.kind for met in found.submission.irregularities] == ["file-locked"]
    for call in (("--file-password", "错的", "--file-password", "对的"), ()):
        done = gknb("check", path, *call, GKNB_FILE_PASSWORD="" if call else "对的")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "对的" not in done.stdout + done.stderr
    for command in ("report", "extract", "import"):
        assert gknb(command, path, "--file-password", "对的").returncode == 0
    summed = gknb("rollup", path, "--agency", "某县", "-o", "汇总", "--file-password", "对的")
    assert summed.returncode == 0, summed.stderr


def test_a_password_that_is_given_later_is_tried(filled: Path, tmp_path: Path, gknb) -> None:
    path = write(tmp_path / "foreign" / "有密码.xlsx", locked(filled.read_bytes(), "对的"))
    assert gknb("check", path, "-o", "结果").returncode == 1
    assert gknb("check", path, "-o", "结果", "--resume", "--file-password", "对的").returncode == 0
    for file in (tmp_path / "结果").iterdir():
        assert "对的".encode() not in file.read_bytes()
