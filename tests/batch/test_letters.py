"""`gknb check --annotate --notice`, run again: the folders belong to the command. What changed is renewed, what is the
same is left alone, what is settled is moved to 已解决, and what others put there or changed is never touched."""

import io
import random
import shutil
import signal
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import psutil
import pytest
from batches import FAULTS, names, workbook
from command_line import Gknb
from docx import Document
from kit import others_document, write
from office import convert
from openpyxl import load_workbook
from processes import MANY, inputs, linux, start, wait_for
from wrong_report import SOURCE, WRONG

from toolkit.submission.model import Submission
from toolkit.workbook.template import build_workbook

WORSE = replace(WRONG, values={**WRONG.values, "fees.fees.amount": "777件"})
ERRORS_ONLY = ("--skip", "alike-texts,misspelt-text,overview-sides")
"""Without the rules by which our sound returns, which share one text, would get letters, too."""
CALL = ("check", "收回", "--annotate", "批注", "--notice", "退回", *ERRORS_ONLY)


def put(folder: Path, name: str, source: Submission, agency: str = "") -> Path:
    """A return of an agency, in a file of its name."""
    return write(folder / "收回" / f"{name}.xlsx", build_workbook(replace(source, agency=agency or f"{name}县教育局")))


def copy_of(name: str) -> str:
    return f"批注/{name}-审核意见.xlsx"


def note_to(name: str) -> str:
    return f"退回/{name}县教育局2024年退回修改意见.docx"


def letters(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file in the two folders: what it holds, and when it was changed."""
    return {
        str(path.relative_to(folder)): (sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for place in ("批注", "退回")
        for path in sorted((folder / place).rglob("*"))
        if path.is_file()
    }


def text_of(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def edit(path: Path, words: str = "请张三来取") -> bytes:
    """Somebody adds a line in Word."""
    document = Document(str(path))
    document.add_paragraph(words)
    document.save(str(path))
    return path.read_bytes()


@pytest.fixture
def sent(gknb: Gknb, tmp_path: Path) -> Path:
    """Two faulty returns and a sound one, and the letters to the two."""
    for name in "甲乙":
        put(tmp_path, name, WRONG)
    put(tmp_path, "好", SOURCE)
    assert gknb(*CALL).returncode == 1
    assert set(letters(tmp_path)) == {copy_of("甲"), copy_of("乙"), note_to("甲"), note_to("乙")}
    return tmp_path


@pytest.mark.slow
def test_a_second_run_leaves_alone_what_is_the_same_and_needs_no_force(gknb_anew: Gknb, sent: Path) -> None:
    before = letters(sent)
    again = gknb_anew(*CALL)
    assert again.returncode == 1, again.stderr
    assert letters(sent) == before
    assert again.stdout.splitlines()[-2] == "共 3 份：通过 1，有误 2，无法读取 0。"
    assert "批注件（批注）：未变 2。" in again.stderr
    assert "退回修改意见（退回）：未变 2。" in again.stderr
    assert "已经存在" not in again.stderr
    assert gknb_anew(*CALL, "--force").returncode == 1
    assert letters(sent) == before, "--force changes nothing here"


@pytest.mark.slow
def test_a_second_run_renews_what_changed_and_moves_away_what_is_settled(gknb_anew: Gknb, sent: Path) -> None:
    before = letters(sent)
    put(sent, "甲", SOURCE)
    put(sent, "乙", WORSE)
    put(sent, "丙", WRONG)
    again = gknb_anew(*CALL)
    assert again.returncode == 1, again.stderr
    after = letters(sent)
    assert set(after) == {
        *(copy_of("乙"), copy_of("丙"), note_to("乙"), note_to("丙")),
        *(copy_of("甲").replace("/", "/已解决/"), note_to("甲").replace("/", "/已解决/")),
    }
    assert after[note_to("甲").replace("/", "/已解决/")] == before[note_to("甲")], "moved as it was"
    assert after[copy_of("乙")] != before[copy_of("乙")]
    assert "777" in text_of(sent / note_to("乙"))
    assert "退回修改意见（退回）：写出 1，更新 1，移到“已解决” 1。" in again.stderr
    assert f"{note_to('甲')} → {note_to('甲').replace('/', '/已解决/')}" in again.stderr
    assert again.stdout.splitlines()[-2] == "共 4 份：通过 2，有误 2，无法读取 0。"


@pytest.mark.slow
def test_the_last_letter_is_settled_too(gknb: Gknb, sent: Path) -> None:
    for name in "甲乙":
        put(sent, name, SOURCE)
    ran = gknb(*CALL)
    assert ran.returncode == 0, ran.stderr
    assert "没有要退回的表" in ran.stderr
    assert {Path(name).parent.name for name in letters(sent)} == {"已解决"}
    assert len(letters(sent)) == 4


@pytest.mark.slow
def test_letters_to_agencies_that_a_call_does_not_look_at_stay(gknb: Gknb, sent: Path) -> None:
    before = letters(sent)
    assert gknb("check", "收回/好.xlsx", "--annotate", "批注", "--notice", "退回", *ERRORS_ONLY).returncode == 0
    assert letters(sent) == before
    put(sent, "甲", SOURCE)
    assert gknb("check", "收回/甲.xlsx", "--annotate", "批注", "--notice", "退回", *ERRORS_ONLY).returncode == 0
    after = letters(sent)
    assert {name for name in after if "已解决" not in name} == {copy_of("乙"), note_to("乙")}
    assert after[note_to("乙")] == before[note_to("乙")]


@pytest.mark.slow
def test_a_resumed_check_settles_too(gknb: Gknb, sent: Path) -> None:
    call = (*CALL, "-o", "结果")
    assert gknb(*call).returncode == 1
    before = letters(sent)
    assert gknb(*call, "--resume").returncode == 1
    assert letters(sent) == before
    put(sent, "甲", SOURCE)
    ran = gknb(*call, "--resume")
    assert ran.returncode == 1, ran.stderr
    assert {name for name in letters(sent) if "已解决" not in name} == {copy_of("乙"), note_to("乙")}
    assert len(letters(sent)) == 4


@pytest.mark.slow
def test_nothing_in_the_folder_of_settled_letters_is_overwritten(gknb: Gknb, sent: Path) -> None:
    document = others_document()
    mine = write(sent / note_to("甲").replace("/", "/已解决/"), document)
    for round_ in (1, 2):
        put(sent, "甲", SOURCE)
        assert gknb(*CALL).returncode == 1
        settled = sorted(path.name for path in (sent / "退回" / "已解决").iterdir())
        assert settled == sorted(
            f"甲县教育局2024年退回修改意见{number}.docx" for number in ("", "（2）", "（3）")[: round_ + 1]
        )
        put(sent, "甲", WRONG)
        assert gknb(*CALL).returncode == 1
        assert (sent / note_to("甲")).exists(), "an agency that errs again gets a letter again"
    assert mine.read_bytes() == document


@pytest.mark.slow
def test_a_file_that_is_not_ours_is_never_touched(gknb: Gknb, tmp_path: Path) -> None:
    """It stands where a letter belongs: an agency's own, one that is no document, a folder."""
    put(tmp_path, "坏", WRONG)
    own = write(tmp_path / copy_of("坏"), build_workbook(replace(SOURCE, agency="坏县教育局")))
    other = write(tmp_path / note_to("坏"), b"mine")
    before = letters(tmp_path)
    for _ in range(2):
        ran = gknb(*CALL, "--force")
        assert ran.returncode == 1, ran.stderr
        assert set(letters(tmp_path)) == {
            *before,
            *(copy_of("坏").replace(".", "（2）."), note_to("坏").replace(".", "（2）.")),
        }
        assert {name: state for name, state in letters(tmp_path).items() if name in before} == before
    assert "未变 1" in ran.stderr
    put(tmp_path, "坏", SOURCE)
    assert gknb(*CALL).returncode == 0
    assert {name for name in letters(tmp_path) if "已解决" not in name} == set(before)
    assert (own.exists(), other.read_bytes()) == (True, b"mine")


@pytest.mark.slow
def test_the_name_that_is_taken_is_told(gknb: Gknb, tmp_path: Path) -> None:
    put(tmp_path, "甲", WRONG)
    write(tmp_path / note_to("甲"), others_document())
    said = gknb(*CALL).stderr
    assert f"注意：{note_to('甲')} 不是本工具写的，或写出后有人改动，没有动" in said
    assert note_to("甲").replace(".", "（2）.") in said


@pytest.mark.slow
def test_a_letter_that_somebody_worked_in_is_never_touched(gknb: Gknb, sent: Path) -> None:
    """As long as there is nothing new to say, there is no second one; a new one goes beside it."""
    edited = edit(sent / note_to("甲"))
    before = letters(sent)
    ran = gknb(*CALL)
    assert letters(sent) == before
    assert f"意见没有变，{note_to('甲')} 写出后有人改动，没有动" in ran.stderr
    put(sent, "甲", WORSE)
    for _ in range(2):
        ran = gknb(*CALL)
        assert (sent / note_to("甲")).read_bytes() == edited
        assert "777" in text_of(sent / note_to("甲").replace(".", "（2）."))
        assert len([name for name in letters(sent) if name.startswith("退回/甲")]) == 2
    put(sent, "甲", SOURCE)
    ran = gknb(*CALL)
    assert (sent / note_to("甲")).read_bytes() == edited
    assert f"{note_to('甲')} 不再需要，但写出后有人改动，没有动。请自行移走。" in ran.stderr
    assert (sent / note_to("甲").replace("/", "/已解决/").replace(".", "（2）.")).exists()


@pytest.mark.libreoffice
def test_a_letter_that_another_program_saved_is_known_as_changed(gknb: Gknb, sent: Path) -> None:
    from toolkit.batch.letters.mark import letter_in

    convert([sent / note_to("甲")], sent / "foreign", "docx:MS Word 2007 XML")
    shutil.copy(sent / "foreign" / Path(note_to("甲")).name, sent / note_to("甲"))
    saved = letter_in("甲", (sent / note_to("甲")).read_bytes())
    assert saved is not None
    assert not saved.is_unchanged
    before = letters(sent)
    gknb(*CALL)
    assert letters(sent) == before


@pytest.mark.slow
def test_properties_that_somebody_changed_are_kept(gknb: Gknb, sent: Path) -> None:
    document = Document(str(sent / note_to("甲")))
    document.core_properties.comments = "已电话通知"
    document.save(str(sent / note_to("甲")))
    before = letters(sent)
    put(sent, "甲", SOURCE)
    gknb(*CALL)
    assert letters(sent)[note_to("甲")] == before[note_to("甲")]


@pytest.mark.slow
def test_a_newer_return_of_the_agency_settles_the_letter_on_the_roster(gknb: Gknb, sent: Path) -> None:
    """Under a former name and from another file; what is to be corrected in the newer one is in one letter only."""
    (sent / "名册.csv").write_text(
        "机关全称,曾用名\n甲县教体局,甲县教育局\n乙县教育局,\n好县教育局,\n", encoding="utf-8"
    )
    call = (*CALL, "--roster", "名册.csv")
    assert gknb(*call).returncode == 1
    assert len([name for name in letters(sent) if "已解决" not in name]) == 4
    put(sent, "甲改", WORSE, "甲县教体局")
    put(sent, "乙改", SOURCE, "乙县教育局")
    ran = gknb(*call)
    assert ran.returncode == 1, ran.stderr
    assert {name for name in letters(sent) if "已解决" not in name} == {
        copy_of("甲改"),
        "退回/甲县教体局2024年退回修改意见.docx",
    }
    assert len(letters(sent)) == 6


@pytest.mark.slow
def test_of_two_files_of_one_name_each_keeps_its_own_letter(gknb: Gknb, tmp_path: Path) -> None:
    for folder, agency in (("东", "甲局"), ("西", "乙局")):
        write(tmp_path / "收回" / folder / "表.xlsx", build_workbook(replace(WRONG, agency=agency)))
    call = ("check", "收回", "--annotate", "批注", *ERRORS_ONLY)
    assert gknb(*call).returncode == 1
    assert sorted(path.name for path in (tmp_path / "批注").iterdir()) == ["表-审核意见.xlsx", "表-审核意见（2）.xlsx"]
    second = (tmp_path / "批注" / "表-审核意见（2）.xlsx").read_bytes()
    assert "乙局" in load_workbook(io.BytesIO(second)).worksheets[0]["A1"].value
    write(tmp_path / "收回" / "东" / "表.xlsx", build_workbook(replace(SOURCE, agency="甲局")))
    assert gknb(*call).returncode == 1
    assert sorted(path.name for path in (tmp_path / "批注").iterdir()) == ["已解决", "表-审核意见（2）.xlsx"]


@pytest.mark.slow
def test_agencies_with_long_names_keep_their_letters(gknb: Gknb, tmp_path: Path) -> None:
    """The names of the files are cut, and told apart by a number."""
    for number in "一二三":
        put(tmp_path, number, WRONG, "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县" * 6 + f"第{number}局")
    call = ("check", "收回", "--notice", "退回", *ERRORS_ONLY)
    assert gknb(*call).returncode == 1
    before = letters(tmp_path)
    assert len(before) == 3
    assert gknb(*call).returncode == 1
    assert letters(tmp_path) == before


@pytest.mark.slow
def test_a_return_without_a_name_is_known_by_its_file(gknb: Gknb, tmp_path: Path) -> None:
    path = write(tmp_path / "收回" / "表.xlsx", build_workbook(replace(WRONG, agency="")))
    assert gknb(*CALL).returncode == 1
    assert (tmp_path / "退回" / "表2024年退回修改意见.docx").exists()
    path.write_bytes(build_workbook(replace(WRONG, agency="甲局")))
    assert gknb(*CALL).returncode == 1
    assert sorted(path.name for path in (tmp_path / "退回").iterdir()) == ["已解决", "甲局2024年退回修改意见.docx"]


@pytest.mark.slow
def test_a_letter_that_is_read_in_the_same_call_is_not_touched(gknb: Gknb, sent: Path) -> None:
    """An agency that worked on in the copy may have its return put beside the copies."""
    own = sent / copy_of("甲")
    before = own.read_bytes()
    put(sent, "甲", SOURCE)
    assert gknb("check", own, "收回/甲.xlsx", "--annotate", "批注").returncode == 1
    assert own.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("office", ["", "某县人民政府办公室"])
def test_no_letter_says_where_the_office_keeps_its_files(gknb: Gknb, sent: Path, office: str) -> None:
    assert gknb(*CALL, "--office", office).returncode == 1
    for path in (sent / name for name in letters(sent)):
        with zipfile.ZipFile(path) as package:
            said = b"".join(map(package.read, package.namelist()))
        assert sent.name.encode() not in said
        assert "收回".encode() not in said


@pytest.mark.slow
@linux
@pytest.mark.parametrize("after", [1, 5])
def test_a_run_that_is_killed_leaves_nothing_half_done(gknb: Gknb, tmp_path: Path, after: int) -> None:
    """The next one completes it: each agency has one letter, under its own name."""
    agencies = []
    for agency, _ in zip(names(), range(MANY), strict=False):
        content, _, _ = workbook(agency, random.Random(1), FAULTS[0])
        write(tmp_path / "in" / f"{agency}.xlsx", content)
        agencies.append(agency)
    process = start(tmp_path, "check", "in", "--notice", "意见", "--workers", 1)
    wait_for(lambda: len(list((tmp_path / "意见").glob("*.docx"))) >= after, process)
    for child in psutil.Process(process.pid).children(recursive=True):
        child.send_signal(signal.SIGKILL)
    process.kill()
    process.communicate()
    there = list((tmp_path / "意见").glob("*.docx"))
    assert after <= len(there) < MANY
    for path in there:
        Document(str(path))
    kept = {path.name: path.stat().st_mtime_ns for path in there}
    assert gknb("check", "in", "--notice", "意见").returncode == 1
    found = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "意见").iterdir()}
    assert set(found) == {f"{agency}2024年退回修改意见.docx" for agency in agencies}
    assert {name: found[name] for name in kept} == kept


@pytest.mark.slow
@linux
def test_a_move_that_was_broken_off_is_completed(gknb: Gknb, sent: Path) -> None:
    """The letter may then lie in both places."""
    settled = sent / note_to("甲").replace("/", "/已解决/")
    settled.parent.mkdir()
    settled.hardlink_to(sent / note_to("甲"))
    put(sent, "甲", SOURCE)
    assert gknb(*CALL).returncode == 1
    assert [path.name for path in settled.parent.iterdir()] == [settled.name]
    assert not (sent / note_to("甲")).exists()


def test_a_letter_that_cannot_be_written_costs_neither_the_others_nor_the_summary(gknb: Gknb, tmp_path: Path) -> None:
    inputs(tmp_path / "in")
    write(tmp_path / "退回", b"a file where the folder should be")
    ran = gknb("check", "in", "--annotate", "批注", "--notice", "退回")
    assert ran.returncode == 2
    assert "退回 是文件，不是文件夹" in ran.stderr
    assert ran.stdout.splitlines()[-1] == "共 3 份：通过 2，有误 1，无法读取 0。"
    assert len(list((tmp_path / "批注").iterdir())) == 1
