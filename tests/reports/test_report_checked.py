"""`gknb report` checks first: it makes a document only of the return that counts and has no errors, and says of every
other one why there is none. A draft says that it is one."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Gknb
from docx import Document
from kit import docx_grids, others_document, report, write
from pdf_files import pdf_text

from toolkit.submission.json_csv import to_data
from toolkit.submission.model import Submission
from toolkit.workbook.template import build_template, build_workbook

SOURCE = report("suqian-2024")
ANNEX = replace(SOURCE, values={**SOURCE.values, "fees.fees.amount": "见附件"})
OLD = replace(SOURCE, values={**SOURCE.values, "documents.regulations.issued": 7531})
DAY = 86_400
ROSTER = "机关全称\n甲局\n乙局\n丙局\n丁局\n"


def put(folder: Path, name: str, source: Submission, agency: str = "甲局", day: int = 0) -> Path:
    """A return that was changed on a day."""
    path = write(folder / "收回" / f"{name}.xlsx", build_workbook(replace(source, agency=agency)))
    os.utime(path, (1_700_000_000 + day * DAY,) * 2)
    return path


def title(agency: str, year: int = 2024) -> str:
    return f"{agency}{year}年政府信息公开工作年度报告"


def made(folder: Path, place: str = "报告") -> list[str]:
    return sorted(path.name for path in (folder / place).iterdir()) if (folder / place).is_dir() else []


def last(said: str) -> str:
    """The line with the total."""
    (line,) = [line for line in said.splitlines() if line.startswith("共 ")]
    return line


def figures(path: Path) -> list[str]:
    return [text for grid in docx_grids(path) for row in grid for text in row]


@pytest.mark.slow
def test_a_return_with_errors_gets_no_report(gknb_anew: Gknb, tmp_path: Path) -> None:
    """见附件 stands in an official table of it."""
    put(tmp_path, "甲", ANNEX)
    put(tmp_path, "乙", SOURCE, "乙局")
    ran = gknb_anew("report", "收回", "-o", "报告")
    assert ran.returncode == 1
    assert made(tmp_path) == [f"{title('乙局')}.docx"]
    (line,) = [line for line in ran.stderr.splitlines() if line.startswith("【没有生成】")]
    assert line.startswith("【没有生成】收回/甲.xlsx：")
    assert "见附件" in line
    assert last(ran.stderr) == "共 2 份：写出 1，没有生成 1（有误 1）。"
    assert "--allow-failed" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.validator
def test_a_draft_says_so_in_its_name_and_at_its_head(gknb: Gknb, tmp_path: Path) -> None:
    from validator import assert_valid

    put(tmp_path, "甲", ANNEX)
    ran = gknb("report", "收回", "--allow-failed", "--html", "-o", "报告")
    assert ran.returncode == 0, ran.stderr
    names = [
        f"{title('甲局')}（草稿）.docx",
        f"{title('甲局')}（草稿）.html",
        f"{title('甲局')}（粘贴用）（草稿）.html",
    ]
    assert made(tmp_path) == sorted(names)
    assert f"收回/甲.xlsx → 报告/{names[0]}（草稿，错误 1，提醒 " in ran.stderr
    assert last(ran.stderr) == "共 1 份：写出 0，草稿 1。"
    path = tmp_path / "报告" / names[0]
    assert_valid(path)
    head = "草稿，不能公开：校验有 1 处错误没有改正。"
    document = Document(str(path))
    assert [paragraph.text for paragraph in document.paragraphs][:2] == [head, title("甲局")]
    assert document.core_properties.title == f"{title('甲局')}（草稿）"
    (section,) = document.sections
    for header in (section.header, section.even_page_header):
        assert header.paragraphs[0].text == head, "on every page"
    page, piece = ((tmp_path / "报告" / name).read_text(encoding="utf-8") for name in names[1:])
    assert page.index(f">{head}</p>") < page.index("<h1>")
    assert f"<title>{title('甲局')}（草稿）</title>" in page
    assert piece.index(f">{head}</p>") < piece.index("一、总体情况")
    assert all("见附件" in text for text in (page, piece))


@pytest.mark.libreoffice
@pytest.mark.poppler
def test_a_draft_says_so_in_the_pdf_and_in_an_offices_own_style(gknb: Gknb, tmp_path: Path) -> None:
    style = Document()
    style.sections[0].header.paragraphs[0].text = "某县人民政府文件"
    (tmp_path / "foreign").mkdir()
    style.save(str(tmp_path / "foreign" / "样式.docx"))
    put(tmp_path, "甲", ANNEX)
    call = ("report", "收回", "--allow-failed", "--pdf", "--style", "foreign/样式.docx", "-o", "报告")
    assert gknb(*call).returncode == 0
    path = tmp_path / "报告" / f"{title('甲局')}（草稿）.docx"
    header = [paragraph.text for paragraph in Document(str(path)).sections[0].header.paragraphs]
    assert header == ["草稿，不能公开：校验有 1 处错误没有改正。", "某县人民政府文件"]
    pages = pdf_text(path.with_suffix(".pdf")).split("\f")
    assert all("草稿，不能公开" in page for page in pages if page.strip())


def test_a_report_that_is_no_draft_has_no_such_line(gknb: Gknb, tmp_path: Path) -> None:
    put(tmp_path, "甲", SOURCE)
    for number, more in enumerate(((), ("--allow-failed",))):
        assert gknb("report", "收回", "--html", *more, "-o", f"报告{number}").returncode == 0
        assert f"{title('甲局')}.docx" in made(tmp_path, f"报告{number}")
        for path in (tmp_path / f"报告{number}").iterdir():
            text = path.read_text(encoding="utf-8") if path.suffix == ".html" else "".join(figures(path))
            assert "草稿" not in path.name + text


@pytest.mark.slow
def test_the_newest_return_gets_the_clean_name(gknb_anew: Gknb, tmp_path: Path) -> None:
    put(tmp_path, "甲（更正）", SOURCE, day=1)
    put(tmp_path, "甲", OLD)
    ran = gknb_anew("report", "收回", "-o", "报告")
    assert ran.returncode == 0, "an old version is nobody's fault"
    assert made(tmp_path) == [f"{title('甲局')}.docx"]
    assert "7531" not in figures(tmp_path / "报告" / f"{title('甲局')}.docx")
    assert "【没有生成】收回/甲.xlsx：同一机关报了 2 份，按 收回/甲（更正）.xlsx 计。" in ran.stderr
    assert last(ran.stderr) == "共 2 份：写出 1，没有生成 1（重复 1）。"


@pytest.mark.slow
def test_an_old_version_does_not_stand_in_for_a_newer_one_with_errors(gknb: Gknb, tmp_path: Path) -> None:
    put(tmp_path, "甲", SOURCE)
    put(tmp_path, "甲（更正）", ANNEX, day=1)
    ran = gknb("report", "收回", "-o", "报告")
    assert ran.returncode == 1
    assert made(tmp_path) == []
    assert gknb("report", "收回", "-o", "报告", "--allow-failed").returncode == 0
    assert made(tmp_path) == [f"{title('甲局')}（草稿）.docx"]


@pytest.mark.parametrize("roster", [False, True])
def test_of_returns_of_one_time_none_is_taken(gknb: Gknb, tmp_path: Path, roster: bool) -> None:
    put(tmp_path, "甲1", SOURCE, day=1)
    put(tmp_path, "甲2", OLD, day=1)
    put(tmp_path, "甲0", SOURCE)
    put(tmp_path, "乙", SOURCE, "乙局")
    write(tmp_path / "名册.csv", ROSTER.encode())
    ran = gknb("report", "收回", "--allow-failed", *(("--roster", "名册.csv") if roster else ()), "-o", "报告")
    assert ran.returncode == 1
    assert made(tmp_path) == [f"{title('乙局')}.docx"]
    said = "同一机关的几份改动时间相同，分不出先后：收回/甲1.xlsx、收回/甲2.xlsx。请各留一份。"
    assert ran.stderr.count(said) == 3
    assert last(ran.stderr) == "共 4 份：写出 1，没有生成 3（分不出先后 3）。"


@pytest.mark.parametrize("roster", [False, True])
def test_copies_of_a_file_count_once(gknb: Gknb, tmp_path: Path, roster: bool) -> None:
    content = put(tmp_path, "甲", SOURCE).read_bytes()
    for number in (1, 2):
        os.utime(write(tmp_path / "收回" / f"甲（{number}）.xlsx", content), (1_700_000_000,) * 2)
    write(tmp_path / "名册.csv", ROSTER.encode())
    ran = gknb("report", "收回", *(("--roster", "名册.csv") if roster else ()), "-o", "报告")
    assert ran.returncode == 0
    assert made(tmp_path) == [f"{title('甲局')}.docx"]
    assert ran.stderr.count("内容相同，只算一份") == 2
    assert last(ran.stderr) == "共 3 份：写出 1，没有生成 2（重复 2）。"


@pytest.mark.slow
def test_on_a_roster_every_other_return_is_left_out_and_named(gknb_anew: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "名册.csv", ROSTER.encode())
    put(tmp_path, "甲", SOURCE)
    put(tmp_path, "外", SOURCE, "外局")
    put(tmp_path, "去年", report("suqian-2023"), "乙局")
    write(tmp_path / "收回" / "空.xlsx", build_template(SOURCE.form, 2024, "丙局"))
    write(tmp_path / "收回" / "坏.xlsx", b"PK\x03\x04 broken")
    for more in ((), ("--allow-failed",)):
        ran = gknb_anew("report", "收回", "--roster", "名册.csv", "-o", "报告", "--force", *more)
        assert ran.returncode == 1
        assert made(tmp_path) == [f"{title('甲局')}.docx"]
        for words in (
            *(
                "【没有生成】收回/外.xlsx：外局不在名册上",
                "【没有生成】收回/去年.xlsx：是 2023 年的，这次出的是 2024 年的",
            ),
            *("【没有生成】收回/空.xlsx：没有填过的空白模板", "【无法读取】收回/坏.xlsx："),
            "名册上有 2 个机关未报：乙局、丁局。",
        ):
            assert words in ran.stderr
        total = last(ran.stderr)
        assert total.startswith("共 5 份：写出 1，没有生成 4（")
        assert all(f"{why} 1" in total for why in ("不在名册", "其他年度", "空白", "无法读取"))


@pytest.mark.slow
def test_the_year_that_was_asked_for(gknb: Gknb, tmp_path: Path) -> None:
    """Reports of another year beside it are nobody's fault where the agency has the right one."""
    write(tmp_path / "名册.csv", ROSTER.encode())
    put(tmp_path, "甲", SOURCE)
    put(tmp_path, "去年", report("suqian-2023"))
    for year in (2023, 2024):
        ran = gknb("report", "收回", "--roster", "名册.csv", "--year", year, "-o", f"报告{year}")
        assert ran.returncode == 0, ran.stderr
        assert made(tmp_path, f"报告{year}") == [f"{title('甲局', year)}.docx"]
    assert gknb("report", "收回", "-o", "报告").returncode == 0
    assert len(made(tmp_path)) == 2, "without a roster, each year has its report"
    refused = gknb("report", "收回", "--year", 2024, "-o", "x")
    assert refused.returncode == 2
    assert "--roster" in refused.stderr


def test_a_former_name_on_the_roster_is_the_same_agency(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "名册.csv", "机关全称,曾用名\n甲委,甲局\n".encode())
    put(tmp_path, "旧名", OLD)
    put(tmp_path, "新名", SOURCE, "甲委", day=1)
    assert gknb("report", "收回", "--roster", "名册.csv", "-o", "报告").returncode == 0
    assert made(tmp_path) == [f"{title('甲委')}.docx"]


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--allow-failed",)])
def test_a_report_of_an_earlier_run_is_told_and_left_where_it_is(
    gknb: Gknb, tmp_path: Path, more: tuple[str, ...]
) -> None:
    put(tmp_path, "甲", SOURCE)
    put(tmp_path, "乙", SOURCE, "乙局")
    assert gknb("report", "收回", "--html", "-o", "报告").returncode == 0
    old = tmp_path / "报告" / f"{title('甲局')}.docx"
    before = old.read_bytes(), old.stat().st_mtime_ns
    put(tmp_path, "甲", ANNEX)
    ran = gknb("report", "收回", "--html", "-o", "报告", "--force", *more)
    told = [line for line in ran.stderr.splitlines() if "是以前生成的" in line]
    assert [line.partition(" ")[0] for line in told] == [
        f"注意：报告/{title('甲局')}{ending}" for ending in (".docx", ".html", "（粘贴用）.html")
    ]
    assert "收回/甲.xlsx" in told[0]
    assert (old.read_bytes(), old.stat().st_mtime_ns) == before
    put(tmp_path, "甲", OLD)
    ran = gknb("report", "收回", "--html", "-o", "报告", "--force", *more)
    assert "是以前生成的" not in ran.stderr
    assert "7531" in figures(old), "the corrected figures have the clean name"


def test_no_setting_lets_a_text_into_an_official_table(gknb: Gknb, tmp_path: Path) -> None:
    """The office may switch the rule off; a document without 草稿 never has 见附件 in its tables."""
    put(tmp_path, "甲", ANNEX)
    write(tmp_path / "gknb.toml", b'[rules]\nnot-a-number = "off"\n')
    assert gknb("check", "收回").returncode == 0
    ran = gknb("report", "收回", "-o", "报告")
    assert ran.returncode == 1
    assert made(tmp_path) == []
    assert "注意，gknb.toml：规则 not-a-number 不用。" in ran.stderr
    assert "填的是“见附件”，不能写进正式的报告" in ran.stderr
    assert last(ran.stderr) == "共 1 份：写出 0，没有生成 1（其他原因 1）。"
    ran = gknb("report", "收回", "--allow-failed", "-o", "报告")
    assert ran.returncode == 0
    assert made(tmp_path) == [f"{title('甲局')}（草稿）.docx"]
    assert "见附件" in Document(str(tmp_path / "报告" / made(tmp_path)[0])).paragraphs[0].text


@pytest.mark.slow
def test_the_offices_settings_and_last_year_are_heeded(gknb: Gknb, tmp_path: Path) -> None:
    """What is a reminder only becomes an error; --prior needs no --appendix."""
    put(tmp_path, "甲", SOURCE)
    last = report("suqian-2023")
    last = replace(last, agency="甲局", values={**last.values, "enforcement.penalty.decisions": 12})
    write(tmp_path / "上年" / "甲.json", json.dumps(to_data(last)).encode())
    warnings = {}
    for name, more in (("无", ()), ("有", ("--prior", "上年"))):
        checked = json.loads(gknb("check", "收回", *more, "--json").stdout)["files"][0]
        warnings[name] = sum(found["severity"] == "warning" for found in checked["findings"])
        ran = gknb("report", "收回", *more, "-o", f"报告{name}")
        assert ran.returncode == 0, ran.stderr
        assert f"（提醒 {warnings[name]}）" in ran.stderr
    assert warnings["有"] > warnings["无"] > 0
    write(tmp_path / "gknb.toml", b'[rules]\njump-since-last-year = "error"\n')
    assert gknb("report", "收回", "-o", "报告1").returncode == 0
    assert gknb("report", "收回", "--prior", "上年", "-o", "报告2").returncode == 1
    assert made(tmp_path, "报告2") == []


@pytest.mark.slow
def test_data_files_and_published_reports_go_the_same_way(gknb: Gknb, tmp_path: Path) -> None:
    several = [{**to_data(one), "agency": agency} for one, agency in ((SOURCE, "甲局"), (ANNEX, "乙局"))]
    write(tmp_path / "数据.json", json.dumps(several).encode())
    ran = gknb("report", "数据.json", "-o", "报告")
    assert ran.returncode == 1
    assert made(tmp_path) == [f"{title('甲局')}.docx"]
    assert "【没有生成】数据.json#2：" in ran.stderr
    assert gknb("report", "数据.json", "--allow-failed", "-o", "草稿").returncode == 0
    published = tmp_path / "草稿" / f"{title('乙局')}（草稿）.docx"
    ran = gknb("report", published, "-o", "再出")
    assert ran.returncode == 1, "a draft does not become a report by being read again"
    assert made(tmp_path, "再出") == []
    assert gknb("report", tmp_path / "报告" / f"{title('甲局')}.docx", "-o", "再出").returncode == 0
    assert made(tmp_path, "再出") == [f"{title('甲局')}.docx"]


def test_text_files_of_returns_that_get_no_report_belong_to_somebody(gknb: Gknb, tmp_path: Path) -> None:
    put(tmp_path, "甲", ANNEX)
    put(tmp_path, "乙", SOURCE, "乙局")
    for name in ("甲局", "乙局2024", "丙局"):
        write(tmp_path / "文字" / f"{name}.txt", "一、总体情况\n甲。\n".encode())
    said = gknb("report", "收回", "--texts", "文字", "-o", "报告").stderr
    assert "有 1 个文字文件没有用上，对不上任何一份报告的机关和年度：丙局.txt。" in said


@pytest.mark.slow
def test_the_total_is_told_also_where_something_was_in_the_way(gknb: Gknb, tmp_path: Path) -> None:
    put(tmp_path, "甲", SOURCE)
    put(tmp_path, "乙", SOURCE, "乙局")
    mine = others_document()
    write(tmp_path / "报告" / f"{title('甲局')}.docx", mine)
    ran = gknb("report", "收回", "-o", "报告")
    assert ran.returncode == 2
    assert last(ran.stderr) == "共 2 份：写出 1，没有写出 1。"
    assert "已经存在，没有覆盖" in ran.stderr
    assert (tmp_path / "报告" / f"{title('甲局')}.docx").read_bytes() == mine


def test_a_file_that_changes_between_check_and_report_gets_none(tmp_path: Path) -> None:
    """What was checked is what is published."""
    from toolkit.batch.check_job import CheckJob
    from toolkit.batch.jobs import Approved, ReportJob
    from toolkit.batch.received.files import Item

    path = put(tmp_path, "甲", SOURCE)
    (result,) = CheckJob()(Item(str(path)))
    job = Item(str(path)), (Approved(str(path), result.digest),)
    (good,) = ReportJob()(job)
    assert Document(io.BytesIO(good.content)).paragraphs[0].text == title("甲局")
    put(tmp_path, "甲", ANNEX)
    (changed,) = ReportJob()(job)
    assert (changed.content, "文件变了" in changed.problem) == (None, True)
