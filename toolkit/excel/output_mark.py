"""The mark in the properties of a workbook by which the toolkit recognizes its own outputs (本工具的输出)."""

from typing import Literal

Output = Literal["results", "issue-list", "guide", "review-points", "reminders", "sum-table", "trend"]
OUTPUT_NAMES: dict[Output, str] = {
    "results": "gknb check 写出的校验结果",
    "issue-list": "gknb distribute 写出的发放清单",
    "guide": "gknb distribute 写出的填报须知",
    "review-points": "gknb rules 写出的审核要点",
    "reminders": "gknb remind 写出的催报清单",
    "sum-table": "gknb rollup 写出的汇总表",
    "trend": "gknb trend 写出的历年对比",
}
"""The name of each output in words."""
MARK = "gknb-output:"


def mark_properties(output: Output) -> dict[str, str]:
    """Return the workbook properties that mark a workbook as this output."""
    return {"keywords": MARK + output}
