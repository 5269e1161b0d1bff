"""Writes the outputs of a roll-up into a folder: the completed workbook, 汇总表.xlsx and the draft of the report; all
of them or none."""

from dataclasses import dataclass
from pathlib import Path

from toolkit.files.write import atomic_files, file_name, refuse_existing, require_folder, require_writable
from toolkit.reports.content import DRAFT
from toolkit.rollup.draft import build_draft
from toolkit.rollup.gathering import Gathered
from toolkit.rollup.sums import sum_of
from toolkit.rollup.workbook import WORKBOOK_NAME, write_sum_workbook
from toolkit.submission.model import Submission
from toolkit.workbook.template import build_workbook


@dataclass(frozen=True, slots=True)
class Outputs:
    """The paths of the three outputs."""

    completed: Path
    table: Path
    draft: Path

    def all(self) -> tuple[Path, ...]:
        """Return all three paths."""
        return self.completed, self.table, self.draft


def outputs_in(folder: Path, title: str) -> Outputs:
    """Return the paths of the outputs in a folder, for a report of this title."""
    return Outputs(
        folder / file_name(title, ".xlsx"), folder / WORKBOOK_NAME, folder / file_name(title, f"{DRAFT}.docx")
    )


def require_free(outputs: Outputs, force: bool) -> None:
    """Raise Problem when an output is there already and `force` is not given, or when it cannot be written."""
    require_folder(outputs.table.parent)
    refuse_existing(outputs.all(), force)
    for path in outputs.all():
        require_writable(path)


def write_roll_up(folder: Path, gathered: Gathered, force: bool) -> tuple[Submission, Outputs]:
    """Add up the gathered returns and write the outputs, all of them or none. Return the sum and the paths.

    Raise Problem when an output is there already, or when the outputs cannot be written.
    """
    assert gathered.form is not None
    assert gathered.year is not None
    total = sum_of(gathered.form, gathered.year, gathered.agency, gathered.shares)
    outputs = outputs_in(folder, total.title)
    require_free(outputs, force)
    with atomic_files(outputs.all(), force) as (completed, table, draft):
        completed.write_bytes(build_workbook(total))
        draft.write_bytes(build_draft(gathered, total))
        write_sum_workbook(table, gathered, total, folder)
    return total, outputs
