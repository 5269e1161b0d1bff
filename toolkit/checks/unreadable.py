"""The rule on files that cannot be read."""

from toolkit.characters import one_line
from toolkit.checks.findings import Finding, Rule
from toolkit.problems import Cause

UNREADABLE = Rule(
    "unreadable",
    "读不出的文件",
    "error",
    "报送的文件是本工具生成的填报表，或者合格的数据文件。",
    "读不出来的文件不能审核，也不能汇总。",
    "{reason}",
    {"reason": "是空文件（0 字节）。请让报送单位重新发送。"},
    "file",
)


def unreadable_finding(reason: str, cause: Cause) -> Finding:
    """Return the finding on a file that gave no submission."""
    message = UNREADABLE.say(reason=one_line(reason))
    return Finding(UNREADABLE.id, UNREADABLE.severity, message, cause=cause)
