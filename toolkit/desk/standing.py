"""Where the work stands (办理情况), out of the results folder: in numbers for the first page, and for each file that
came in."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from toolkit.batch.letters.reminders import OPEN_STATES
from toolkit.batch.results.reader import AgencyLine, Results, read_results
from toolkit.batch.states import DESK_ORDER, State
from toolkit.desk.bounded import roster_in
from toolkit.desk.project_folder import FolderFile, folder_of, project
from toolkit.problems import Problem

NOT_CHECKED, NOT_READ, OPENED = "还没有校验", "没有读", "已拆开"
NONE_YET = "还没有校验过。请先到“收表”放入收回的表。"


@dataclass(frozen=True, slots=True)
class WorkOverview:
    """The work in numbers: agencies on the roster, agencies by state, and the agencies that are to be reminded."""

    agencies: int
    roster_words: str
    states: Mapping[State, int]
    words: str
    due: int

    @property
    def is_open(self) -> bool:
        """Return True if an agency is not through yet."""
        return self.due > 0


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a file that came in: its state, the agency, and more in words. `link` leads to the agency."""

    state: str
    agency: str = ""
    words: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of each file, by its path as the check names it."""

    by_path: Mapping[str, Fate]
    in_archives: Mapping[str, tuple[Fate, ...]] = field(default_factory=dict)

    def of(self, file: FolderFile) -> Fate:
        """Return what became of a file in a folder of the project."""
        path = (folder_of(file.key) / file.name).as_posix()
        if path in self.by_path:
            return self.by_path[path]
        inside = self.in_archives.get(path, ())
        if not inside:
            return Fate(NOT_CHECKED)
        counts = Counter(one.state for one in inside)
        words = "，".join(f"{state} {count}" for state, count in counts.items())
        return Fate(OPENED, words=f"里面 {len(inside)} 份：{words}")

    def inside(self, file: FolderFile) -> list[tuple[str, Fate]]:
        """Return what became of each file in an archive, with its place in the folder."""
        folder = folder_of(file.key).as_posix() + "/"
        start = f"{folder}{file.name}/"
        return [(path.removeprefix(folder), fate) for path, fate in self.by_path.items() if path.startswith(start)]


def results() -> Results:
    """Return the results of the last check. Raise Problem when there are none."""
    try:
        return read_results(folder_of("results"), project().year)
    except Problem as problem:
        if not (folder_of("results") / "findings.json").exists():
            raise Problem(NONE_YET) from None
        raise problem


def overview() -> WorkOverview:
    """Return where the work stands. What cannot be read is said in words."""
    try:
        reading = roster_in(folder_of("roster"))
        agencies = len(reading.entries)
        words = f"{agencies} 个机关" + (f"，{len(reading.faults)} 处要改" if reading.faults else "")
        agencies = 0 if reading.faults else agencies
        words = words if reading.entries else "名册还是空的"
    except Problem:
        agencies, words = 0, "还没有名册"
    try:
        lines = list(results().of_roster())
    except Problem:
        return WorkOverview(agencies, words, {}, "", 0)
    counts = Counter(line.state for line in lines)
    states = {state: counts[state] for state in DESK_ORDER if counts[state]}
    said = "，".join(f"{state} {count}" for state, count in states.items())
    due = sum(counts[state] for state in OPEN_STATES.values())
    return WorkOverview(agencies, words, states, said, due)


def agency_link(name: str) -> str:
    """Return the address of an agency's page."""
    return f"/review/agency?{urlencode({'name': name})}"


def fates() -> Fates:
    """Return what became of every file, as far as it was checked."""
    try:
        found = results()
    except Problem:
        return Fates({})
    by_path = {line.path: _fate(line) for line in found.lines if line.path}
    by_path |= {one.path: Fate(NOT_READ, one.agency, one.reason) for one in found.not_read if one.path not in by_path}
    in_archives: dict[str, list[Fate]] = {}
    for path, fate in by_path.items():
        for parent in list(Path(path).parents)[:-1]:
            in_archives.setdefault(parent.as_posix(), []).append(fate)
    return Fates(by_path, {path: tuple(inside) for path, inside in in_archives.items()})


def _fate(line: AgencyLine) -> Fate:
    counts = (("错误", line.to_mend), ("提醒", line.to_explain))
    words = "，".join(f"{word} {count}" for word, count in counts if count)
    late = "逾期" if line.is_late else ""
    said = "；".join(filter(None, (line.reason or words, line.note, late)))
    return Fate(line.state, line.agency, said, agency_link(line.agency))
