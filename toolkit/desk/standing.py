"""Where the work stands (办理情况), out of the results folder: in numbers for the first page, and for each file that
came in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlencode

from toolkit.batch.letters.reminders import OPEN_STATES
from toolkit.batch.results.folder import FINDINGS_NAME
from toolkit.batch.results.reader import AgencyLine, Results, read_results
from toolkit.batch.states import DESK_ORDER, State
from toolkit.desk.bounded import roster_in
from toolkit.desk.project_folder import folder_of, project
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
    """What became of each file that came in, by its place in the folder; of an archive, what became of each file in
    it, with its place."""

    by_name: Mapping[str, Fate]
    in_archives: Mapping[str, Sequence[tuple[str, Fate]]]

    def of(self, name: str) -> Fate:
        """Return what became of a file."""
        if name in self.by_name:
            return self.by_name[name]
        inside = self.inside(name)
        if not inside:
            return Fate(NOT_CHECKED)
        counts = Counter(fate.state for _, fate in inside)
        words = "，".join(f"{state} {count}" for state, count in counts.items())
        return Fate(OPENED, words=f"里面 {len(inside)} 份：{words}")

    def inside(self, name: str) -> Sequence[tuple[str, Fate]]:
        """Return what became of each file in an archive; nothing if the file itself was judged."""
        return () if name in self.by_name else self.in_archives.get(name, ())


def results() -> Results:
    """Return the results of the last check. Raise Problem when there are none."""
    if not (folder_of("results") / FINDINGS_NAME).exists():
        raise Problem(NONE_YET)
    return read_results(folder_of("results"), project().year)


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
        return Fates({}, {})
    by_path = {line.path: _fate(line) for line in found.lines if line.path}
    by_path |= {one.path: Fate(NOT_READ, one.agency, one.reason) for one in found.not_read if one.path not in by_path}
    folder = folder_of("returned").as_posix() + "/"
    by_name = {path.removeprefix(folder): fate for path, fate in by_path.items() if path.startswith(folder)}
    in_archives: dict[str, list[tuple[str, Fate]]] = {}
    for name, fate in by_name.items():
        for parent in list(PurePosixPath(name).parents)[:-1]:
            in_archives.setdefault(parent.as_posix(), []).append((name, fate))
    return Fates(by_name, in_archives)


def _fate(line: AgencyLine) -> Fate:
    counts = (("错误", line.to_mend), ("提醒", line.to_explain))
    words = "，".join(f"{word} {count}" for word, count in counts if count)
    late = "逾期" if line.is_late else ""
    said = "；".join(filter(None, (line.reason or words, line.note, late)))
    return Fate(line.state, line.agency, said, agency_link(line.agency))
