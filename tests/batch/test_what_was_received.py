"""Everything that came in belongs to somebody, or is listed as nobody's (收到的是什么)."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kit import others_document, others_workbook, report, write
from mail_files import Msg, eml, with_signature_picture
from packages import locked, packed
from pdf_files import shown, written
from returns import archive, roster_of, seven_zip, sheet

import toolkit
from toolkit.reports.word_report import build_report

BODIES = "教育局 财政局 民政局 司法局 水利局 审计局 统计局 林业局 文化和旅游局 卫生健康委员会 应急管理局 气象局 档案局"
NAMES = tuple(f"甲县{body}" for body in f"{BODIES} 信访局 医疗保障局 城关镇人民政府 税务局".split())
PNG = b"\x89PNG\r\n\x1a\n" + bytes(3000)
PDF = written(shown(50, 700, "Scan"))


def at(path: Path, when: datetime) -> Path:
    os.utime(path, (when.timestamp(), when.timestamp()))
    return path


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def received_in(folder: Path, roster: Path, **how: Any) -> dict[str, Any]:
    """What findings.json says."""
    return toolkit.check_folder(folder, roster=roster, **how).data()


def agencies(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The lines of the agencies that stand first, by name."""
    found: dict[str, dict[str, Any]] = {}
    for line in data["agencies"]:
        found.setdefault(line["agency"], line)
    return found


@pytest.fixture
def everything(tmp_path: Path) -> tuple[Path, Path]:
    """A folder with one of every kind, and the roster."""
    here = tmp_path / "foreign" / "收回的表"
    write(here / "甲县教育局.xlsx", sheet("甲县教育局"))
    write(here / "甲县教育局说明.docx", others_document())
    write(here / "甲县财政局年报.docx", others_document())
    write(here / "甲县民政局" / "扫描件.pdf", PDF)
    write(here / "司法局.jpg", PNG)
    write(here / "甲县水利局.rar", b"Rar!\x1a\x07\x01\x00" + bytes(200))
    write(here / "甲县审计局联系人.xlsx", others_workbook())
    write(here / "甲县统计局.xlsx", sheet("甲县统计局")[:5000])
    write(here / "甲县林业局.xlsx", locked(sheet("甲县林业局"), "密码"))
    write(here / "文旅局.doc", sheet("甲县文化和旅游局"))
    mail = with_signature_picture(eml({"年报.xlsx": sheet("甲县卫生健康委员会"), "卫健委说明.docx": others_document()}))
    write(here / "邮件一.eml", mail.as_bytes())
    write(here / "邮件二.eml", eml({}, "年报", "应急局 <a@example.cn>", text="年报见网站。").as_bytes())
    write(here / "邮件三.msg", Msg({"照片.jpg": PNG}, "年报", "甲县气象局 张三").content())
    write(here / "邮件四.msg", Msg({"报表.zip": packed({"表.xlsx": sheet("甲县档案局")})}).content())
    write(here / "一批.7z", seven_zip({"信访/表.xlsx": sheet("甲县信访局"), "甲县医保局/照片.png": PNG}))
    archive(here / "甲县城关镇.zip", {"年报.doc": b"\xd0\xcf\x11\xe0" + bytes(3000)})
    write(here / "不知道.pdf", PDF)
    write(here / "教育局和财政局.png", PNG)
    write(here / "甲县乙局.xlsx", b"x")
    for name in ("~$甲县税务局.xlsx", ".DS_Store", "Thumbs.db"):
        write(here / name, b"x")
    return here, roster_of(tmp_path, *NAMES)


STATES = {
    "甲县教育局": ("通过", "甲县教育局.xlsx"),
    "甲县财政局": ("不是填报表", "甲县财政局年报.docx"),
    "甲县民政局": ("不是填报表", "甲县民政局/扫描件.pdf"),
    "甲县司法局": ("不是填报表", "司法局.jpg"),
    "甲县水利局": ("不是填报表", "甲县水利局.rar"),
    "甲县审计局": ("不是填报表", "甲县审计局联系人.xlsx"),
    "甲县统计局": ("无法读取", "甲县统计局.xlsx"),
    "甲县林业局": ("无法读取", "甲县林业局.xlsx"),
    "甲县文化和旅游局": ("通过", "文旅局.doc"),
    "甲县卫生健康委员会": ("通过", "邮件一.eml/年报.xlsx"),
    "甲县应急管理局": ("不是填报表", "邮件二.eml"),
    "甲县气象局": ("不是填报表", "邮件三.msg/照片.jpg"),
    "甲县档案局": ("通过", "邮件四.msg/报表.zip/表.xlsx"),
    "甲县信访局": ("通过", "一批.7z/信访/表.xlsx"),
    "甲县医疗保障局": ("不是填报表", "一批.7z/甲县医保局/照片.png"),
    "甲县城关镇人民政府": ("不是填报表", "甲县城关镇.zip/年报.doc"),
    "甲县税务局": ("未报", ""),
}


def test_every_kind_of_file_is_the_right_agencys_in_the_right_state(everything: tuple[Path, Path]) -> None:
    here, roster = everything
    data = received_in(here, roster)
    lines = agencies(data)
    found = {name: (lines[name]["state"], lines[name]["path"].removeprefix(f"{here}/")) for name in NAMES}
    assert found == STATES
    for name, (state, path) in STATES.items():
        if state in ("不是填报表", "无法读取"):
            assert Path(path).name in lines[name]["note"], name
            assert "请" in lines[name]["note"], name


def test_what_is_nobodys_is_listed_as_such(everything: tuple[Path, Path]) -> None:
    """Files of systems and of programs are nobody's either, and nobody is asked about them."""
    here, roster = everything
    data = received_in(here, roster)
    listed = {left["path"].removeprefix(f"{here}/"): left for left in data["left_out"]}
    for name in ("不知道.pdf", "教育局和财政局.png"):
        assert listed[name]["reason"].endswith("；看不出是哪个机关的")
        assert "agency" not in listed[name]
    for name in ("~$甲县税务局.xlsx", ".DS_Store", "Thumbs.db"):
        assert "哪个机关" not in listed[name]["reason"]
        assert "agency" not in listed[name]
    assert listed["甲县教育局说明.docx"]["agency"] == "甲县教育局"
    assert listed["邮件一.eml/卫健委说明.docx"]["agency"] == "甲县卫生健康委员会"
    assert not [name for name in listed if "logo" in name], "the picture of a signature is a part of the mail"
    (stranger,) = [line for line in data["agencies"] if line["state"] == "不在名册"]
    assert stranger["path"].endswith("甲县乙局.xlsx")
    assert "看不出是哪个机关的" in stranger["note"]


def test_a_note_says_what_came_and_what_to_send_instead(everything: tuple[Path, Path]) -> None:
    here, roster = everything
    lines = agencies(received_in(here, roster))
    assert lines["甲县财政局"]["note"] == (
        "交来的是 Word 文件（甲县财政局年报.docx），不是填报表。请用发放的填报表（.xlsx）填好后报送"
    )
    assert "图片" in lines["甲县司法局"]["note"]
    assert "请解压后把填报表（.xlsx）直接报送，或改用 .zip" in lines["甲县水利局"]["note"]
    assert "没有附件的邮件" in lines["甲县应急管理局"]["note"]
    assert "打开密码" in lines["甲县林业局"]["note"]


def test_when_something_was_received_and_what_shows_it(tmp_path: Path) -> None:
    """A file by its time, an attachment by the date of the mail, a file in an archive by its own time there."""
    here = tmp_path / "foreign"
    at(write(here / "甲县教育局.xlsx", sheet("甲县教育局")), local("2025-01-18T09:30:00"))
    at(write(here / "甲县财政局.pdf", PDF), local("2025-01-19T10:00:05"))
    sent = datetime(2025, 1, 20, 1, 0, 7, tzinfo=UTC)
    write(here / "信.eml", eml({"表.zip": packed({"民政.xlsx": sheet("甲县民政局")})}, sent=sent).as_bytes())
    write(here / "信.msg", Msg({"表.xlsx": sheet("甲县司法局")}, sent=sent).content())
    at(
        write(here / "无日期.eml", eml({"水利.xlsx": sheet("甲县水利局")}, sent=None).as_bytes()),
        local("2025-01-21T08:00:00"),
    )
    archive(here / "包.zip", {"审计.xlsx": sheet("甲县审计局")}, (2025, 1, 10, 8, 0, 0))
    lines = agencies(received_in(here, roster_of(tmp_path, *NAMES)))
    found = {name: (line["received"], line["received_by"]) for name, line in lines.items() if line["received"]}
    mailed = sent.astimezone().replace(tzinfo=None).isoformat()
    assert found == {
        "甲县教育局": ("2025-01-18T09:30:00", "文件时间"),
        "甲县财政局": ("2025-01-19T10:00:05", "文件时间"),
        "甲县民政局": (mailed, "邮件日期"),
        "甲县司法局": (mailed, "邮件日期"),
        "甲县水利局": ("2025-01-21T08:00:00", "文件时间"),
        "甲县审计局": ("2025-01-10T08:00:00", "文件时间"),
    }
    assert (lines["甲县税务局"]["received"], lines["甲县税务局"]["received_by"]) == (None, "")


def test_of_two_mails_the_later_one_counts(tmp_path: Path) -> None:
    """Whatever times their attachments have."""
    here, first = tmp_path / "foreign", datetime(2025, 1, 10, 1, 0, tzinfo=UTC)
    write(here / "一.eml", eml({"表.xlsx": sheet("甲县教育局", 1)}, sent=first + timedelta(days=3)).as_bytes())
    write(here / "二.eml", eml({"表.zip": packed({"表.xlsx": sheet("甲县教育局", 2)})}, sent=first).as_bytes())
    lines = received_in(here, roster_of(tmp_path, "甲县教育局", "甲县财政局"))["agencies"]
    assert [(line["state"], Path(line["path"]).parent.name) for line in lines[:2]] == [
        ("通过", "一.eml"),
        ("重复", "表.zip"),
    ]


def test_a_good_return_goes_before_whatever_else_came(tmp_path: Path) -> None:
    here = tmp_path / "foreign"
    at(write(here / "甲县教育局.xlsx", sheet("甲县教育局")), local("2025-01-10T08:00:00"))
    for name, content in (
        ("甲县教育局.docx", others_document()),
        ("甲县教育局.pdf", PDF),
        ("甲县教育局新.xlsx", sheet("甲县教育局")[:5000]),
        ("甲县教育局名单.xlsx", others_workbook()),
    ):
        at(write(here / name, content), local("2025-01-20T08:00:00"))
    data = received_in(here, roster_of(tmp_path, "甲县教育局", "甲县财政局"))
    line = agencies(data)["甲县教育局"]
    assert (line["state"], Path(line["path"]).name) == ("通过", "甲县教育局.xlsx")
    assert {left["agency"] for left in data["left_out"]} == {"甲县教育局"}


def test_a_blank_form_beside_a_word_file_is_no_return(tmp_path: Path) -> None:
    here = tmp_path / "foreign"
    blank = toolkit.build_template(toolkit.load_form(2024), 2024, "甲县教育局")
    write(here / "甲县教育局.xlsx", blank)
    write(here / "甲县教育局.docx", others_document())
    line = agencies(received_in(here, roster_of(tmp_path, "甲县教育局")))["甲县教育局"]
    assert (line["state"], Path(line["path"]).name) == ("不是填报表", "甲县教育局.docx")
    assert "交来的是没有填过的空白模板" in line["note"]


def test_a_folder_of_nothing_but_scans_is_no_mistake_if_they_are_known(tmp_path: Path) -> None:
    """The first day of January: with a roster, the agencies are told; without one, there is nothing to check."""
    here = write(tmp_path / "foreign" / "甲县教育局.jpg", PNG).parent
    data = received_in(here, roster_of(tmp_path, "甲县教育局", "甲县财政局"))
    assert [(line["agency"], line["state"]) for line in data["agencies"]] == [
        ("甲县教育局", "不是填报表"),
        ("甲县财政局", "未报"),
    ]
    assert data["summary"]["files"] == 0
    with pytest.raises(toolkit.Problem, match="没有"):
        toolkit.check_folder(here)


def test_the_place_of_the_folder_itself_names_nobody(tmp_path: Path) -> None:
    here = tmp_path / "甲县教育局的电脑" / "收回的表"
    write(here / "甲县财政局.xlsx", sheet("甲县财政局"))
    write(here / "扫描件.pdf", PDF)
    assert agencies(received_in(here, roster_of(tmp_path, "甲县教育局", "甲县财政局")))["甲县教育局"]["state"] == "未报"


# ------------------------------------------------------------ workbooks with other endings


@pytest.mark.parametrize("ending", [".doc", ".docx", ".wps", ".pdf", ".tmp", "", ".xlsx.bak"])
def test_a_workbook_under_another_ending_is_read(tmp_path: Path, ending: str) -> None:
    """On disk, in an archive, in a mail."""
    here = tmp_path / "foreign"
    write(here / "甲县财政局.xlsx", sheet("甲县财政局"))
    write(here / f"一{ending}", sheet("甲县教育局"))
    archive(here / "包.zip", {f"二{ending}": sheet("甲县民政局"), "甲县财政局.xlsx": sheet("甲县财政局")})
    write(here / "信.eml", eml({f"三{ending}": sheet("甲县司法局")}).as_bytes())
    lines = agencies(received_in(here, roster_of(tmp_path, *NAMES)))
    assert {name for name in NAMES if lines[name]["state"] == "通过"} == set(NAMES[:4])


# ------------------------------------------------------------ published reports


def test_a_complete_report_is_a_return_if_the_office_wants_it(tmp_path: Path) -> None:
    """--accept-reports: as an import does it, and it is said; a report that lacks something is none."""
    here = tmp_path / "foreign"
    write(here / "甲县财政局.xlsx", sheet("甲县财政局"))
    whole = report("suqian-2024")
    name = whole.agency
    write(here / f"{name}年报.docx", build_report(whole))
    write(here / "甲县教育局.docx", others_document())
    roster = roster_of(tmp_path, name, "甲县教育局", "甲县财政局")
    without = received_in(here, roster)
    assert agencies(without)[name]["state"] == "不是填报表"
    assert any("--accept-reports" in left["reason"] for left in without["left_out"])
    data = received_in(here, roster, accept_reports=True)
    lines = agencies(data)
    assert lines[name]["state"] in ("通过", "有误")
    (file,) = [file for file in data["files"] if file["path"] == lines[name]["path"]]
    assert any("--accept-reports" in found["message"] for found in file["findings"] if found["severity"] == "info")
    assert lines["甲县教育局"]["state"] == "不是填报表"
    assert len(data["files"]) == 2
