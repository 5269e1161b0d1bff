"""Converts Word files to PDF with LibreOffice, if it is installed.

LibreOffice takes seconds to start and a fraction of a second for a document, so documents are converted in batches. It
runs in a temporary folder with its own user profile: an open LibreOffice on the desktop is not disturbed, and no files
are left behind.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, is_zipfile

from lxml import etree

from toolkit.problems import Problem
from toolkit.resources import resource

NO_OFFICE = (
    "这台电脑上没有找到 LibreOffice，没有生成 PDF。请安装 LibreOffice 后再试，或用 Word、WPS 打开报告另存为 PDF。"
)
BROKEN = "这台电脑上的 LibreOffice 不能转换文件，没有生成 PDF。请重新安装后再试，或用 Word、WPS 打开报告另存为 PDF。"
FAILED = "LibreOffice 转换这个文件时出错，没有生成 PDF。请用 Word、WPS 打开报告另存为 PDF。"
INCOMPLETE = "这不是完整的 Word 文件（.docx），没有生成 PDF。请重新生成报告。"
TOO_LONG = "LibreOffice 转换这个文件超过了 {seconds:g} 秒，没有生成 PDF。请用 Word、WPS 打开报告另存为 PDF。"
SECONDS = 60.0
"""Seconds that a document may take; the slowest office computer needs a few."""
START_UP = 60.0
"""Additional seconds for the first document of a batch: LibreOffice makes its profile, and a virus scanner reads all of
it."""
BATCH = 50
STYLES = "word/styles.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_POLL = 0.1
_WINDOWS = "LibreOffice/program/soffice.exe"
_MAC = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Filter/PDF/Export">
<prop oor:name="UseTaggedPDF" oor:op="fuse"><value>true</value></prop>
</item></oor:items>
"""
"""Makes tagged PDFs, so that a screen reader finds headings and tables."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """The result for one document: its PDF, or in words why there is none."""

    content: bytes = b""
    problem: str = ""


def find_office() -> Path | None:
    """Return the path of LibreOffice's program, None if it is not installed."""
    on_path = (shutil.which(name) for name in ("soffice", "libreoffice"))
    roots = (os.environ.get(name) for name in ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)"))
    usual_places = [Path(root) / _WINDOWS for root in roots if root] + [_MAC]
    candidates = [*(Path(found) for found in on_path if found), *usual_places]
    return next((path for path in candidates if path.is_file()), None)


def to_pdf(
    documents: Iterable[tuple[str, bytes]], seconds: float = SECONDS, office: Path | None = None
) -> Iterator[tuple[str, Pdf]]:
    """Yield the PDF of each Word file with its name, in order, batch by batch. `seconds` is the limit for one document.
    A document that LibreOffice cannot convert does not affect the others. Raise Problem if LibreOffice is missing."""
    program = office or find_office()
    if program is None:
        raise Problem(NO_OFFICE)
    return _converted(program, iter(documents), seconds)


def _converted(program: Path, documents: Iterator[tuple[str, bytes]], seconds: float) -> Iterator[tuple[str, Pdf]]:
    """Yield the PDFs. Only valid Word files go to LibreOffice: it would make an empty page of an empty file."""
    with TemporaryDirectory(prefix="gknb-", ignore_cleanup_errors=True) as folder:
        converter = _Converter(program, Path(folder).resolve(), seconds)
        converter.prepare()
        while batch := list(islice(documents, BATCH)):
            valid = [number for number, (_, content) in enumerate(batch) if is_zipfile(BytesIO(content))]
            made = dict(zip(valid, _convert(converter, [batch[number][1] for number in valid]), strict=True))
            yield from ((name, made.get(number, Pdf(problem=INCOMPLETE))) for number, (name, _) in enumerate(batch))


def _convert(converter: "_Converter", contents: Sequence[bytes]) -> list[Pdf]:
    """Return the PDFs of one batch. Where LibreOffice stops at a document, that document is tried again alone, and the
    documents after it are converted together."""
    files = [
        converter.put(f"{number:04}.docx", _with_hanging_punctuation(content))
        for number, content in enumerate(contents, 1)
    ]
    made = dict[Path, Pdf]()
    remaining = files
    while remaining:
        problem = converter.run(remaining)
        made |= converter.collect(remaining)
        missing = [file for file in remaining if file not in made]
        if missing and not converter.works():
            return [made.get(file, Pdf(problem=BROKEN)) for file in files]
        for file in missing[:1]:
            if len(remaining) > 1:
                problem = converter.run([file])
            made |= {file: Pdf(problem=problem or FAILED)} | converter.collect([file])
        remaining = missing[1:]
    return [made[file] for file in files]


def _with_hanging_punctuation(content: bytes) -> bytes:
    """Return a Word file in which a style says what Word does anyway: punctuation may hang over the end of a line.

    LibreOffice (seen in 7.4) loses a 。 or 、 that hangs at the end of a justified line, and reads this property the
    wrong way round: it then does not let the character hang, and keeps it.
    """
    out = BytesIO()
    try:
        with ZipFile(BytesIO(content)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
            for name in source.namelist():
                part = source.read(name)
                target.writestr(name, _allow_hanging(part) if name == STYLES else part)
    except (BadZipFile, etree.XMLSyntaxError, NotImplementedError):
        return content
    return out.getvalue()


def _allow_hanging(styles: bytes) -> bytes:
    """Return the styles part with `overflowPunct` set."""
    root = etree.fromstring(styles)
    defaults = root.find(f"{_W}docDefaults")
    if defaults is None:
        defaults = etree.Element(f"{_W}docDefaults")
        root.insert(0, defaults)
    place = defaults
    for tag in ("pPrDefault", "pPr", "overflowPunct"):
        found = place.find(_W + tag)
        place = etree.SubElement(place, _W + tag) if found is None else found
    place.attrib.clear()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


@dataclass
class _Converter:
    """LibreOffice in its own folder: Word files go in, PDFs come out. `proven` is True or False once it is known if
    LibreOffice works here at all, None before."""

    program: Path
    folder: Path
    seconds: float
    proven: bool | None = None

    @property
    def output(self) -> Path:
        """The folder for PDFs."""
        return self.folder / "pdf"

    def prepare(self) -> None:
        """Make the folders and the user profile."""
        user = self.folder / "profile" / "user"
        for path in (user, self.output, self.folder / "temp"):
            path.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")

    def put(self, name: str, content: bytes) -> Path:
        """Write a Word file into the folder and return its path."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def works(self) -> bool:
        """Return True if LibreOffice works here at all. A failure is the document's fault only if another document does
        not fail."""
        if self.proven is None:
            known = self.put("known.docx", resource("templates/report.docx").read_bytes())
            self.run([known])
            self.proven = bool(self.collect([known]))
        return self.proven

    def collect(self, files: Iterable[Path]) -> dict[Path, Pdf]:
        """Return the PDFs that are there and complete, and remove them from the folder."""
        found = dict[Path, Pdf]()
        for file in files:
            path = self.output / f"{file.stem}.pdf"
            content = path.read_bytes() if path.is_file() else b""
            path.unlink(missing_ok=True)
            if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
                found[file] = Pdf(content)
                self.proven = True
        return found

    def run(self, files: Sequence[Path]) -> str:
        """Convert files. Return why it stopped, empty if it did not. No process that it started is left running."""
        command = [
            *(str(self.program), f"-env:UserInstallation={(self.folder / 'profile').as_uri()}"),
            *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard"),
            *("--convert-to", "pdf:writer_pdf_Export", "--outdir", str(self.output), *map(str, files)),
        ]
        temp = str(self.folder / "temp")
        places = dict.fromkeys(("TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME"), temp)
        quiet = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, **places},
                stdin=quiet,
                stdout=quiet,
                stderr=quiet,
                start_new_session=True,
            )
        except OSError:
            return FAILED
        try:
            return self._watch(process)
        finally:
            _end(process)

    def _watch(self, process: subprocess.Popen[bytes]) -> str:
        """Wait as long as PDFs keep coming. The time of each document begins when the one before it is done."""
        done, since, limit = 0, time.monotonic(), self.seconds + START_UP
        while True:
            with suppress(subprocess.TimeoutExpired):
                return FAILED if process.wait(_POLL) else ""
            if (now := len(list(self.output.iterdir()))) > done:
                done, since, limit = now, time.monotonic(), self.seconds
            elif time.monotonic() - since > limit:
                return TOO_LONG.format(seconds=self.seconds)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that did not finish well by itself, with all processes that it started."""
    if process.returncode == 0:
        return
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
