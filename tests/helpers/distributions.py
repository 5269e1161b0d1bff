"""Templates handed out to agencies, and what becomes of them."""

import io
from pathlib import Path

from openpyxl import load_workbook
from rosters import CODES

from toolkit.batch.distribution import LIST_NAME, Issue, Issued, distribute, write_list
from toolkit.batch.pool_settings import PoolSettings
from toolkit.batch.roster import RosterEntry
from toolkit.forms.loader import form_for_year

FORM = form_for_year(2024)


ONE, TWO, THREE = (
    RosterEntry("甲局", 2, CODES[0], contact="王某"),
    RosterEntry("乙局", 3, CODES[1]),
    RosterEntry("丙局", 4),
)
ISSUE = Issue(FORM.id, 2024)


def issue(folder: Path, *entries: RosterEntry, work: Issue = ISSUE, force: bool = False) -> list[Issued]:
    """What the command does, in this process."""
    issued = list(distribute(entries, work, folder, PoolSettings(1), force))
    write_list(folder / LIST_NAME, issued, FORM, work.year)
    return issued


def done(issued: list[Issued]) -> list[tuple[str, str]]:
    return [(item.done, item.file) for item in issued]


def work_in(path: Path) -> bytes:
    """An agency opens its file and saves it: it is another program's from then on."""
    made = load_workbook(path)
    made["基本信息"]["C5"] = "张某"
    out = io.BytesIO()
    made.save(out)
    path.write_bytes(out.getvalue())
    return out.getvalue()
