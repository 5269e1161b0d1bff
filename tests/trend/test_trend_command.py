"""Which reports make a trend, and what the command says of others."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from command_line import assert_refused
from kit import write
from trend_sheets import (
    AGENCY,
    NOW,
    OLD,
    THEN,
    assert_nothing_lost,
)

from toolkit.problems import Problem
from toolkit.submission.json_csv import to_data
from toolkit.submission.model import Submission
from toolkit.trend.model import NamedReport, choose
from toolkit.workbook.template import build_workbook

Gknb = Callable[..., CompletedProcess[str]]


# ---------------------------------------------------------------- which reports


def test_one_agency_by_whatever_spaces_and_widths() -> None:
    spaced = replace(THEN, agency=f" {AGENCY[:2]}\u3000{AGENCY[2:]}")
    chosen = choose([NamedReport("a", spaced), NamedReport("b", NOW)])
    assert [one.year for one in chosen.submissions] == [2023, 2024]
    with pytest.raises(Problem, match=f"有 2 个机关的报告：{AGENCY}、乙局。.*--agency"):
        choose([NamedReport("a", THEN), NamedReport("b", NOW), NamedReport("c", replace(NOW, agency="乙局"))])
    chosen = choose(
        [NamedReport("a", THEN), NamedReport("b", NOW), NamedReport("c", replace(NOW, agency="乙局"))], AGENCY
    )
    assert chosen.others == 1
    with pytest.raises(Problem, match="没有「丙局」的报告，读到的是"):
        choose([NamedReport("a", THEN), NamedReport("b", NOW)], "丙局")


def test_two_reports_of_one_year() -> None:
    other = replace(NOW, values={**NOW.values, "requests.granted.natural": 1})
    with pytest.raises(Problem, match=r"2024 年有 2 份报告，内容不同：甲\.xlsx、乙\.xlsx。请只留一份。"):
        choose([NamedReport("旧.xlsx", THEN), NamedReport("甲.xlsx", NOW), NamedReport("乙.xlsx", other)])
    chosen = choose([NamedReport("旧.xlsx", THEN), NamedReport("甲.xlsx", NOW), NamedReport("乙.json", replace(NOW))])
    assert chosen.sources[2024] == ("甲.xlsx", "乙.json")
    assert len(chosen.submissions) == 2


def test_one_year_is_no_trend() -> None:
    with pytest.raises(Problem, match="只有 2024 年一年的报告，至少要有两个年度"):
        choose([NamedReport("a", NOW)])
    with pytest.raises(Problem, match="没有读出报告"):
        choose([])


# ---------------------------------------------------------------- the command


def json_file(path: Path, *submissions: Submission) -> Path:
    data = [to_data(one) for one in submissions]
    return write(path, json.dumps(data, ensure_ascii=False).encode())


@pytest.mark.slow
def test_the_command_takes_what_extract_takes(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "历年" / "2024.xlsx", build_workbook(NOW))
    json_file(tmp_path / "历年" / "更早.json", OLD)
    with zipfile.ZipFile(tmp_path / "2023.zip", "w") as archive:
        archive.writestr("表/2023.xlsx", build_workbook(THEN))
    result = gknb("trend", "历年", "2023.zip", "-o", "趋势.xlsx")
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert f"已写出 趋势.xlsx：{AGENCY}，2019、2023、2024 年。" in result.stderr
    assert_nothing_lost(tmp_path / "趋势.xlsx", (OLD, THEN, NOW))
    one = (tmp_path / "趋势.xlsx").read_bytes()
    assert_refused(gknb("trend", "历年", "2023.zip", "-o", "趋势.xlsx"), 2, "已经存在", "--force")
    assert gknb("trend", "历年", "2023.zip", "-o", "趋势.xlsx", "--force", "--workers", 1).returncode == 0
    assert (tmp_path / "趋势.xlsx").read_bytes() == one


def test_what_cannot_be_read_is_named_and_the_rest_is_written(gknb: Gknb, tmp_path: Path) -> None:
    json_file(tmp_path / "历年" / "表.json", THEN, NOW)
    write(tmp_path / "历年" / "坏.xlsx", b"PK\x03\x04 broken")
    result = gknb("trend", "历年", "-o", "趋势.xlsx")
    assert result.returncode == 1
    assert "坏.xlsx" in result.stderr
    assert (tmp_path / "趋势.xlsx").exists()


@pytest.mark.slow
def test_the_command_refuses(gknb: Gknb, tmp_path: Path) -> None:
    json_file(tmp_path / "表.json", THEN, NOW, replace(NOW, agency="乙局"))
    assert_refused(gknb("trend", "表.json", "-o", "趋势.xls"), 2, ".xlsx")
    assert_refused(gknb("trend", "表.json", "-o", "趋势.xlsx"), 2, "乙局", AGENCY, "--agency")
    assert_refused(gknb("trend", "表.json", "--agency", "乙局", "-o", "趋势.xlsx"), 2, "只有 2024 年")
    assert_refused(gknb("trend", "没有.json", "-o", "趋势.xlsx"), 2, "没有.json")
    assert not (tmp_path / "趋势.xlsx").exists()
    result = gknb("trend", "表.json", "--agency", AGENCY, "-o", "趋势.xlsx")
    assert result.returncode == 0, result.stderr
    assert "另有 1 份是其他机关的，没有用。" in result.stderr
    assert "gknb trend" in gknb("trend", "--help").stdout.partition("例：")[2]
