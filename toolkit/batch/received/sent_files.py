"""Files that an agency sent in place of a return (不是填报表): what they are, by their names, and what to send
instead."""

from dataclasses import dataclass
from pathlib import PurePath

from toolkit.problems import Cause

FILE_TIME, MAIL_DATE = "文件时间", "邮件日期"
"""What shows when a file was received."""
SEND_FORM = "请用发放的填报表（.xlsx）填好后报送"
SEND_UNPACKED = "请解压后把填报表（.xlsx）直接报送，或改用 .zip"
SEND_ATTACHED = "请把填报表（.xlsx）作为附件发来"


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a file came in: when, in seconds, what shows that, and what may name the agency that sent it (`clues`): its
    own name, those of the folders, archives and mails around it, the subject and the sender of the mail. The nearest
    one stands first."""

    received: float = 0.0
    received_by: str = FILE_TIME
    clues: tuple[str, ...] = ()


UNKNOWN_ARRIVAL = Arrival()


@dataclass(frozen=True, slots=True)
class SentKind:
    """A kind of file that is no return: the words for it, and what to send instead."""

    words: str
    instead: str = SEND_FORM
    endings: tuple[str, ...] = ()


MAIL_WITHOUT = SentKind("没有附件的邮件", SEND_ATTACHED, (".eml", ".msg"))
OTHER_WORKBOOK = SentKind("别的表格")
KINDS = (
    SentKind("Word 文件", endings=(".docx", ".doc", ".wps", ".wpt", ".docm", ".dotx", ".dot", ".rtf", ".odt", ".uot")),
    SentKind("PDF 文件或扫描件", endings=(".pdf", ".ofd", ".ceb", ".gd", ".xps")),
    SentKind("图片", endings=(".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".heic", ".heif")),
    SentKind("打不开的压缩包", SEND_UNPACKED, (".zip", ".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".iso")),
    SentKind("网页", endings=(".html", ".htm", ".mht", ".mhtml")),
    SentKind("演示文稿", endings=(".ppt", ".pptx", ".dps")),
    SentKind("文本文件", endings=(".txt", ".md", ".csv")),
    MAIL_WITHOUT,
)
_BY_ENDING = {ending: kind for kind in KINDS for ending in kind.endings}
_ELSE = SentKind("别的文件")
_NO_FORM: tuple[Cause, ...] = ("other-kind", "not-a-form", "own-output")
"""Causes why a file gave no return that say that it is none."""


def kind_by_name(name: str) -> SentKind:
    """Return the kind of a file that is no return, by its name."""
    return _BY_ENDING.get(PurePath(name).suffix.lower(), _ELSE)


def is_no_return(path: str, cause: Cause | None) -> bool:
    """Return True if a file that could not be read is something else than a return: by why it could not be read, or
    because it is an archive, a mail or a document by its name. A damaged workbook is a return that cannot be read."""
    return cause in _NO_FORM or PurePath(path).suffix.lower() in _BY_ENDING


def kind_in_place(path: str, cause: Cause | None) -> SentKind | None:
    """Return what a file is that could not be read, if it is something else than a return."""
    if cause == "not-a-form":
        return OTHER_WORKBOOK
    return kind_by_name(path) if is_no_return(path, cause) else None


def unread_note(path: str, cause: Cause | None, message: str) -> str:
    """Return what came in place of a return, and what to do, for a file that could not be read."""
    if cause == "not-a-form":
        return f"交来的 {PurePath(path).name} 是{OTHER_WORKBOOK.words}，不是填报表。{SEND_FORM}"
    return f"交来的 {PurePath(path).name} {message.rstrip('。')}"


def sent_note(path: str, kind: SentKind, others: int = 0) -> str:
    """Return what came in place of a return, and what to send instead. `others` is the number of further such files."""
    more = f"，另有 {others} 个文件" if others else ""
    return f"交来的是{spaced(kind.words)}（{PurePath(path).name}{more}），不是填报表。{kind.instead}"


def spaced(words: str) -> str:
    """Return words that follow Chinese text, with a space before Latin letters."""
    return f" {words}" if words[0].isascii() else words
