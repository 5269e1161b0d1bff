"""The mark by which a workbook that the toolkit wrote (本工具的输出) is known again: it stands in its properties."""

from typing import Literal

Output = Literal["results", "issue-list", "sum-table", "trend"]
WORDS: dict[Output, str] = {
    "results": "gknb check 写出的校验结果",
    "issue-list": "gknb distribute 写出的发放清单",
    "sum-table": "gknb rollup 写出的汇总表",
    "trend": "gknb trend 写出的历年对比",
}
"""What each output is, in words."""
MARK = "gknb-output:"


def marked(output: Output) -> dict[str, str]:
    """Return the properties of a workbook that is such an output."""
    return {"keywords": MARK + output}
