"""The library (`import toolkit`): its verbs, what they cost, and what they say when something is wrong."""

import doctest
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT, environment
from kit import REPORT_DATA, write

import toolkit
from toolkit.forms import relations
from toolkit.resources import resource

NAMES = {
    *("load_form", "build_template", "read", "check", "check_folder", "write_report", "roll_up"),
    *("Form", "Submission", "Finding", "Result", "Problem"),
}
COUNTY = ROOT / "examples" / "county-2024"
EXAMPLE = REPORT_DATA["wenxian-jyj-2020"]
FRAMES = 8


def python(*arguments: object, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=environment({}),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_everything_that_is_exported_is_there() -> None:
    exported: dict[str, object] = {}
    exec("from toolkit import *", exported)
    assert exported.keys() - {"__builtins__"} == NAMES
    assert toolkit.__version__


def test_the_examples_in_the_docstrings_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    verbs = [name for name in NAMES if name[0].islower()]
    assert all(">>>" in (getattr(toolkit, name).__doc__ or "") for name in verbs)
    assert doctest.testmod(toolkit).failed == 0


def test_importing_loads_nothing_heavy(tmp_path: Path) -> None:
    loaded = python("-c", "import sys, toolkit; print([name for name in sys.modules])", folder=tmp_path)
    heavy = ("lxml", "openpyxl", "xlsxwriter", "docx", "msgspec", "python_calamine", "typer", "sqlite3", "psutil")
    assert not [name for name in heavy if f"'{name}" in loaded]
    assert loaded.count("'toolkit") == 1


def test_a_check_of_one_file_needs_no_pool_no_ledger_and_no_command_line(tmp_path: Path) -> None:
    code = f"import sys, toolkit; print(toolkit.check(toolkit.read({str(EXAMPLE)!r})).status); print(list(sys.modules))"
    said = python("-c", code, folder=tmp_path)
    assert said.startswith("passed")
    assert not [
        name for name in ("toolkit.batch", "toolkit.cli", "sqlite3", "multiprocessing", "typer") if name in said
    ]


def test_few_frames_lie_between_the_call_and_the_addition(monkeypatch: pytest.MonkeyPatch) -> None:
    depths = []
    total = relations.total

    def counted(*arguments: object) -> object:
        frame, names = sys._getframe(1), ["total"]
        while frame is not None and frame.f_code.co_name != "test_few_frames_lie_between_the_call_and_the_addition":
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        depths.append(names)
        return total(*arguments)

    submission = toolkit.read(EXAMPLE)
    monkeypatch.setattr(relations, "total", counted)
    toolkit.check(submission)
    assert depths
    assert max(map(len, depths)) <= FRAMES, max(depths, key=len)


def test_result_of_one_file_is_that_of_the_command(gknb, tmp_path: Path) -> None:
    faulty = tmp_path / "错.json"
    faulty.write_text(
        EXAMPLE.read_text(encoding="utf-8").replace('"requests.received.natural": ', '"requests.received.natural": 1'),
        encoding="utf-8",
    )
    said = json.loads(gknb("check", faulty, "--json").stdout)["files"][0]
    ours = toolkit.check(toolkit.read(faulty)).data()
    assert ours["status"] == "failed"
    assert {**ours, "path": said["path"]} == said


@pytest.mark.slow
def test_a_folder_gives_what_the_command_writes(gknb) -> None:
    call = ("check", COUNTY / "收回的表.zip", "--roster", COUNTY / "名册.csv", "--json")
    said = json.loads(gknb(*call).stdout)
    ours = toolkit.check_folder(COUNTY / "收回的表.zip", roster=COUNTY / "名册.csv")
    assert ours.data() == said
    assert [result.data() for result in ours] == said["files"]
    assert sum(1 for _ in ours.rows()) == sum(len(file["findings"]) for file in said["files"])
    readable = [file for file in said["files"] if file["status"] != "unreadable"]
    assert sorted(one.agency for one in ours.submissions()) == sorted(file["agency"] for file in readable)


@pytest.mark.slow
def test_a_folder_may_be_checked_by_processes() -> None:
    paths = [COUNTY / "收回的表.zip"]
    assert toolkit.check_folder(paths, workers=2).data() == toolkit.check_folder(paths).data()


@pytest.mark.slow
def test_the_script_in_the_docs_runs() -> None:
    script = ROOT / "docs" / "notebook.py"
    lines = [line for line in script.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 15
    said = python(script, "收回的表.zip", "名册.csv", folder=COUNTY)
    assert "'files': " in said
    assert re.search(r"\[\d+ rows x 4 columns\]", said)  # agency, severity, rule, message
    assert "services.licensing.decisions" in said
    assert "[200 rows x 37 columns]" in said  # every cell of the form, every agency whose file can be read


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "Python接口.md").read_text(encoding="utf-8")
    script = (ROOT / "docs" / "notebook.py").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    assert script in blocks
    monkeypatch.chdir(tmp_path)
    shutil.copy(resource("templates/2021.toml"), "网站报表.toml")
    write(tmp_path / "收回的表" / "甲.json", EXAMPLE.read_bytes())
    names: dict[str, object] = {"other": toolkit.read(EXAMPLE)}
    for block in blocks:
        if block != script:
            exec(block.replace("[submission, other]", "[other, other]"), names)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda _: toolkit.load_form(1800), "1800"),
        (lambda folder: toolkit.load_form(folder / "没有.toml"), "找不到格式定义"),
        (lambda _: toolkit.build_template(toolkit.load_form(2024), 2019), "用于 2021 年起"),
        (lambda folder: toolkit.read(folder / "没有.xlsx"), "文件打不开"),
        (toolkit.read, "文件夹"),
        (lambda folder: toolkit.check_folder(folder / "没有"), "没有"),
        (toolkit.check_folder, "没有"),
        (lambda folder: toolkit.check_folder(EXAMPLE, settings=folder / "没有.toml"), "找不到设定文件"),
        (lambda folder: toolkit.check_folder(EXAMPLE, roster=folder / "没有.csv"), "没有.csv"),
        (lambda folder: toolkit.write_report(toolkit.read(EXAMPLE), folder / "报告.doc"), ".docx"),
        (lambda _: toolkit.roll_up([], "甲县人民政府"), "没有可以汇总"),
    ],
)
def test_what_is_wrong_is_said_in_words(call, words: str, tmp_path: Path) -> None:
    with pytest.raises(toolkit.Problem, match=words) as raised:
        call(tmp_path)
    assert "Error" not in raised.value.message


def test_a_report_is_never_replaced_unasked(tmp_path: Path) -> None:
    submission = toolkit.read(EXAMPLE)
    target = toolkit.write_report(submission, tmp_path / "报告.html")
    before = target.read_bytes()
    with pytest.raises(toolkit.Problem, match="已经存在"):
        toolkit.write_report(submission, target)
    assert target.read_bytes() == before
    assert toolkit.write_report(submission, target, force=True) == target
