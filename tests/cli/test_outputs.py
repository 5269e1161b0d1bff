"""What is said to be written is there and holds what this run made, and no output takes the place of a file that is
read: for every command, and for names of any script and length.
"""

import io
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from command_line import Loaded, run_anew
from docx import Document
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from kit import read, report, write
from openpyxl import load_workbook
from xlsxwriter import Workbook

from toolkit.files.write import atomic_files, file_name
from toolkit.resources import resource
from toolkit.submission.json_csv import to_data
from toolkit.workbook.template import build_workbook

Gknb = Callable[..., CompletedProcess[str]]
LONG_NAME = "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县人民政府"
FIGURE = "services.licensing.decisions"
SAID = re.compile(r"(?:→ |已写出 )(.+)")


def returned(agency: str, figure: int) -> bytes:
    """A data file of an agency, in which one figure tells the run."""
    data = to_data(report("suqian-2024"))
    return json.dumps({**data, "agency": agency, "values": {**data["values"], FIGURE: figure}}).encode()


def said_files(said: str, folder: Path) -> list[Path]:
    """Every file that a command says that it has written."""
    found: list[Path] = []
    for line in said.splitlines():
        if met := SAID.search(line):
            words = re.sub(r"（提醒 \d+）$", "", met[1])
            words = re.sub(r"[（(：].*?(份|格式|，).*", "", words).rstrip("。")
            found += [folder / word for word in words.split("、")]
    return found


def prints(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def figures_in(path: Path) -> str:
    """All that stands in an output, as text."""
    if path.suffix == ".xlsx":
        sheets = load_workbook(path, data_only=True).worksheets
        return "\n".join(str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row)
    if path.suffix == ".docx":
        document = Document(str(path))
        return "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return path.read_text(encoding="utf-8-sig")


def calls(agency: str) -> Iterator[tuple[str, ...]]:
    """One call of each command that writes."""
    yield "import", "收回", "-o", "表"
    yield "check", "收回", "-o", "结果", "--annotate", "批注", "--notice", "意见"
    yield "report", "收回", "-o", "报告", "--html"
    yield "extract", "收回", "-o", file_name(agency, ".json")
    yield "extract", "收回", "-o", "数据.csv"
    yield "rollup", "收回", "--agency", agency, "-o", "汇总"
    yield "trend", "收回", "上年", "-o", file_name(f"{agency}历年", ".xlsx")
    yield "template", "--year", "2024", "--agency", agency, "-o", file_name(agency, ".xlsx")
    yield "demo", file_name(agency, "演示")


agency_names = st.text(
    st.characters(categories=("L", "M", "N", "S", "P", "Zs"), exclude_characters="\u200b"), min_size=1, max_size=120
).filter(lambda name: bool(re.search(r"[^\W\d_]", name)) and name.strip() == name and name.isprintable())
"""Names of 1 to 120 characters of any script, with a letter in them."""


@pytest.mark.slow
@given(agency=agency_names)
@example(agency=LONG_NAME)
@example(agency="𠮷" * 120)
@example(agency="e\u0301" * 60)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_said_to_be_written_is_there_and_of_this_run(
    loaded: Loaded | None, tmp_path_factory: pytest.TempPathFactory, agency: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    last = json.loads(returned(agency, 5))
    write(folder / "上年" / "上年.json", json.dumps({**last, "year": 2023}).encode())
    for run, figure in enumerate((73331, 84442)):
        source = write(folder / "收回" / "甲.json", returned(agency, figure))
        before = prints(folder / "收回") | prints(folder / "上年")
        for call in calls(agency):
            started = time.time_ns()
            arguments = [*call, *(["--force"] if run else [])]
            done = loaded.run(folder, arguments) if loaded else run_anew(folder, arguments, {})
            said = done.stdout + done.stderr
            assert "Traceback" not in said
            named = said_files(said, folder)
            if done.returncode == 0 and call[0] != "check":
                assert named or call[0] == "demo", said
            for path in named:
                assert path.is_file(), (call, said)
                assert path.stat().st_mtime_ns >= started - 10**8, (call, path)
                if call[0] in ("import", "report", "extract", "rollup", "trend") and "粘贴用" not in path.name:
                    shown = figures_in(path)
                    assert str(figure) in shown, (call, path)
        assert source.read_bytes() == returned(agency, figure)
        assert prints(folder / "收回") | prints(folder / "上年") == before
    assert not list(folder.rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("agency", ["甲" * 23, LONG_NAME])
def test_a_roll_up_of_a_long_name_leaves_its_workbook(gknb_anew: Gknb, tmp_path: Path, agency: str) -> None:
    """Two outputs of one call once shared a temporary name from 22 characters on, and one of them was lost."""
    for run, figure in enumerate((73331, 84442)):
        write(tmp_path / "收回" / "甲.json", returned("甲县教育局", figure))
        done = gknb_anew("rollup", "收回", "--agency", agency, "-o", "汇总", *(["--force"] if run else []))
        assert done.returncode == 0, done.stderr
        workbook = tmp_path / "汇总" / f"{agency}2024年政府信息公开工作年度报告.xlsx"
        assert str(workbook.relative_to(tmp_path)) in done.stderr
        assert read(workbook).values[FIGURE] == figure
        assert len(list((tmp_path / "汇总").iterdir())) == 3


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    """Whoever can write into the output folder cannot make a run write elsewhere by links under temporary names."""
    victim = write(tmp_path / "别处.txt", b"safe")
    folder = tmp_path / "out"
    folder.mkdir()
    name = f".甲.bin.{re.sub('[^0-9A-Za-z-]', '', os.uname().nodename)[:16] or 'machine'}.{os.getpid()}"
    for ending in (".part", ".old.part"):
        (folder / f"{name}{ending}").symlink_to(victim)
    write(folder / "甲.bin", b"old")
    write(folder / "乙.bin", b"old")
    with atomic_files([folder / "甲.bin", folder / "乙.bin"], force=True) as parts:
        assert all(part.is_file() and not part.is_symlink() for part in parts)
        for part in parts:
            part.write_bytes(b"new")
    assert victim.read_bytes() == b"safe"
    assert (folder / "甲.bin").read_bytes() == (folder / "乙.bin").read_bytes() == b"new"


ROSTER = "机关全称\n甲县教育局\n".encode()


def read_files(folder: Path) -> dict[str, Path]:
    """One file of every kind that a call may read, in folders of their kind."""
    data = json.loads(returned("甲县教育局", 5))
    prior = report("suqian-2023")
    workbook = build_workbook(report("suqian-2024"))
    return {
        "return": write(folder / "收回" / "甲.json", json.dumps(data).encode()),
        "workbook": write(folder / "收回" / "深处" / "乙.xlsx", workbook),
        "prior": write(folder / "上年" / "甲.xlsx", build_workbook(prior)),
        "text": write(folder / "文字" / "宿迁市人民政府.md", "# 一、总体情况\n\n正文。\n".encode()),
        "roster": write(folder / "名册.csv", ROSTER),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("extract 收回 -o 收回/甲.json", "return"),
        ("extract 收回 -o 收回/深处/乙.xlsx", "workbook"),
        ("extract 收回/甲.json -o 收回/甲.json", "return"),
        ("import 收回 -o 收回 --json", "return"),
        ("trend 收回 上年 --agency 宿迁市人民政府 -o 收回/深处/乙.xlsx", "workbook"),
        ("template --year 2024 --prior 上年 --agency 宿迁市人民政府 -o 上年/甲.xlsx", "prior"),
        ("template --year 2024 --prior 上年/甲.xlsx -o 上年/甲.xlsx", "prior"),
    ],
)
def test_force_never_replaces_what_is_read(gknb_anew: Gknb, tmp_path: Path, call: str, kind: str) -> None:
    file = read_files(tmp_path)[kind]
    before = prints(tmp_path)
    done = gknb_anew(*call.split(), "--force")
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "是这次要读的文件，不能用输出覆盖" in done.stderr
    after = prints(tmp_path)
    assert file in after
    assert {path: after[path] for path in before} == before


STYLE = resource("templates/report.docx").read_bytes()
REPORT = "宿迁市人民政府2024年政府信息公开工作年度报告.docx"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        (f"报告/{REPORT}", f"report 收回 --style 报告/{REPORT} -o 报告"),
        (f"报告/{REPORT}", "report 收回 --texts 报告 -o 报告"),
        ("格式.toml", "extract 收回 --form 格式.toml -o 格式.toml"),
        ("结果/校验结果.xlsx", "check 收回 --roster 结果/校验结果.xlsx -o 结果"),
        ("结果/findings.json", "check 收回 --key 结果/findings.json -o 结果"),
        ("结果/findings.json", "check 收回 --prior 结果/findings.json -o 结果"),
    ],
)
def test_force_never_replaces_a_style_text_form_setting_roster_or_key(
    gknb: Gknb, tmp_path: Path, name: str, call: str
) -> None:
    """Each lies where an output of the call would go, under its very name."""
    write(tmp_path / "收回" / "乙.xlsx", build_workbook(report("suqian-2024")))
    assert gknb("key", "-o", "office.key").returncode == 0
    prior = json.dumps(to_data(report("suqian-2023"))).encode()
    contents = {
        "--style": STYLE,
        "--texts": STYLE,
        "--form": resource("templates/2021.toml").read_bytes(),
        "--roster": workbook_roster(),
        "--key": (tmp_path / "office.key").read_bytes(),
        "--prior": prior,
    }
    option = next(option for option in contents if option in call)
    content = contents[option]
    place = write(tmp_path / name, content)
    done = gknb(*call.split(), "--force")
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "是这次要读的文件，不能用输出覆盖" in done.stderr, done.stderr
    assert place.read_bytes() == content


def workbook_roster() -> bytes:
    """A roster in a workbook, as an office makes one."""
    out = io.BytesIO()
    with Workbook(out) as book:
        book.add_worksheet("名册").write_column(0, 0, ["机关全称", "宿迁市人民政府"])
    return out.getvalue()


@pytest.mark.slow
def test_earlier_results_of_ours_may_be_replaced_where_returns_lie(gknb: Gknb, tmp_path: Path) -> None:
    """They lie among the returns under the very names of this run's outputs, but they are none of what it reads."""
    write(tmp_path / "收回" / "乙.xlsx", build_workbook(report("suqian-2024")))
    for more in ([], ["--force"]):
        done = gknb("check", "收回", "-o", "收回", *more)
        assert done.returncode == 0, done.stderr
        assert json.loads((tmp_path / "收回" / "findings.json").read_text(encoding="utf-8"))["summary"]["files"] == 1
