"""What an office decides at the desk (工作台), and takes back: roster, files, explanations; and what it looks for."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from batches import FAULTS
from command_line import run_anew
from desk_wire import Visitor
from desks import open_desk
from example_county import FOLDER
from january import filled
from kit import write
from openpyxl import load_workbook

from toolkit.batch.project import create_project
from toolkit.batch.roster import read_roster

pytestmark = [pytest.mark.slow]
UNBALANCED, TOTAL, SPELLING, BLANK, HALF, PLACEHOLDER, WRONG_FIGURE = FAULTS
AGENCY, OTHER = "甲县教育局", "甲县民政局"
ROSTER = f"机关全称,联系人,联系电话,分组\n{AGENCY},张三,0101,部门\n{OTHER},李四,0102,部门\n=甲县公式局,王五,0103,乡镇\n"
WHEN = datetime(2025, 1, 6, 9).timestamp()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    folder = tmp_path / "年报"
    folder.mkdir()
    create_project(folder, 2024, {"office": "甲县办公室", "agency": "甲县人民政府", "deadline": "2025-01-20"}, "严格")
    return folder


@pytest.fixture
def visitor(office: Path) -> Iterator[Visitor]:
    with open_desk(office) as desk:
        yield Visitor(desk)


def names_on(folder: Path) -> list[str]:
    return [entry.name for entry in read_roster(folder / "名册.xlsx").entries]


def test_the_roster_is_dropped_edited_and_taken_back(visitor: Visitor, office: Path) -> None:
    """A CSV file takes the place of the .xlsx that the project names; every change can be taken back; what would be
    lost is refused; two windows do not overwrite each other."""
    assert "名册还是空的" in visitor.page("/roster").words
    got = visitor.upload("我的名册.csv", ROSTER.encode(), path="/roster/upload")
    assert json.loads(got.body)["words"] == "收下名册：3 个机关，没有问题。"
    assert names_on(office) == [AGENCY, OTHER, "=甲县公式局"]
    row = read_roster(office / "名册.xlsx").entries[1].row
    page = visitor.get(f"/roster/{row}")
    version = page.text.partition('name="version" value="')[2].partition('"')[0]
    assert visitor.post(f"/roster/{row}", version=version, name=OTHER, phone="0999").status == 303
    assert read_roster(office / "名册.xlsx").entries[1].phone == "0999"
    late = visitor.post(f"/roster/{row}", version=version, name="改晚了")
    assert late.status == 400
    assert "刚刚在别处改过" in late.words
    version = visitor.get("/roster/new").text.partition('name="version" value="')[2].partition('"')[0]
    assert visitor.post("/roster/new", version=version, name=AGENCY).status == 303, "a fault is shown, not refused"
    faulty = visitor.page("/roster").words
    assert "1 处要改" in faulty
    assert f"“{AGENCY}”与第" in faulty
    row = load_workbook(office / "名册.xlsx").active.max_row
    version = visitor.get(f"/roster/{row}").text.partition('name="version" value="')[2].partition('"')[0]
    assert visitor.post(f"/roster/{row}", version=version, take_out="1").status == 303
    assert names_on(office) == [AGENCY, OTHER, "=甲县公式局"]
    former = visitor.get("/roster").text.split('action="/roster/take-back"')[1:]
    assert len(former) == 4
    name = former[0].partition('name="name" value="')[2].partition('"')[0]
    assert visitor.post("/roster/take-back", name=name).status == 303
    assert "1 处要改" in visitor.page("/roster").words
    assert "没有这份以前的名册" in visitor.post("/roster/take-back", name="../gknb.toml").words


def test_what_is_no_roster_changes_nothing(visitor: Visitor, office: Path) -> None:
    before = (office / "名册.xlsx").read_bytes()
    for name, content in (
        ("图.xlsx", b"\x89PNG"),
        ("名册.docx", ROSTER.encode()),
        ("空.csv", b""),
        ("别的.csv", b"a,b\n1,2\n"),
    ):
        got = visitor.upload(name, content, path="/roster/upload")
        assert got.status == 400, name
        assert json.loads(got.body)["words"]
    assert (office / "名册.xlsx").read_bytes() == before


def test_a_roster_with_other_columns_is_not_edited_row_by_row(visitor: Visitor, office: Path) -> None:
    write(
        office / "gknb.toml",
        (office / "gknb.toml").read_text(encoding="utf-8").replace("名册.xlsx", "名册.csv").encode(),
    )
    kept = f"机关全称,传真\n{AGENCY},0104\n".encode()
    assert visitor.upload("名册.csv", kept, path="/roster/upload").status == 200
    page = visitor.get("/roster/2")
    version = page.text.partition('name="version" value="')[2].partition('"')[0]
    refused = visitor.post("/roster/2", version=version, name=OTHER)
    assert refused.status == 400
    assert "传真" in refused.words
    assert (office / "名册.csv").read_bytes() == kept


def test_explanations_are_refused_and_accepted_as_by_the_command(visitor: Visitor, office: Path) -> None:
    """And the agency's page shows its rounds, what it wrote, and the letters to it."""
    visitor.upload("名册.csv", ROSTER.replace("=甲县公式局", "甲县水利局").encode(), path="/roster/upload")
    visitor.upload(f"{AGENCY}.xlsx", filled(AGENCY, (WRONG_FIGURE,)), changed=WHEN)
    assert "待说明 1" in visitor.run("/received/check")
    agency = f"/review/agency?name={AGENCY}"
    assert f"{AGENCY}2024年" in visitor.page(agency).words, "its letter"
    (copy,) = (office / "批注").glob("*.xlsx")
    book = load_workbook(copy)
    (cell,) = (cell for row in book["审核意见"].iter_rows() for cell in row if not cell.protection.locked)
    cell.value = "两次申请并为一件<办理>。"
    saved = io.BytesIO()
    book.save(saved)
    visitor.upload("foreign/更正.xlsx", saved.getvalue(), changed=WHEN + 86400)
    assert "通过 1" in visitor.run("/received/check")
    page = visitor.page(agency)
    assert "两次申请并为一件<办理>。" in page.words
    assert "第 2 次" in page.words
    finding = page.text.partition('name="finding" value="')[2].partition('"')[0]
    assert visitor.post("/review/refuse", name=AGENCY, finding=finding, why=" ").status == 400
    assert visitor.post("/review/refuse", name=AGENCY, finding=finding, why="是哪两件").status == 303
    assert "没有接受：是哪两件" in visitor.page(agency).words
    said = run_anew(office, ["status", AGENCY], {}).stdout
    assert "没有接受：是哪两件" in said
    assert "待说明 1" in visitor.run("/received/check")
    assert visitor.post("/review/accept", name=AGENCY, finding=finding).status == 303
    assert "没有接受" not in visitor.page(agency).words
    assert "通过 1" in visitor.run("/review/check")


def test_files_are_taken_out_and_put_back(visitor: Visitor, office: Path) -> None:
    """Two files of one name both stay; the same file again is known; nothing is deleted."""
    returned = office / "收回的表"
    for content, fate, name in (
        (b"1", "taken", "甲.xlsx"),
        (b"2", "taken", "甲（2）.xlsx"),
        (b"1", "known", "甲.xlsx"),
    ):
        got = json.loads(visitor.upload("foreign/甲.xlsx", content, changed=WHEN).body)
        assert (got["fate"], got["path"]) == (fate, f"foreign/{name}")
    assert (returned / "foreign" / "甲.xlsx").stat().st_mtime == WHEN
    assert visitor.post("/files/returned/take-out", name="foreign/甲.xlsx", back="/received").status == 303
    assert sorted(path.name for path in returned.rglob("*.xlsx")) == ["甲（2）.xlsx"]
    page = visitor.get("/received").text
    moment = page.partition('name="moment" value="')[2].partition('"')[0]
    assert (
        visitor.post("/files/returned/put-back", moment=moment, name="foreign/甲.xlsx", back="/received").status == 303
    )
    assert (returned / "foreign" / "甲.xlsx").read_bytes() == b"1"
    assert visitor.post("/files/returned/put-back", moment=moment, name="foreign/甲.xlsx").status == 400
    for name in ("~$甲.xlsx", ".甲.xlsx", "夹/~$甲.xlsx"):
        assert json.loads(visitor.upload(name, b"3").body)["fate"] == "refused"


def test_lists_are_searched_filtered_sorted_and_exported(visitor: Visitor) -> None:
    visitor.upload("名册.csv", ROSTER.encode(), path="/roster/upload")
    assert "找到 1 条，共 3 条" in visitor.page("/roster?q=0102").words
    assert "找到 2 条，共 3 条" in visitor.page("/roster?group=部门").words
    assert "没有符合条件的" in visitor.page("/roster?q=没有").words
    assert "共 3 条" in visitor.page("/roster?sort=nothing&group=&q=").words
    down = visitor.page("/roster?sort=-name").words
    assert down.index(AGENCY) > down.index(OTHER), "教 comes before 民"
    got = visitor.page("/roster?q=甲县&sort=phone&export=csv")
    assert got.header("content-disposition").startswith("attachment")
    rows = list(csv.reader(io.StringIO(got.body.decode("utf-8-sig"))))
    assert rows[0][:2] == ["机关全称", "分组"]
    assert [row[0] for row in rows[1:]] == [AGENCY, OTHER, "'=甲县公式局"], "no formula in a spreadsheet"


def test_the_report_of_one_agency(visitor: Visitor, office: Path) -> None:
    visitor.upload("名册.csv", ROSTER.replace("=甲县公式局", "甲县水利局").encode(), path="/roster/upload")
    for name in (AGENCY, OTHER):
        visitor.upload(f"{name}.xlsx", filled(name, ()), changed=WHEN)
    visitor.run("/received/check")
    assert "共 1 份：写出 1" in visitor.run("/reports/make", agency=OTHER, html="1")
    assert {path.suffix for path in (office / "报告").iterdir()} == {".docx", ".html"}
    assert all(path.name.startswith(OTHER) for path in (office / "报告").iterdir())
    none = visitor.run("/reports/make", agency="甲县水利局")
    assert "收回的表里没有甲县水利局的" in none
    assert "勾选“覆盖已有的”" in visitor.run("/reports/make", agency=OTHER)


def test_an_agency_checks_its_own_form(tmp_path: Path) -> None:
    """What the office would say, with the table, and the annotated copy to take along; nothing stays."""
    home = tmp_path / "state"
    with open_desk(tmp_path, "--check-only", home=home) as desk:
        visitor = Visitor(desk)
        assert "放入一份填好的表" in visitor.get("/").words
        got = json.loads(visitor.upload("foreign/表.xlsx", filled(AGENCY, (UNBALANCED,)), path="/own/upload").body)
        page = visitor.get(got["then"])
        while "正在查" in page.words:
            page = visitor.get(got["then"])
        assert f"{AGENCY} 2024 年：有误" in page.words
        assert 'class="error-cell"' in page.text
        copy = visitor.get(f"{got['then']}/annotated")
        assert "审核意见" in load_workbook(io.BytesIO(copy.body)).sheetnames
        broken = json.loads(visitor.upload("坏.xlsx", b"PK\x03\x04", path="/own/upload").body)
        page = visitor.get(broken["then"])
        while "正在查" in page.words:
            page = visitor.get(broken["then"])
        assert "读不出来" in page.words
        assert visitor.get("/received").status == 404
        assert visitor.get("/own/../../etc").status == 404
    assert list(tmp_path.iterdir()) in ([], [home])


def test_what_the_county_sent_is_accounted_for(visitor: Visitor) -> None:
    """Every file that came in has its result, those inside archives too."""
    visitor.upload("名册.csv", (FOLDER / "名册.csv").read_bytes(), path="/roster/upload")
    visitor.upload("收回的表.zip", (FOLDER / "收回的表.zip").read_bytes())
    visitor.upload("说明.exe", b"MZ")
    assert "还没有校验 2" in visitor.page("/received").words
    visitor.run("/received/check")
    page = visitor.page("/received").words
    assert "已拆开" in page
    assert "里面 39 份" in page
    assert "没有读" in page
    assert "有误 5，无法读取 1，待说明 3，未报 3，通过 28" in visitor.page("/overview").words
