"""The rule on figures that an agency changed in a new round although nobody asked for it."""

from collections.abc import Sequence

from toolkit.checks.findings import Finding, Rule, finding
from toolkit.submission.model import Submission

SHOWN_AT_MOST = 8
UNASKED = Rule(
    "changed-unasked",
    "改了没有要求修改的数",
    "info",
    "退回修改后，只改了要求修改和核实的数。",
    "没有要求修改的数也改了，可能是填错了行列，也可能是另有更正。",
    "与第 {number} 次报送相比，有 {count} 个没有要求修改的数改了：{names}{more}。请核对是不是有意修改。",
    {"number": "1", "count": "1", "names": "某格：5 改为 6", "more": ""},
    "batch",
)
RULES = (UNASKED,)


def unasked_finding(
    number: int, cells: Sequence[str], changes: Sequence[str], submission: Submission | None = None
) -> Finding:
    """Return the finding on figures that changed unasked since round `number`. `changes` says each change in words."""
    return finding(
        UNASKED,
        submission,
        cells,
        number=str(number),
        count=str(len(changes)),
        names="；".join(changes[:SHOWN_AT_MOST]),
        more=f"；另有 {len(changes) - SHOWN_AT_MOST} 个" if len(changes) > SHOWN_AT_MOST else "",
    )
