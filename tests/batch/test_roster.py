"""The roster: what offices keep is read, and every row with something wrong is named."""

import io
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from command_line import Gknb
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from kit import report, write
from openpyxl import Workbook, load_workbook
from rosters import CODES, Rows, write_csv

from toolkit.batch.roster import Roster, code_fault, columns_of, read_roster, roster_template
from toolkit.forms.powers import shared_powers
from toolkit.problems import Problem
from toolkit.workbook.template import build_workbook

HEADER = [names[0] for names in columns_of(shared_powers()).values()]
ROWS = [
    ["温县教育局", CODES[0], "部门", "否", "王某", "0391-1234567", "县直部门", "温县教育体育局"],
    ["温县人民政府", CODES[1], "政府", "是", "李某", 13800138000, "", ""],
    ["黄庄镇人民政府", CODES[2], "乡镇街道", "", "赵某", "", "乡镇", "黄庄乡人民政府、黄庄公社"],
]


def book(path: Path, rows: Rows, *merged: str, **others: Rows) -> Path:
    """A workbook as an office makes it, with other sheets beside the first."""
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    for place in merged:
        sheet.merge_cells(place)
    for name, content in others.items():
        other = made.create_sheet(name)
        for row in content:
            other.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path)
    return path


def problem_of(path: Path) -> str:
    with pytest.raises(Problem) as caught:
        read_roster(path)
    assert "Error" not in caught.value.message
    return caught.value.message


def plain(roster: Roster) -> list[tuple[object, ...]]:
    return [
        (e.name, e.code, e.kind, e.powers.get("rulemaking"), e.contact, e.phone, e.group, "、".join(e.former))
        for e in roster.entries
    ]


WANTED = [
    ("温县教育局", CODES[0], "部门", False, "王某", "0391-1234567", "县直部门", "温县教育体育局"),
    ("温县人民政府", CODES[1], "政府", True, "李某", "13800138000", "", ""),
    ("黄庄镇人民政府", CODES[2], "乡镇街道", None, "赵某", "", "乡镇", "黄庄乡人民政府、黄庄公社"),
]


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("utf-16", "\t"), ("utf-8-sig", ";"), ("gb18030", "\t")],
)
def test_texts_as_excel_wps_and_editors_save_them(tmp_path: Path, encoding: str, separator: str) -> None:
    title: Rows = [["温县报送机关名册"], []]
    for rows in ([HEADER, *ROWS], [*title, HEADER, *ROWS, [], ["", ""]]):
        assert plain(read_roster(write_csv(tmp_path / "名册.csv", rows, encoding, separator))) == WANTED


def test_a_workbook_with_a_title_above_and_blank_rows_below(tmp_path: Path) -> None:
    rows: Rows = [["名册"], [], ["填报单位", "温县"], ["序号", *HEADER, "备注", "地址"]]
    rows += [[n, *row] for n, row in enumerate(ROWS, 1)] + [[None] * 9] * 20
    roster = read_roster(book(tmp_path / "foreign" / "名册.xlsx", rows, "A1:I1", 说明=[["怎样填"]]))
    assert plain(roster) == WANTED
    assert [entry.row for entry in roster.entries] == [5, 6, 7]
    assert roster.unused == ("地址",)


def test_cells_merged_over_rows_count_for_each(tmp_path: Path) -> None:
    rows: Rows = [
        ["分组", "单位", "联系方式"],
        ["", "", "电话"],
        ["县直", "甲局", "1"],
        ["", "乙局", "2"],
        ["", "丙局", "3"],
    ]
    roster = read_roster(book(tmp_path / "foreign" / "名册.xlsx", rows, "A1:A2", "B1:B2", "A3:A4"))
    assert [(entry.name, entry.group) for entry in roster.entries] == [("甲局", "县直"), ("乙局", "县直"), ("丙局", "")]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("*机关全称（必填）", "name"),
        ("单位 名称", "name"),
        ("填报单位：", "name"),
        ("统一社会\n信用代码", "code"),
        ("代码(18位)", "code"),
        ("单位类别", "kind"),
        ("手机", "phone"),
        ("原名称", "former"),
    ],
)
def test_columns_by_other_names(tmp_path: Path, header: str, field: str) -> None:
    values = {"name": "甲局", "code": CODES[0], "kind": "部门", "phone": "1", "former": "乙局"}
    rows: Rows = [["机关全称", header], ["甲局", values[field]]] if field != "name" else [[header], ["甲局"]]
    (entry,) = read_roster(write_csv(tmp_path / "名册.csv", rows)).entries
    assert getattr(entry, field) == (("乙局",) if field == "former" else values[field])


@pytest.mark.parametrize(
    ("cells", "field", "wanted"),
    [
        ({"机关全称": "温县\n教　育 局"}, "name", "温县教育局"),
        ({"机关全称": "温县\u200b教育局\ufeff"}, "name", "温县教育局"),
        ({"机关全称": "CBD Park 管委会"}, "name", "CBD Park管委会"),
        ({"统一社会信用代码": " 9144 0300 7084 6113 6t"}, "code", CODES[2]),
        ({"统一社会信用代码": "９１４４０３００７０８４６１１３６Ｔ"}, "code", CODES[2]),
        ({"统一社会信用代码": "'914403001922038216"}, "code", CODES[1]),
        ({"统一社会信用代码": "无"}, "code", ""),
        ({"曾用名": "甲所\n乙所；丙所/丁所, 甲所、无"}, "former", ("甲所", "乙所", "丙所", "丁所")),
        ({"曾用名": "温县教育局"}, "former", ()),
        ({"规章制定权": "√"}, "powers", {"rulemaking": True}),
        ({"有无规章制定权": "无"}, "powers", {"rulemaking": False}),
        ({"规章制定权": ""}, "powers", {}),
        ({"联系人": "=cmd|' /C calc'!A0"}, "contact", "=cmd|' /C calc'!A0"),
    ],
)
def test_cells_as_people_fill_them(tmp_path: Path, cells: dict[str, str], field: str, wanted: object) -> None:
    row = {"机关全称": "温县教育局", **cells}
    (entry,) = read_roster(write_csv(tmp_path / "名册.csv", [list(row), list(row.values())])).entries
    assert getattr(entry, field) == wanted


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ([["甲局"], ["甲 局"]], 3, ("“甲局”与第 2 行重复",)),
        ([["甲局（本级）"], ["甲局(本级)"]], 3, ("与第 2 行“甲局（本级）”重复",)),
        ([["甲局", CODES[0]], ["乙局", CODES[0]]], 3, ("乙局的代码与第 2 行甲局的相同",)),
        ([["", CODES[0]]], 2, ("没有填机关全称",)),
        ([["长" * 101]], 2, ("101 字", "100 字")),
        ([["合计"]], 2, ("“合计”不像机关全称",)),
        ([["一、县直部门"]], 2, ("不像机关全称", "“分组”一列")),
        ([["（二）乡镇"]], 2, ("不像机关全称",)),
        ([["填表人：王某"]], 2, ("不像机关全称",)),
        ([["12345"]], 2, ("不像机关全称",)),
        ([["甲局", "11410825"]], 2, ("有 8 位，应为 18 位",)),
        ([["甲局", "114108250000O01I3Z"]], 2, ("“OIZ”", "不用 I、O、S、V、Z")),
        ([["甲局", CODES[1][:17] + "7"]], 2, ("校验位不对", "最后一位是 7", "应为 6")),
        ([["甲局", 1.14108250000001e17]], 2, ("当作数字改过", "文本格式")),
        ([["甲局", "1.14108E+17"]], 2, ("当作数字改过",)),
        ([["甲局", "", "也许"]], 2, ("规章制定权", "也许", "是、否")),
        ([["甲局"], ["乙局", "", "", "甲局"]], 3, ("曾用名“甲局”也是第 2 行甲局的",)),
        ([["甲局", "", "", "丙局"], ["乙局", "", "", "丙局"]], 3, ("也是第 2 行甲局的",)),
    ],
)
def test_each_fault_names_its_row(tmp_path: Path, rows: Rows, line: int, words: tuple[str, ...]) -> None:
    header: Rows = [["机关全称", "统一社会信用代码", "规章制定权", "曾用名"]]
    for path in (
        book(tmp_path / "foreign" / "名册.xlsx", [*header, *rows]),
        write_csv(tmp_path / "名册.csv", [*header, *rows]),
    ):
        title, fault = problem_of(path).split("\n")
        assert title.endswith("有 1 处要改：")
        assert fault.startswith(f"  第 {line} 行：")
        assert all(word in fault for word in words), fault


def test_faults_come_in_the_order_of_the_rows_and_not_without_end(tmp_path: Path) -> None:
    lines = problem_of(write_csv(tmp_path / "名册.csv", [["机关"], ["甲局"], ["甲局"], ["合计"], ["甲局"]])).split("\n")
    assert [line[:8] for line in lines[1:]] == ["  第 3 行：", "  第 4 行：", "  第 5 行："]
    lines = problem_of(write_csv(tmp_path / "名册.csv", [["机关"], *[["甲局"]] * 5000])).split("\n")
    assert len(lines) < 30
    assert "另有 4979 处" in lines[-1]


def test_no_roster_at_all_is_told_as_what_it_is(tmp_path: Path) -> None:
    word = tmp_path / "foreign" / "word.xlsx"
    word.parent.mkdir()
    Document().save(str(word))
    rows: Rows = [["机关"], ["甲局"]]
    cases = {
        "找不到": tmp_path / "没有.xlsx",
        "是文件夹": tmp_path,
        "空文件": write(tmp_path / "foreign" / "空.xlsx", b""),
        "是 Word 文件": word,
        "是 PDF": write(tmp_path / "a.csv", b"%PDF-1.7"),
        "网页": write(tmp_path / "a.xls", "\ufeff<html><table><tr><td>机关".encode()),
        "可能损坏或有密码": write(tmp_path / "foreign" / "b.xlsx", b"PK\x03\x04 broken"),
        "不是 UTF-8": write(tmp_path / "b.csv", bytes(range(1, 256)) * 4),
        "不是表格，也不是文本": write(tmp_path / "c.csv", "机关,a".encode("utf-16-le")),
        "第 3 行的引号": write(tmp_path / "d.csv", '机关,联系人\n甲局,乙\n"丙局,丁\n戊局,己\n'.encode()),
        "没有“机关全称”": write_csv(tmp_path / "e.csv", [["编号", "地址"], ["1", "2"]]),
        "里没有机关": write_csv(tmp_path / "f.csv", [HEADER, [], ["", ""]]),
        "“Sheet”、“乡镇”": book(tmp_path / "foreign" / "c.xlsx", rows, 乡镇=rows),
        "很远的地方": far(tmp_path / "foreign" / "d.xlsx"),
    }
    for words, path in cases.items():
        assert words in problem_of(path), problem_of(path)


def far(path: Path) -> Path:
    made = load_workbook(book(path, [["机关"], ["甲局"]]))
    made.active["XFD1048576"] = 1
    made.save(path)
    return path


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    rows: Rows = [["机关"], ["甲局"]]
    made = load_workbook(book(tmp_path / "foreign" / "名册.xlsx", rows, 去年=[["机关"], ["乙局"]]))
    made["去年"].sheet_state = "hidden"
    made.save(tmp_path / "foreign" / "名册.xlsx")
    assert [entry.name for entry in read_roster(tmp_path / "foreign" / "名册.xlsx").entries] == ["甲局"]


WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def right(code: str) -> str:
    """The last character by the table of weights that the standard prints."""
    rest = sum(CHARACTERS.index(char) * weight for char, weight in zip(code, WEIGHTS, strict=True)) % 31
    return CHARACTERS[(31 - rest) % 31]


@pytest.mark.parametrize("code", CODES)
def test_real_codes_are_right(code: str) -> None:
    assert code_fault(code) == ""
    assert right(code[:17]) == code[17]


@given(st.text(CHARACTERS, min_size=17, max_size=17), st.data())
def test_the_check_character_catches_any_one_wrong_character(first: str, data: st.DataObject) -> None:
    code = first + right(first)
    assert code_fault(code) == ""
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from(CHARACTERS.replace(code[place], "")))
    assert code_fault(code[:place] + wrong + code[place + 1 :])


@given(st.sampled_from((b"", "机关,曾用名\n".encode(), b"PK\x03\x04")), st.binary(max_size=400))
def test_any_bytes_give_a_roster_or_a_sentence(start: bytes, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "名册.csv", start + content)
        with suppress(Problem):
            assert read_roster(path).entries


def test_the_template_is_a_roster_once_it_is_filled_in(gknb: Gknb, tmp_path: Path) -> None:
    ran = gknb("roster", "-o", "名册.xlsx")
    assert ran.returncode == 0
    assert "里没有机关" in gknb("roster", "名册.xlsx").stderr
    made = load_workbook(io.BytesIO(roster_template()))
    for row, values in enumerate(ROWS, 4):
        for column, value in enumerate(values, 1):
            made.active.cell(row, column, value)
    (tmp_path / "foreign").mkdir()
    made.save(tmp_path / "foreign" / "名册.xlsx")
    assert plain(read_roster(tmp_path / "foreign" / "名册.xlsx")) == WANTED
    ran = gknb("roster", "foreign/名册.xlsx")
    assert (ran.returncode, ran.stdout) == (0, "名册没有问题：3 个机关，分 2 组。\n")


def test_the_command_tells_what_it_did_not_use(gknb: Gknb, tmp_path: Path) -> None:
    write_csv(tmp_path / "名册.csv", [["单位", "机构代号"], ["甲局", CODES[0]]])
    ran = gknb("roster", "名册.csv")
    assert "1 个没有填代码" in ran.stdout
    assert "没有用到的列：机构代号" in ran.stdout
    assert gknb("roster").returncode == gknb("roster", "名册.csv", "-o", "b.xlsx").returncode == 2


def test_ids_an_agency_ever_had_lead_to_it(tmp_path: Path) -> None:
    old, new = (
        read_roster(write_csv(tmp_path / "名册.csv", [["机关", "代码", "曾用名"], row, ["丙局", "", ""]]))
        for row in (["甲局", "", ""], ["乙局", CODES[0], "甲局"])
    )
    assert new.by_id[old.entries[0].id] == 0
    assert new.by_id[new.entries[0].id] == 0
    assert old.entries[0].id != new.entries[0].id


@pytest.mark.slow
def test_what_is_no_roster_is_told_as_what_it_is(gknb: Gknb, tmp_path: Path) -> None:
    """A form, filled in or not, an output of ours, and a form of anybody's; no number of agencies is made up of it."""
    write(tmp_path / "名册.csv", "机关全称\n甲局\n乙局\n".encode())
    filled = write(tmp_path / "收" / "甲.xlsx", build_workbook(replace(report("suqian-2024"), agency="甲局")))
    gknb("template", "--year", 2024, "-o", "空白.xlsx")
    gknb("distribute", "名册.csv", "--year", 2024, "-o", "发放")
    gknb("check", "收", "--roster", "名册.csv", "-o", "结果")
    gknb("rollup", "收", "--agency", "某县", "-o", "汇总")
    for path, words in {
        filled: "是填报表或它的空白模板，不是名册",
        tmp_path / "空白.xlsx": "是填报表或它的空白模板，不是名册",
        tmp_path / "发放" / "发放清单.xlsx": "是 gknb distribute 写出的发放清单，不是名册",
        tmp_path / "结果" / "校验结果.xlsx": "是 gknb check 写出的校验结果，不是名册",
        tmp_path / "汇总" / "汇总表.xlsx": "是 gknb rollup 写出的汇总表，不是名册",
    }.items():
        for call in (("roster", path), ("check", "收", "--roster", path)):
            ran = gknb(*call)
            assert ran.returncode == 2
            assert words in ran.stderr
            assert "名册没有问题" not in ran.stdout


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["填报单位", "温县教育局"], ["填报人", "王某"], ["联系电话", "1"]], "它下面第 2 行是“填报人”"),
        (
            [["申报表"], ["单位名称：", ""], ["统一社会信用代码：", ""], ["收到申请", 5]],
            "它下面第 3 行是“统一社会信用代码：”",
        ),
        ([["填报单位", "温县教育局"], [], ["项目", "数量"], ["收到申请", 5]], "它右边是“温县教育局”"),
    ],
)
def test_a_form_of_one_item_a_row_is_no_roster(tmp_path: Path, rows: Rows, words: str) -> None:
    for path in (book(tmp_path / "foreign" / "表.xlsx", rows), write_csv(tmp_path / "表.csv", rows)):
        said = problem_of(path)
        assert "不像名册" in said
        assert words in said


@pytest.mark.parametrize(
    "rows",
    [
        [["单位名称"], ["温县教育局"]],
        [["单位", "上级主管局"], ["甲局", "市教育局"], ["乙局", ""]],
        [["机关", "地址"], ["甲局", "温县人民政府大院"], ["机关", "地址"], ["乙局", "东街 1 号"]],
        [["填报单位", "温县人民政府"], ["序号", "机关", "电话"], ["1", "甲局", "2"], ["2", "乙局", "3"]],
    ],
)
def test_rosters_that_look_a_little_like_a_form_are_rosters(tmp_path: Path, rows: Rows) -> None:
    assert read_roster(write_csv(tmp_path / "名册.csv", rows)).entries
