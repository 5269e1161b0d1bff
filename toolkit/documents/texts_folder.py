"""The folder of text files (文字文件夹): finds by file name which file belongs to which agency, and reads it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from toolkit.characters import plain, printable
from toolkit.documents.blocks import Prose
from toolkit.files.limits import STANDARD_LIMITS, Limits
from toolkit.files.protected_inputs import note_read
from toolkit.files.read import read_bytes, read_whole
from toolkit.problems import Problem, Unreadable
from toolkit.submission.model import Submission

MARKDOWN, PLAIN, WORD = (".md", ".markdown"), (".txt",), (".docx", ".docm")
NOT_READ = (".doc", ".wps", ".rtf", ".odt", ".pdf")
"""Formats in which people write texts but which are not read. These files are found, so that a message can tell what to
do."""
NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"%PDF")
"""The first bytes of files that are no plain text, even if their name says so."""
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年?度?")
_BEFORE_THE_NAME = re.compile(rf"(?:{_YEAR.pattern}|\d{{1,4}}(?!\d)|[\W_])+")
_AFTER_THE_NAME = re.compile(
    rf"(?:{_YEAR.pattern}|政府信息公开|信息公开|政务公开|工作|年度|报告|年报|文字|部分|材料|正文|定稿|终稿|最终|修改|修订|初稿"
    r"|送审|报送|第?[一二三四五\d]稿|稿|版|副本|[Vv]\d+|\d|[\W_])++\Z"
)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file and the year in its name; None if there is no year."""

    path: str
    year: int | None


class Ambiguous(Unreadable):
    """More than one file may belong to a submission (报送数据). `paths` are these files."""

    def __init__(self, paths: list[str]) -> None:
        """Make the message from the first names."""
        names = "、".join(printable(Path(path).name) for path in paths[:3])
        super().__init__(f"文字文件夹里有 {len(paths)} 个文件像是它的：{names}。请只留一个，其余的移走。")
        self.paths = paths


@dataclass(frozen=True, slots=True)
class TextFiles:
    """The text files of a folder. `files` maps a key made of the file name to the files with that name."""

    folder: str
    files: Mapping[str, tuple[TextFile, ...]]

    def of(self, submission: Submission, stem: str) -> Path | None:
        """Return the text file of a submission that was read from a file named `stem`; None if there is none.

        Raise Ambiguous if there is more than one.
        """
        for keys in _keys(submission, stem):
            files = dict.fromkeys(file for key in keys for file in self.files.get(key, ()))
            found = [file for file in files if file.year in (None, submission.year)]
            found = [file for file in found if file.year] or found
            if len(found) > 1:
                raise Ambiguous([file.path for file in found])
            if found:
                return Path(found[0].path)
        return None

    def digest(self) -> str:
        """Return the SHA-256 of all files with their names. One that cannot be read counts by its name."""
        found = sha256()
        for path in sorted(self.paths()):
            found.update(path.encode(errors="surrogateescape"))
            with suppress(OSError):
                found.update(sha256(read_whole(Path(path))).digest())
        return found.hexdigest()

    def paths(self) -> set[str]:
        """Return the paths of all files."""
        return {file.path for files in self.files.values() for file in files}


def _keys(submission: Submission, stem: str) -> Iterator[tuple[str, ...]]:
    """Yield groups of names that the text file of a submission may have, the surest first: the id of its template, its
    code, the agency, the name of its own file."""
    for known in (submission.issued, submission.info.get("code", "")):
        if known:
            yield (_exact_key(known),)
    for name in (submission.agency, stem):
        yield _exact_key(name), _bare_key(name)


def _exact_key(name: str) -> str:
    """Return the key of a whole name."""
    return f"={plain(name).casefold()}"


def _bare_key(name: str) -> str:
    """Return a name without number, year and other common words: 03-某局2024年年报（定稿） is 某局."""
    text = plain(name)
    start = _BEFORE_THE_NAME.match(text)
    return _AFTER_THE_NAME.sub("", text[start.end() if start else 0 :]).casefold()


def find_text_files(folder: Path) -> TextFiles:
    """Return the text files in a folder and its subfolders.

    Raise Problem if it is no folder or holds no text files.
    """
    if not folder.is_dir():
        raise Problem(f"{folder} 不是文件夹。--texts 后面应是放文字文件（.docx、.md、.txt）的文件夹。")
    found: dict[str, list[TextFile]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (*WORD, *MARKDOWN, *PLAIN, *NOT_READ) and path.name[:1] not in (".", "~"):
            note_read(path)
            year = _YEAR.search(plain(path.stem))
            file = TextFile(str(path), int(year[1]) if year else None)
            bare = _bare_key(path.stem) or _bare_key(path.parent.name)
            for key in {_exact_key(path.stem), bare} - {""}:
                found.setdefault(key, []).append(file)
    if not found:
        raise Problem(f"{folder} 里没有文字文件（.docx、.md、.txt）。请检查 --texts。")
    return TextFiles(str(folder), {key: tuple(files) for key, files in found.items()})


def read_prose(path: Path, limits: Limits = STANDARD_LIMITS) -> Prose:
    """Return the content of a text file. A Word file is recognised by its content, whatever its name says.

    Raise Unreadable if it cannot be read.
    """
    content = read_bytes(path, limits)
    ending = path.suffix.lower()
    if ending in (*PLAIN, *MARKDOWN) and not content.startswith(NOT_TEXT):
        from toolkit.documents.plain.source import read_markdown, read_text

        return read_markdown(content) if ending in MARKDOWN else read_text(content)
    from toolkit.documents.word.source import read_word

    return read_word(content, limits)
