"""What stands in a report, before it becomes a Word document, a page or a PDF: title, preface, sections, end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.prose.blocks import Block
from toolkit.prose.headings import as_blocks
from toolkit.spelling import number_text
from toolkit.submission import Submission, Value

NOTHING = "无"


@dataclass(frozen=True)
class Report:
    """A report that is ready to be set. `texts` has the blocks of every text section that is not empty; `signature`
    are the lines under the report, the agency and the day."""

    submission: Submission
    texts: Mapping[str, tuple[Block, ...]]
    preface: tuple[Block, ...] = ()
    signature: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def text(self, section_id: str) -> tuple[Block, ...]:
        """The blocks of a text section; where nothing was written, it says so."""
        return self.texts.get(section_id) or as_blocks((NOTHING,))


def report_of(submission: Submission) -> Report:
    """The report of a submission as it stands in the workbook or the data file."""
    texts = {key: as_blocks(paragraphs) for key, paragraphs in submission.texts.items() if paragraphs}
    return Report(submission, texts)


def cell_text(value: Value) -> str:
    """A figure as it stands in the report; a blank stays blank."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number_text(value)
