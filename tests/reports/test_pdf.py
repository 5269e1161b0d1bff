"""PDFs of reports: they say what the Word files say, and what goes wrong with one document stays with it."""

import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from kit import REPORT_DATA, report, submission_of, write
from pdf_files import pdf_text
from published import printed_values

from toolkit.forms.grid import section_grids
from toolkit.problems import Problem
from toolkit.reports import pdf
from toolkit.reports.content import NOTHING
from toolkit.reports.pdf import Pdf, find_office, to_pdf
from toolkit.reports.word_report import build_report


def flowing(text: str) -> str:
    """What a reader reads: no white space, no page numbers."""
    return "".join(re.sub(r"(?m)^\s*[—-]\s*\d+\s*[—-]\s*$", "", text).split())


@pytest.mark.libreoffice
@pytest.mark.poppler
def test_every_word_and_figure_is_in_the_pdf(report_path: Path, tmp_path: Path, pdfs: dict[str, Pdf]) -> None:
    name = next(name for name, path in REPORT_DATA.items() if path == report_path)
    made = pdfs[name]
    assert not made.problem
    path = write(tmp_path / "report.pdf", made.content)
    submission = submission_of(report_path)
    whole = flowing(pdf_text(path))
    place = 0
    for section in submission.form.sections:
        texts = submission.texts.get(section.id, (NOTHING,)) if section.text else ()
        for text in (section.title, *texts):
            place = whole.index(flowing(text), place) + len(flowing(text))
    values = {cell: "" if value is None else str(value) for cell, value in printed_values(report_path).items()}
    lines = pdf_text(path, "-layout").splitlines()
    at = 0
    for grid in (grid for section in submission.form.table_sections for grid in section_grids(section)):
        for row in range(grid.head, grid.height):
            figures = [values[box.cell] for box in grid.boxes if box.row == row and box.cell and values[box.cell]]
            if not figures:
                continue
            # LibreOffice sets a space between digits and Chinese characters.
            spelled = [r"\s?".join(re.findall(r"[-\d.]+|[^-\d.]+", figure)) for figure in figures]
            line = re.compile(r"(?:^|\s)" + r"\s+".join(spelled) + r"\s*$")
            at = next(number for number, text in enumerate(lines[at:], at) if line.search(text)) + 1


@pytest.mark.libreoffice
@pytest.mark.poppler
def test_no_number_is_cut_by_the_end_of_a_line(tmp_path: Path) -> None:
    """Wherever the line ends: each paragraph is a character longer than the one before."""
    figures = ("1234567", "7654321", "=SUM(A1:A9)", "98.76%", "3456789")
    words = "年共收到申请{}件，其中予以公开{}件，见{}，占{}，较上年增加{}件。".format(*figures)
    paragraphs = tuple("本" * length + words for length in range(1, 29))
    submission = replace(report("wenxian-jyj-2020"), texts={"一": paragraphs})
    ((_, made),) = to_pdf([("报告", build_report(submission))])
    text = pdf_text(write(tmp_path / "report.pdf", made.content))
    assert {figure: text.count(figure) for figure in figures} == dict.fromkeys(figures, len(paragraphs))


@pytest.mark.libreoffice
@pytest.mark.poppler
def test_a_pdf_can_be_read_aloud(tmp_path: Path, pdfs: dict[str, Pdf]) -> None:
    """It is tagged and on A4, its title and fonts are in it."""
    for name, made in pdfs.items():
        path = write(tmp_path / f"{name}.pdf", made.content)
        info = subprocess.run(["pdfinfo", path], capture_output=True, check=True, timeout=60).stdout.decode()
        assert re.search(r"Tagged: +yes", info)
        assert "(A4)" in info
        assert re.search(rf"Title: +{re.escape(report(name).title)}\n", info)
        fonts = subprocess.run(["pdffonts", path], capture_output=True, check=True, timeout=60).stdout.decode()
        assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:])


def changed(content: bytes, part: str, text: bytes) -> bytes:
    """A Word file with another text in one of its parts."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, text if name == part else source.read(name))
    return out.getvalue()


@pytest.mark.libreoffice
@pytest.mark.poppler
def test_a_broken_document_costs_only_itself(tmp_path: Path) -> None:
    good = build_report(report("huaian-2024"))
    documents = [
        ("空.docx", b""),
        ("一.docx", good),
        ("不完整.docx", good[: len(good) // 2]),
        ("坏.docx", changed(good, "word/document.xml", b"<w:document")),
        ("二.docx", good),
        ("又坏.docx", changed(good, "[Content_Types].xml", b"nothing")),
        ("三.docx", good),
    ]
    made = list(to_pdf(documents))
    assert [name for name, _ in made] == [name for name, _ in documents]
    problems = {name: one.problem for name, one in made if one.problem}
    assert problems["空.docx"] == problems["不完整.docx"] == pdf.INCOMPLETE
    assert set(problems) <= {"空.docx", "不完整.docx", "坏.docx", "又坏.docx"}
    assert problems["坏.docx"] == pdf.FAILED
    for number, (name, one) in enumerate(made):
        assert bool(one.content) is (name not in problems)
        if documents[number][1] == good:
            assert "淮安" in pdf_text(write(tmp_path / f"{number}.pdf", one.content))


@pytest.mark.libreoffice
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file in the user's home or the place for temporary files, no process, also after the time is up."""
    home, temporary = tmp_path / "家 目录", tmp_path / "临时 文件"
    home.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    document = build_report(report("huaian-2024"))
    ((_, made),) = to_pdf([("一", document)])
    assert made.content
    monkeypatch.setattr(pdf, "START_UP", 0.3)
    ((_, late),) = to_pdf([("一", document)], seconds=0.1)
    assert late == Pdf(problem=pdf.BROKEN)
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert list(temporary.iterdir()) == []
    assert running(str(temporary)) == []


def running(text: str) -> list[str]:
    """The programs that have a text in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if text in command:
            found.append(command)
    return found


FAKE = """#!{python}
import pathlib, subprocess, sys, time
arguments = sys.argv[1:]
out = pathlib.Path(arguments[arguments.index("--outdir") + 1])
with open({log!r}, "a") as log:
    print(len(arguments) - arguments.index("--outdir") - 2, file=log)
for name in arguments[arguments.index("--outdir") + 2 :]:
    content = pathlib.Path(name).read_bytes()
    if b"HANG" in content or {hangs}:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(600)", str(out)])
    if b"CRASH" in content:
        sys.exit(81)
    if b"HALF" in content:
        out.joinpath(pathlib.Path(name).stem + ".pdf").write_bytes(b"%PDF-1.6 half")
    elif b"SKIP" not in content:
        out.joinpath(pathlib.Path(name).stem + ".pdf").write_bytes(b"%PDF-1.6\\n" + content[-20:] + b"\\n%%EOF")
"""
"""Does to documents what they say; it stands for a LibreOffice that hangs, crashes or leaves a PDF half written."""

unix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for LibreOffice is a script")


def fake_office(folder: Path, hangs: bool = False) -> Path:
    log = str(folder / "runs.txt")
    path = write(folder / "office", FAKE.format(python=sys.executable, log=log, hangs=hangs).encode())
    path.chmod(0o755)
    return path


def saying(text: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as target:
        target.writestr(text, "")
    return out.getvalue()


@unix
def test_a_document_that_hangs_or_crashes_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "START_UP", 1)
    kinds = ["GOOD"] * 60
    bad = {3: "HANG", 4: "CRASH", 5: "SKIP", 20: "HALF", 49: "CRASH", 55: "SKIP"}
    for number, kind in bad.items():
        kinds[number] = kind
    start = time.monotonic()
    made = list(to_pdf(((str(n), saying(kind)) for n, kind in enumerate(kinds)), 0.5, fake_office(tmp_path)))
    assert time.monotonic() - start < 15
    assert [name for name, _ in made] == [str(number) for number in range(60)]
    assert {int(name) for name, one in made if not one.content} == set(bad)
    assert {int(name) for name, one in made if one.problem} == set(bad)
    assert made[3][1].problem == pdf.TOO_LONG.format(seconds=0.5)
    assert "超过了 0.5 秒" in made[3][1].problem
    assert {made[number][1].problem for number in bad if number != 3} == {pdf.FAILED}
    # The others went on together.
    assert len((tmp_path / "runs.txt").read_text().splitlines()) < 20


@unix
def test_an_office_that_never_works_is_not_asked_for_every_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "START_UP", 0.3)
    documents = [(str(number), saying("GOOD")) for number in range(120)]
    start = time.monotonic()
    made = list(to_pdf(documents, 0.2, fake_office(tmp_path, hangs=True)))
    assert time.monotonic() - start < 20
    assert [one for _, one in made] == [Pdf(problem=pdf.BROKEN)] * 120
    assert len((tmp_path / "runs.txt").read_text().splitlines()) <= 4
    assert running(str(tmp_path)) == []
    nothing = write(tmp_path / "no-program", b"")
    assert [one for _, one in to_pdf(documents, 1, nothing)] == [Pdf(problem=pdf.BROKEN)] * 120


@unix
def test_what_an_office_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "START_UP", 0.5)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    ((_, made),) = to_pdf([("一", saying("HANG"))], 0.2, fake_office(tmp_path))
    assert made.problem == pdf.TOO_LONG.format(seconds=0.2)
    assert running(str(tmp_path)) == []


def test_no_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "_MAC", tmp_path / "none")
    for name in ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)"):
        monkeypatch.delenv(name, raising=False)
    assert find_office() is None
    with pytest.raises(Problem, match=re.escape(pdf.NO_OFFICE)):
        to_pdf([])
    # Where Windows and macOS have it.
    monkeypatch.setenv("ProgramFiles(x86)", str(tmp_path / "Program Files (x86)"))
    assert find_office() is None
    windows = write(tmp_path / "Program Files (x86)" / "LibreOffice" / "program" / "soffice.exe", b"")
    assert find_office() == windows
    monkeypatch.delenv("ProgramFiles(x86)")
    monkeypatch.setattr(pdf, "_MAC", write(tmp_path / "soffice-of-a-mac", b""))
    assert find_office() == tmp_path / "soffice-of-a-mac"
    on_path = write(tmp_path / ("libreoffice.exe" if os.name == "nt" else "libreoffice"), b"")
    on_path.chmod(0o755)
    assert find_office() == on_path


def test_no_documents_need_no_run(tmp_path: Path) -> None:
    assert list(to_pdf([], office=tmp_path / "never-started")) == []
