"""What 开始 and 审表 do with what was dropped on them."""

import os
import sys
from pathlib import Path

import pytest

from toolkit.bundle import launch
from toolkit.bundle.launch import check_call, split_line, start_call, windows_arguments

CMD = "C:\\WINDOWS\\system32\\cmd.exe"


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("", []),
        ("  ", []),
        ('"D:\\收回 的表" D:\\a', ["D:\\收回 的表", "D:\\a"]),
        ("D:\\甲&乙.xlsx", ["D:\\甲&乙.xlsx"]),
        ('"D:\\"', ["D:\\"]),
        ('""', []),
        ('"D:\\没有结束', ["D:\\没有结束"]),
    ],
)
def test_windows_command_lines_are_split(line: str, parts: list[str]) -> None:
    assert split_line(line) == parts


@pytest.mark.parametrize(
    ("command", "arguments", "found"),
    [
        (f'{CMD} /c ""D:\\箱\\审表.bat" "', "", []),
        (f'{CMD} /c ""D:\\箱\\审表.bat" D:\\表 "', "D:\\表", ["D:\\表"]),
        (f'{CMD} /c ""D:\\箱\\审表.bat" "D:\\一 二" D:\\三"', '"D:\\一 二" D:\\三', ["D:\\一 二", "D:\\三"]),
        (f'{CMD} /c ""D:\\箱\\审表.bat" D:\\甲&乙.xlsx"', "D:\\甲", ["D:\\甲&乙.xlsx"]),
        (f'{CMD} /c ""D:\\箱\\审表.BAT" "D:\\一 二""', '"D:\\一 二"', ["D:\\一 二"]),
        (f'"{CMD}" ', '"D:\\一 二"', ["D:\\一 二"]),
        (f"{CMD} /c other.bat", "D:\\表", ["D:\\表"]),
    ],
    ids=["double click", "one", "two", "with &", "capitals", "typed", "from another .bat"],
)
def test_what_explorer_drops_is_taken_from_the_whole_command_line(
    command: str, arguments: str, found: list[str]
) -> None:
    """cmd.exe cuts a name at &: `%*` of the .bat file holds only the part before it."""
    environment = {"GKNB_COMMAND": command, "GKNB_STARTER": "审表.bat", "GKNB_ARGUMENTS": arguments}
    assert windows_arguments(environment) == found


def test_elsewhere_nothing_is_added() -> None:
    assert windows_arguments({}) == []


def test_the_page_opens_for_the_folder_beside_the_program(tmp_path: Path) -> None:
    call = start_call(tmp_path, ["--no-browser", "--port", "8000"])
    assert call.arguments == ("start", str(tmp_path / "年报"), "--no-browser", "--port", "8000")
    assert (tmp_path / "年报").is_dir()
    (tmp_path / "年报" / "名册.csv").write_text("", encoding="utf-8")
    assert start_call(tmp_path, []).folder == tmp_path / "年报"


def test_the_page_opens_for_what_was_dropped(tmp_path: Path) -> None:
    other = tmp_path / "去年 的年报"
    other.mkdir()
    (other / "gknb.toml").touch()
    assert start_call(tmp_path, [str(other)]).arguments == ("start", str(other))
    assert start_call(tmp_path, [str(other / "gknb.toml")]).arguments == ("start", str(other))
    assert not (tmp_path / "年报").exists()


def test_where_nothing_can_be_written_the_users_own_folder_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch.Path, "home", lambda: tmp_path / "home")
    (tmp_path / "home").mkdir()
    stick = tmp_path / "stick"
    stick.write_text("a folder that nothing can be made in", encoding="utf-8")
    assert start_call(stick, []).folder == tmp_path / "home" / "年报"


def test_results_go_beside_what_was_dropped_and_replace_nothing(tmp_path: Path) -> None:
    returned = tmp_path / "收回.的表"
    returned.mkdir()
    call = check_call([str(returned)])
    assert call is not None
    assert call.arguments == ("check", str(returned), "-o", str(tmp_path / "收回.的表-校验结果"))
    assert call.folder == tmp_path
    (tmp_path / "收回.的表-校验结果").mkdir()
    call = check_call([str(returned)])
    assert call is not None
    assert call.page == tmp_path / "收回.的表-校验结果（2）" / "校验结果.html"


def test_of_several_the_first_names_the_results(tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    one, two = folder / "甲局.xlsx", folder / "乙局.xlsx"
    one.touch()
    two.touch()
    call = check_call([str(one), str(two)])
    assert call is not None
    assert call.arguments == ("check", str(one), str(two), "-o", str(folder / "甲局-校验结果"))


def test_in_a_project_results_go_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "gknb.toml").touch()
    (tmp_path / "收回的表").mkdir()
    call = check_call([str(tmp_path / "收回的表")])
    assert call is not None
    assert call.arguments == ("check", str(tmp_path / "收回的表"))
    assert call.folder == tmp_path


def test_a_name_is_never_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    call = check_call(["--force"])
    assert call is not None
    assert call.arguments[1] == str(tmp_path / "--force")


@pytest.mark.parametrize("job", ["check", "start"])
def test_the_job_is_done_and_its_status_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], job: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["launch", job, str(tmp_path)])
    monkeypatch.setattr(launch, "run_gknb", lambda call: 1 if call.arguments[0] == job else 0)
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("nobody is there to press a key"))
    with pytest.raises(SystemExit) as end:
        launch.main()
    assert end.value.code == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_double_click_on_check_says_what_to_drop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["launch", "check"])
    monkeypatch.setattr(launch, "run_gknb", lambda _: pytest.fail("nothing to check"))
    with pytest.raises(SystemExit) as end:
        launch.main()
    assert end.value.code == 2
    assert "拖到“审表”的图标上" in capsys.readouterr().out


def test_the_page_of_results_is_shown_when_a_key_is_pressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(launch.webbrowser, "open", shown.append)
    monkeypatch.setattr("builtins.input", lambda _: "")
    monkeypatch.setattr(sys, "stdin", open(os.devnull, encoding="utf-8"))  # noqa: SIM115, PTH123
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    page = tmp_path / "校验结果.html"
    launch._wait(page)
    assert shown == [], "there is none"
    page.touch()
    launch._wait(page)
    assert shown == [page.as_uri()]
