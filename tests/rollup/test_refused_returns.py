"""Nobody counts twice, and what does not count is said."""

import json
import os
import random
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batches import names, workbook
from docx import Document
from kit import read, report, write
from openpyxl import load_workbook
from rollups import COUNTY, FORM, YEAR, Say, completed, figures, linked, put, recount, refused, sound, three

from toolkit.reports.content import report_of
from toolkit.reports.web_page import report_page
from toolkit.rollup.sum_table import HEAD
from toolkit.rollup.sums import roll_up
from toolkit.submission.json_csv import to_data
from toolkit.submission.model import Submission
from toolkit.workbook.template import blank_submission, build_workbook


def failing(submission: Submission) -> Submission:
    return replace(submission, values={**submission.values, "requests.received.natural": 999_999})


def test_a_failed_return_is_refused_and_counted_only_when_it_is_allowed(gknb_here: Say, tmp_path: Path) -> None:
    one, two, other = three()
    source = put(tmp_path / "表.json", one, failing(two), other)
    refused(gknb_here, source, "--agency", "甲县", words=["甲县民政局", "表三自然人列", "--allow-failed"])
    status, said = gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总", "--allow-failed")
    assert status == 0, said
    assert "甲县民政局" in said
    expected = recount([to_data(each) for each in (one, failing(two), other)])
    assert figures(read(completed(tmp_path / "汇总"))) == expected
    book = load_workbook(tmp_path / "汇总" / "汇总表.xlsx")
    assert "甲县民政局\n（有误）" in [cell.value for cell in book["三"][HEAD + 1]]
    states = {row[0]: (row[2], row[3]) for row in book["来源"].iter_rows(min_row=4, values_only=True)}
    assert states == {"甲县教育局": ("通过", "是"), "甲县民政局": ("有误", "是"), "甲县财政局": ("通过", "是")}


def test_a_published_report_without_a_table_is_refused_like_a_wrong_one(gknb_here: Say, tmp_path: Path) -> None:
    """Nobody knows the figures that were not found: they are no zeros of the sum."""
    page = report_page(report_of(report("suqian-2024")))
    without = re.sub(r"(四、政府信息公开行政复议、行政诉讼情况</h2>).*?</table>", r"\1", page, flags=re.S)
    source = write(tmp_path / "宿迁市人民政府2024年年报.html", without.encode())
    refused(gknb_here, source, "--agency", "甲市", words=["宿迁市人民政府", "没有找到表四", "--allow-failed"])
    assert gknb_here("rollup", source, "--agency", "甲市", "-o", "汇总", "--allow-failed")[0] == 0


def test_a_file_that_cannot_be_read_is_refused_or_left_out(gknb_here: Say, tmp_path: Path) -> None:
    put(tmp_path / "收" / "表.json", *three())
    write(tmp_path / "收" / "坏.xlsx", b"PK\x03\x04 broken")
    refused(gknb_here, "收", "--agency", "甲县", words=["坏.xlsx", "--allow-failed"])
    status, said = gknb_here("rollup", "收", "--agency", "甲县", "-o", "汇总", "--allow-failed")
    assert status == 0
    assert "坏.xlsx" in said
    assert "汇总了 3 份" in said
    sources = load_workbook(tmp_path / "汇总" / "汇总表.xlsx")["来源"]
    assert ["无法读取", "否"] in [[row[2], row[3]] for row in sources.iter_rows(values_only=True)]


def roster_of(path: Path, *agencies: str) -> Path:
    return write(path, "\n".join(["机关全称,曾用名,分组", *agencies]).encode())


def test_a_stranger_never_counts_and_who_is_missing_is_said(gknb_here: Say, tmp_path: Path) -> None:
    source = put(tmp_path / "表.json", *three())
    roster = roster_of(tmp_path / "名册.csv", "甲县教育局", "甲县民政局", "甲县水利局")
    call = (source, "--agency", "甲县人民政府", "--roster", roster)
    refused(gknb_here, *call, words=["不在名册", "甲县财政局", "未报", "甲县水利局"])
    status, said = gknb_here("rollup", *call, "-o", "汇总", "--allow-failed")
    assert status == 0
    assert "甲县财政局" in said
    assert figures(read(completed(tmp_path / "汇总"))) == recount([to_data(each) for each in three()[:2]])
    missing = load_workbook(tmp_path / "汇总" / "汇总表.xlsx")["未报"]
    assert [row[0] for row in missing.iter_rows(min_row=4, values_only=True)] == ["甲县水利局"]
    (draft,) = (tmp_path / "汇总").glob("*.docx")
    assert "甲县水利局" in "".join(line.text for line in Document(str(draft)).paragraphs[:4])


@pytest.mark.slow
def test_two_returns_of_an_agency_are_refused_unless_the_roster_takes_the_newest(
    gknb_here: Say, tmp_path: Path
) -> None:
    one, two, other = three()
    newer = sound("甲县老名局", random.Random(8))
    old, new = (
        put(tmp_path / "收" / "旧.json", two),
        put(tmp_path / "收" / "新.json", replace(newer, agency=two.agency)),
    )
    rest = put(tmp_path / "收" / "其他.json", one, other)
    for path, changed in ((old, 1_000_000), (new, 2_000_000), (rest, 2_000_000)):
        os.utime(path, (changed, changed))
    refused(gknb_here, "收", "--agency", "甲县", words=["甲县民政局", "旧.json", "新.json"])
    roster = roster_of(tmp_path / "名册.csv", "甲县教育局", "甲县民政局,甲县老名局", "甲县财政局")
    call = ("rollup", "收", "--agency", "甲县", "--roster", roster, "-o")
    expected = recount([to_data(each) for each in (one, newer, other)])
    assert gknb_here(*call, "甲")[0] == 0
    assert figures(read(completed(tmp_path / "甲"))) == expected
    put(new, newer)  # the same agency under its former name
    os.utime(new, (2_000_000, 2_000_000))
    status, said = gknb_here(*call, "乙")
    assert status == 0, said
    total = read(completed(tmp_path / "乙"))
    assert figures(total) == expected
    assert {"甲县民政局", "甲县老名局"} <= set(total.parts)
    os.utime(new, (1_000_000, 1_000_000))
    status, said = gknb_here(*call, "丙")
    assert (status, "分不出先后" in said) == (1, True)


def test_an_empty_template_is_no_return_beside_a_filled_one_and_is_missing_alone(
    gknb_here: Say, tmp_path: Path
) -> None:
    one, two, other = three()
    filled = put(tmp_path / "收" / "表.json", one, two)
    blanks = put(tmp_path / "收" / "空.json", *(blank_submission(FORM, YEAR, each.agency) for each in (two, other)))
    for path in (filled, blanks):
        os.utime(path, (1_000_000, 1_000_000))
    roster = roster_of(tmp_path / "名册.csv", *(each.agency for each in (one, two, other)))
    status, said = gknb_here("rollup", "收", "--agency", "甲县", "--roster", roster, "-o", "汇总")
    assert status == 0, said
    assert "1 个机关未报，没有计入：甲县财政局" in said
    assert figures(read(completed(tmp_path / "汇总"))) == recount([to_data(each) for each in (one, two)])


def test_a_sum_and_a_return_of_its_own_under_one_name_are_not_chosen_between(gknb_here: Say, tmp_path: Path) -> None:
    one, two, _ = three()
    for name, submission, changed in (
        ("汇总", roll_up([one, two], "甲县"), 1),
        ("本级", replace(one, agency="甲县"), 2),
    ):
        path = put(tmp_path / "收" / f"{name}.json", submission)
        os.utime(path, (changed * 1_000_000, changed * 1_000_000))
    roster = roster_of(tmp_path / "名册.csv", "甲县")
    refused(gknb_here, "收", "--agency", "某市", "--roster", roster, words=["甲县", "汇总.json", "本级.json"])


def test_a_copy_of_the_same_file_counts_once(gknb_here: Say, tmp_path: Path) -> None:
    source = put(tmp_path / "收" / "表.json", *three())
    with zipfile.ZipFile(tmp_path / "收" / "又.zip", "w") as archive:
        archive.write(source, "表.json")
    status, said = gknb_here("rollup", "收", "--agency", "甲县", "-o", "汇总")
    assert status == 0, said
    assert "重复的 3 份" in said
    assert figures(read(completed(tmp_path / "汇总"))) == recount([to_data(each) for each in three()])


@pytest.mark.slow
def test_a_sum_beside_its_parts_is_refused_with_both_names(gknb_here: Say, tmp_path: Path) -> None:
    parts = three()
    county_ = roll_up(parts, "甲县人民政府")
    write(tmp_path / "收" / "县.xlsx", build_workbook(county_))
    part = put(tmp_path / "收" / "局.json", parts[1])
    both = ["会重复计算", "甲县人民政府", "甲县民政局"]
    refused(gknb_here, "收", "--agency", "某市人民政府", "--allow-failed", words=both)
    city = roll_up([county_, sound("乙县人民政府", random.Random(1))], "某市人民政府")
    put(part, city)
    refused(gknb_here, "收", "--agency", "某省人民政府", words=["某市人民政府", "甲县人民政府"])
    other = roll_up(parts[:1], "丙县人民政府")
    put(part, other)
    refused(gknb_here, "收", "--agency", "某市人民政府", words=["甲县教育局", "甲县人民政府", "丙县人民政府"])
    put(part, roll_up([sound("某市人民政府", random.Random(1))], "丁县人民政府"))
    refused(gknb_here, "收", "--agency", "某市人民政府", words=["已有某市人民政府", "丁县人民政府"])


@pytest.mark.slow
def test_an_earlier_result_is_refused_and_the_offices_own_return_is_not(gknb_here: Say, tmp_path: Path) -> None:
    parts = [*three(), sound("甲县人民政府", random.Random(5))]
    put(tmp_path / "收" / "表.json", *parts)
    status, said = gknb_here("rollup", "收", "--agency", "甲县人民政府", "-o", "汇总")
    assert status == 0, said
    assert "按本级的数计入" in said
    assert figures(read(completed(tmp_path / "汇总"))) == recount([to_data(each) for each in parts])
    completed(tmp_path / "汇总").rename(tmp_path / "收" / "上次的.xlsx")
    (tmp_path / "汇总").rename(tmp_path / "不用")
    refused(gknb_here, "收", "--agency", "甲县人民政府", words=["以前的汇总结果", "上次的.xlsx", "请移走"])
    roster = roster_of(tmp_path / "名册.csv", *(part.agency for part in parts))
    refused(gknb_here, "收", "--agency", "甲县人民政府", "--roster", roster, words=["甲县人民政府", "上次的.xlsx"])
    odd = build_workbook(roll_up(parts, "{甲}县"))
    write(tmp_path / "收" / "上次的.xlsx", odd)
    refused(gknb_here, "收", "--agency", "{甲}县", words=["{甲}县以前的汇总结果"])


@pytest.mark.slow
def test_years_and_editions_do_not_mix(gknb_here: Say, tmp_path: Path) -> None:
    one, two, other = three()
    put(tmp_path / "收" / "表.json", one, two)
    late = put(tmp_path / "收" / "旧.json", sound(other.agency, random.Random(1), 2023))
    refused(gknb_here, "收", "--agency", "甲县", words=["年度不同", "甲县财政局", "2023", "--year"])
    status, said = gknb_here("rollup", "收", "--agency", "甲县", "-o", "汇总", "--year", 2024)
    assert status == 0
    assert "旧.json" in said
    assert "汇总了 2 份" in said
    data = to_data(replace(report("wenxian-jyj-2020"), agency=other.agency)) | {"year": YEAR}
    late.write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "汇总").rename(tmp_path / "不用")
    refused(gknb_here, "收", "--agency", "甲县", "--allow-failed", words=["格式不同", "甲县财政局", "2019"])


def test_nothing_to_add_up_and_nobodys_figures_are_refused(gknb_here: Say, tmp_path: Path) -> None:
    source = put(tmp_path / "表.json", blank_submission(FORM, YEAR, "甲县教育局"))
    refused(gknb_here, source, "--agency", "甲县", words=["空白模板", "甲县教育局"])
    refused(gknb_here, source, "--agency", "甲县", "--allow-failed", words=["没有可以汇总的"])
    put(source, replace(three()[0], agency=""), three()[1])
    refused(gknb_here, source, "--agency", "甲县", "--allow-failed", words=["没有填机关全称", "表.json#1"])


def test_wrong_calls_and_outputs_that_exist_end_with_2(gknb_here: Say, tmp_path: Path) -> None:
    source = put(tmp_path / "表.json", *three())
    assert gknb_here("rollup", source, "--agency", " ", "-o", "汇总")[0] == 2
    assert gknb_here("rollup", source, "--agency", "长" * 101, "-o", "汇总")[0] == 2
    assert gknb_here("rollup", "没有", "--agency", "甲县", "-o", "汇总")[0] == 2
    assert gknb_here("rollup", source, "--agency", "甲县", "-o", "表.json")[0] == 2
    assert gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总")[0] == 0
    before = {path: path.read_bytes() for path in Path("汇总").iterdir()}
    assert len(before) == 3
    status, said = gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总")
    assert (status, "已经存在" in said) == (2, True)
    assert gknb_here("rollup", source, "--agency", "甲县", "-o", "汇总", "--force")[0] == 0
    assert {path: path.read_bytes() for path in Path("汇总").iterdir()}.keys() == before.keys()


def test_a_zip_is_taken_and_linked_to(gknb_here: Say, tmp_path: Path) -> None:
    rng = random.Random(2)
    agencies = [name for name, _ in zip(names(), range(3), strict=False)]
    (tmp_path / "收").mkdir()
    with zipfile.ZipFile(tmp_path / "收" / "全部.zip", "w") as archive:
        for agency in agencies:
            archive.writestr(f"{agency}.xlsx", workbook(agency, rng, level=1)[0])
    assert gknb_here("rollup", "收", "--agency", COUNTY, "-o", "汇总")[0] == 0
    sheet = load_workbook(tmp_path / "汇总" / "汇总表.xlsx")["三"]
    targets = [linked(cell.hyperlink.target) for cell in sheet[HEAD + 1] if cell.hyperlink]
    assert targets == ["../收/全部.zip"] * 3
    assert len(read(completed(tmp_path / "汇总")).parts) == 3


def test_a_file_that_changes_meanwhile_is_not_believed(gknb_here: Say, tmp_path: Path, monkeypatch: Any) -> None:
    from toolkit.rollup import gathering

    source = put(tmp_path / "表.json", *three())

    def checked(*arguments: Any) -> Any:
        batch = gathering_check(*arguments)
        put(source, *three(random.Random(99)))
        return batch

    gathering_check = gathering.check_batch
    monkeypatch.setattr(gathering, "check_batch", checked)
    refused(gknb_here, source, "--agency", "甲县", words=["文件变了"])
