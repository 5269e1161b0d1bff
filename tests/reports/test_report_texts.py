"""`gknb report --texts`: the texts of a folder's files stand in the reports of the agencies whose they are."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from command_line import Gknb
from docx import Document
from docx.shared import Cm
from kit import docx_grids, report, write
from office import as_word
from validator import assert_valid
from word_files import docx, number_headings, p, png, r

from toolkit.documents.texts_folder import find_text_files
from toolkit.problems import Problem, Unreadable
from toolkit.submission.model import Submission
from toolkit.workbook.template import build_workbook

BODY = "正文<b>&amp;“引号”🏫𬀩１２３12"
"""Characters that something on the way could take for its own."""
SECTIONS = ("一、总体情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项")


def paragraphs(path: Path) -> list[str]:
    return [one.text for one in Document(str(path)).paragraphs]


def numbered_by_python_docx() -> bytes:
    """Headings whose numbers Word counts: 一、 （一） and 1. by their styles; a picture and a table in the text."""
    document = Document()
    number_headings(document)
    document.add_heading("总体情况", 1)
    document.add_heading("主动公开政府信息情况", 2)
    document.add_paragraph("　　").add_run("加强领导。").bold = True
    document.paragraphs[-1].add_run(BODY)
    document.add_heading("网站", 3)
    document.add_picture(BytesIO(png(4, 3)), width=Cm(40))
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "合并"
    table.cell(0, 1).text = "甲"
    for title in ("主动公开政府信息情况", "收到和处理政府信息公开申请情况", "政府信息公开行政复议、行政诉讼情况"):
        document.add_heading(title, 1)
    document.add_heading("存在的主要问题及改进情况", 1)
    document.add_paragraph("问题在此。")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def written_by_libreoffice(folder: Path) -> Path:
    source = folder / "source.html"
    folder.mkdir(exist_ok=True)
    source.write_text(
        f"<html><meta charset='utf-8'><body><h1>{SECTIONS[0]}</h1><p><b>加强领导。</b>一是推进。</p>"
        "<h2>（一）主动公开</h2><p>甲。</p><table border='1'>"
        "<tr><td colspan='2'>宽</td></tr><tr><td>左</td><td>右</td></tr></table>"
        f"<h1>{SECTIONS[1]}</h1><p>乙。</p></body></html>",
        encoding="utf-8",
    )
    return as_word(source, folder / "word")


@pytest.mark.libreoffice
@pytest.mark.validator
def test_files_of_other_programs_go_the_whole_way(gknb: Gknb, tmp_path: Path) -> None:
    for name in ("suqian-2024", "shanghai-office-2019", "wenxian-jyj-2020"):
        write(tmp_path / "表" / f"{name}.xlsx", build_workbook(report(name)))
    texts = tmp_path / "foreign"
    written_by_libreoffice(texts).rename(texts / "03-宿迁市人民政府2024年年报（定稿）.docx")
    write(texts / "下级" / "上海市人民政府办公厅.docx", numbered_by_python_docx())
    write(texts / "温县教育局.txt", f"一、总体情况\n{BODY}\n二、主动公开政府信息情况\n表略\n".encode())
    write(texts / "某局.md", b"x")
    write(texts / "~$温县教育局.docx", b"x")
    # One of the real reports has errors in its tables.
    result = gknb("report", "表", "--texts", "foreign", "--allow-failed", "-o", "报告")
    assert result.returncode == 0, result.stderr
    said = result.stderr
    assert "有 1 个文字文件没有用上，对不上任何一份报告的机关和年度：某局.md。" in said
    assert said.count("填报表和文字文件里都有，内容不同，用的是文字文件里的。") == 3
    assert (
        "“二、主动公开政府信息情况”下面的文字不属于要写文字的部分，只作校验，没有写入报告：“表略”（共 2 字）。" in said
    )

    made = {path.name.partition("20")[0]: path for path in (tmp_path / "报告").glob("*.docx")}
    for path in made.values():
        assert_valid(path)
    city = Document(str(made["宿迁市人民政府"]))
    assert [(one.text, one.style.name) for one in city.paragraphs][1:5] == [
        (SECTIONS[0], "Heading 1"),
        ("加强领导。一是推进。", "Body Text"),
        ("（一）主动公开", "Heading 2"),
        ("甲。", "Body Text"),
    ]
    assert [(run.text, run.bold) for run in city.paragraphs[2].runs] == [("加强领导。", True), ("一是推进。", None)]
    assert docx_grids(made["宿迁市人民政府"])[0] == [["宽"], ["左", "右"]]
    assert "乙。" in paragraphs(made["宿迁市人民政府"])
    assert paragraphs(made["宿迁市人民政府"])[-1] == report("suqian-2024").texts["六"][-1]

    office = Document(str(made["上海市人民政府办公厅"]))
    assert [one.text for one in office.paragraphs][2:6] == [
        SECTIONS[0],
        "（一）主动公开政府信息情况",
        f"加强领导。{BODY}",
        "1.网站",
    ]
    (picture,) = office.inline_shapes
    section = office.sections[0]
    assert picture.width <= section.page_width - section.left_margin - section.right_margin
    assert abs(picture.width / picture.height - 4 / 3) < 0.01
    assert docx_grids(made["上海市人民政府办公厅"])[0] == [["合并", "甲"], ["", ""]]
    assert "问题在此。" in paragraphs(made["上海市人民政府办公厅"])
    assert paragraphs(made["温县教育局"])[2] == BODY


def test_tracked_changes_and_comments_are_told(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", build_workbook(report("suqian-2024")))
    body = p("一、总体情况") + p("甲", f"<w:ins>{r('乙')}</w:ins><w:del><w:r><w:delText>丙</w:delText></w:r></w:del>")
    comments = f'<w:comment w:id="0" w:author="李四">{p("再核一下")}</w:comment>'
    write(tmp_path / "foreign" / "宿迁市人民政府.docx", docx(body, comments=comments))
    result = gknb("report", "a.xlsx", "--texts", "foreign")
    assert result.returncode == 0, result.stderr
    assert "注意：有 2 处修订还没有定稿：插入的文字已算在内，删去的没有。" in result.stderr
    assert "注意：有 1 条批注没有写入报告，第一条是“再核一下”（李四）。" in result.stderr
    assert "甲乙" in paragraphs(next(tmp_path.glob("*.docx")))


def test_a_file_that_cannot_be_read_costs_only_its_own_report(gknb: Gknb, tmp_path: Path) -> None:
    for name in ("suqian-2024", "wenxian-jyj-2020"):
        write(tmp_path / "表" / f"{name}.xlsx", build_workbook(report(name)))
    write(tmp_path / "foreign" / "温县教育局.doc", b"\xd0\xcf\x11\xe0")
    result = gknb("report", "表", "--texts", "foreign", "-o", "报告")
    assert result.returncode == 1
    assert "【没有生成】表/wenxian-jyj-2020.xlsx：文字文件 温县教育局.doc 是旧格式" in result.stderr
    assert "没有用上" not in result.stderr
    assert "文字文件夹里没有它的文件，用的是填报表里的文字。" in result.stderr
    assert [path.name for path in (tmp_path / "报告").iterdir()] == [
        "宿迁市人民政府2024年政府信息公开工作年度报告.docx"
    ]


def test_check_judges_the_texts_that_the_report_would_have(gknb: Gknb, tmp_path: Path) -> None:
    """The same file belongs to the same return; messages say that the text stands there; a file that cannot be read is
    an error; a text that only the file has is not missing."""
    empty = replace(report("suqian-2024"), texts={})
    write(tmp_path / "表" / "a.xlsx", build_workbook(empty))
    lines = (
        *SECTIONS[:1],
        "全年共收到政府信息公开申请3件。",
        SECTIONS[1],
        "问题是不够及时，下一步改进。",
        SECTIONS[2],
        "无",
    )
    write(
        tmp_path / "文字" / "03-宿迁市人民政府2024年年报（定稿）.docx",
        docx("".join(map(p, ("根据条例编制。", *lines)))),
    )
    plain = gknb("check", "表")
    assert plain.returncode == 1
    assert plain.stdout.count("没有文字") == 3
    result = gknb("check", "表", "--texts", "文字", "--annotate", "批注")
    assert result.returncode == 0, result.stdout
    assert "没有文字" not in result.stdout
    place = "「一、总体情况」第 1 段（文字文件 03-宿迁市人民政府2024年年报（定稿）.docx）"
    assert f"{place}“收到申请”写的是 3，" in result.stdout
    made = gknb("report", "表", "--texts", "文字", "-o", "报告")
    assert made.returncode == 0, made.stderr
    assert "全年共收到政府信息公开申请3件。" in paragraphs(next((tmp_path / "报告").glob("*.docx")))

    write(tmp_path / "文字" / "宿迁市人民政府2024年修改稿.doc", b"\xd0\xcf\x11\xe0")
    result = gknb("check", "表", "--texts", "文字")
    assert result.returncode == 1
    assert "文字文件夹里有 2 个文件像是它的" in result.stdout
    assert gknb("check", "表", "--texts", "没有").returncode == 2


def test_a_text_file_that_changed_is_judged_again(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "表" / "a.xlsx", build_workbook(report("suqian-2024")))
    text = write(tmp_path / "文字" / "宿迁市人民政府.txt", f"{SECTIONS[2]}\n本年度未收取信息处理费。".encode())
    call = ("check", "表", "--texts", "文字", "-o", "结果")
    assert gknb(*call).returncode == 0
    text.write_text(f"{SECTIONS[2]}\n本年度收取信息处理费XX元。", encoding="utf-8")
    again = gknb(*call, "--resume")
    assert again.returncode == 1
    assert "文字文件" in again.stderr


def test_a_project_checks_the_texts_that_it_reports(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "gknb.toml", '[project]\nreturned = "表"\ntexts = "文字"\nreports = "报告"\n'.encode())
    write(tmp_path / "表" / "a.xlsx", build_workbook(report("suqian-2024")))
    (tmp_path / "文字").mkdir()
    assert gknb("check").returncode == 0
    write(tmp_path / "文字" / "宿迁市人民政府.txt", f"{SECTIONS[2]}\n本年度收取信息处理费XX元。".encode())
    result = gknb("check")
    assert result.returncode == 1
    assert "（文字文件 宿迁市人民政府.txt）有待填的空位“XX”" in result.stdout
    assert "有误" in gknb("report").stderr


NAMES = {
    "温县教育局.docx": True,
    "温县教育局2020.txt": True,
    "03-温县教育局2020年年报（定稿）.docx": True,
    "2020年温县教育局政府信息公开工作年度报告.md": True,
    "温 县 教 育 局(1).docx": True,
    "91410825MB0N12345X.docx": True,
    "0123456789abcdef.docx": True,
    "回收的表07.docx": True,
    "温县教育局/年报.docx": True,
    "温县教育局2019年年报.docx": False,
    "温县教育局下属学校.docx": False,
    "县教育局.docx": False,
    "教育局.docx": False,
    "温县教育局.xlsx": None,
    "~$温县教育局.docx": None,
}


def submission() -> Submission:
    info = {"code": "91410825MB0N12345X"}
    return replace(report("wenxian-jyj-2020"), info=info, issued="0123456789abcdef")


@pytest.mark.parametrize(("name", "matches"), NAMES.items(), ids=list(NAMES))
def test_whose_a_file_is(name: str, matches: bool | None, tmp_path: Path) -> None:
    path = write(tmp_path / "foreign" / name, b"x")
    if matches is None:
        with pytest.raises(Problem, match="没有文字文件"):
            find_text_files(tmp_path / "foreign")
        return
    found = find_text_files(tmp_path / "foreign").of(submission(), "回收的表07")
    assert found == (path if matches else None)


def test_two_files_for_one_agency_are_not_chosen_from(tmp_path: Path) -> None:
    for name in ("温县教育局年报.docx", "温县教育局（修改稿）.docx"):
        write(tmp_path / "foreign" / name, b"x")
    with pytest.raises(Unreadable, match="有 2 个文件像是它的"):
        find_text_files(tmp_path / "foreign").of(submission(), "a")
    exact = write(tmp_path / "foreign" / "温县教育局.txt", b"x")
    with pytest.raises(Unreadable, match="有 3 个文件像是它的"):
        find_text_files(tmp_path / "foreign").of(submission(), "a")
    year = write(tmp_path / "foreign" / "2020" / "温县教育局2020.txt", b"x")
    exact.unlink()
    assert find_text_files(tmp_path / "foreign").of(submission(), "a") == year, "the year goes before no year"
