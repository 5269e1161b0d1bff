"""The limits (上限) of a returned file, and the passwords that the office has for locked files."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from toolkit.problems import Problem, Unreadable

MB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in MB, numbers of members, and the largest ratio of unpacked to packed size."""

    size: int = field(default=100, metadata={"words": "一个文件（MB）"})
    unpacked: int = field(default=200, metadata={"words": "一个文件解压后（MB）"})
    members: int = field(default=5_000, metadata={"words": "一个文件内的部件（个）"})
    ratio: int = field(default=500, metadata={"words": "文字部件解压后与解压前之比（倍）"})
    archive: int = field(default=200_000, metadata={"words": "一个压缩包内的文件（个）"})


STANDARD_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Admission:
    """The limits and passwords with which files are admitted (准入). Passwords are never shown."""

    limits: Limits = STANDARD_LIMITS
    passwords: tuple[str, ...] = field(default=(), repr=False)


STANDARD = Admission()


def limits_of(changes: Sequence[str]) -> Limits:
    """Return the limits after changes such as ``size=300``. Raise Problem when a change is wrong."""
    limits = STANDARD_LIMITS
    for change in changes:
        name, _, number = change.partition("=")
        if name not in _WORDS or not number.isdecimal() or not 0 < int(number) <= _MOST:
            wrong = "" if change == EXPLAINED else f"{change} 不对。应"
            raise Problem(f"--limit {wrong}写成 名称=整数，如 --limit size=300；名称有 {limits_in_words()}。")
        limits = replace(limits, **{name: int(number)})
    return limits


def limits_in_words() -> str:
    """Return a text that names each limit, its meaning and its default."""
    return "；".join(f"{name}：{words}，平时 {getattr(STANDARD_LIMITS, name)}" for name, words in _WORDS.items())


def limits_in_brief() -> str:
    """Return a text with each limit and its default, as they are written on the command line."""
    return "、".join(f"{name}={getattr(STANDARD_LIMITS, name)}" for name in _WORDS)


_WORDS: dict[str, str] = {item.name: item.metadata["words"] for item in fields(Limits)}
_MOST = 10**9
EXPLAINED = "说明"
"""The value of --limit that asks for the explanation of all limits."""

TEXT_LIMIT, PARAGRAPH_LIMIT = 1_000_000, 20_000
"""Most characters and paragraphs of one report. A long report has about 30,000 characters. Word, its readers and the
memory cannot take a text of any length."""


def has_room(paragraphs: Sequence[str]) -> bool:
    """Return True if the paragraphs are within the limits of one report."""
    return sum(map(len, paragraphs)) <= TEXT_LIMIT and len(paragraphs) <= PARAGRAPH_LIMIT


def require_room(paragraphs: Sequence[str]) -> None:
    """Raise Unreadable when the paragraphs are more than one report can have."""
    if not has_room(paragraphs):
        length, count = sum(map(len, paragraphs)), len(paragraphs)
        raise Unreadable(
            f"各部分的文字共有 {length} 字、{count} 段，一份报告最多写 {TEXT_LIMIT} 字、{PARAGRAPH_LIMIT} 段。"
            "请核对是不是贴错了内容，删改后再试。"
        )
