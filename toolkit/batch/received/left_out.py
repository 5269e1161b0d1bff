"""Files that are found under the paths of a batch but not read (没有读的文件), each with its reason."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from toolkit.batch.received.sent_files import UNKNOWN_ARRIVAL, Arrival, SentKind

LEFT_OUT_SHOWN = 10
"""Number of left-out files that are printed."""
OWN_FILE = "这次运行用的名册、密钥，或写结果的位置，不当填报表读"


@dataclass(frozen=True, slots=True)
class LeftOutFile:
    """A path that was left out, as it is shown, and the reason. `is_repeated` is True if the file is read under another
    path.

    `kind` is what somebody sent in place of a return (不是填报表), None for what nobody sent, such as a lock file.
    `arrival` says how it came in, `entry` is the place on the roster of the agency that sent it, if it is known.
    """

    path: str
    reason: str
    is_repeated: bool = False
    kind: SentKind | None = field(default=None, compare=False)
    arrival: Arrival = field(default=UNKNOWN_ARRIVAL, compare=False)
    entry: int | None = field(default=None, compare=False)


@dataclass
class LeftOut:
    """The files under the paths that were not read. `keep` is called for each of them; only the first ones stay in
    memory. `others` are files and folders of this run: the roster, the key, and folders for results. With a roster,
    `whose` adds to a file that somebody sent which agency it was; `count_of_agencies` counts those that were known."""

    others: tuple[Path, ...] = ()
    keep: Callable[[LeftOutFile], object] = field(default=lambda _: None)
    count: int = 0
    first: list[LeftOutFile] = field(default_factory=list)
    whose: Callable[[LeftOutFile], LeftOutFile] | None = None
    count_of_agencies: int = 0

    def add(self, left: LeftOutFile) -> None:
        """Record one left-out file."""
        if left.kind and self.whose:
            left = self.whose(left)
            self.count_of_agencies += left.entry is not None
        self.keep(left)
        self.count += 1
        if len(self.first) < LEFT_OUT_SHOWN:
            self.first.append(left)

    @property
    def nothing_came(self) -> bool:
        """Return True if there is a roster and nothing at all lies under the paths: an office may check before the
        first return has come."""
        return self.whose is not None and self.count == 0

    def why_own_file(self, path: Path) -> str:
        """Return why a path was not handed in (it belongs to this run); empty if nothing is known against it."""
        if path.name not in self._other_names:
            return ""
        return OWN_FILE if any(_is_same(path, other) for other in self.others) else ""

    @cached_property
    def _other_names(self) -> frozenset[str]:
        """The names of `others`, for a quick test before the exact one."""
        return frozenset(name for other in self.others for name in (other.name, Path(os.path.realpath(other)).name))

    def lines(self, where_all: str) -> Iterator[str]:
        """Yield the lines to print: the first cases, and the sentence `where_all`, which says where the whole list
        is."""
        if self.count:
            yield f"没有读的有 {self.count} 个："
            yield from (f"  {left.path}：{left.reason}。" for left in self.first)
            if self.count > len(self.first):
                yield f"  ……另有 {self.count - len(self.first)} 个。{where_all}"


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
