"""What a roll-up leaves in a folder: the completed workbook, 汇总表.xlsx and the draft of the report; all or none."""

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
    """Where each of the three is written."""

    completed: Path
    table: Path
    draft: Path

    def all(self) -> tuple[Path, ...]:
        """All three."""
        return self.completed, self.table, self.draft


def outputs_in(folder: Path, title: str) -> Outputs:
    """What will be written in a folder for a report of this title."""
    return Outputs(
        folder / file_name(title, ".xlsx"), folder / WORKBOOK_NAME, folder / file_name(title, f"{DRAFT}.docx")
    )


def require_free(outputs: Outputs, force: bool) -> None:
    """Raises Problem when an output stands there already and may not be replaced, or cannot be."""
    require_folder(outputs.table.parent)
    refuse_existing(outputs.all(), force)
    for path in outputs.all():
        require_writable(path)


def write_roll_up(folder: Path, gathered: Gathered, force: bool) -> tuple[Submission, Outputs]:
    """Add up what was gathered and write the outputs, all of them or none; gives the sum and where they are.

    Raises Problem when an output is there already, or when they cannot be written.
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
