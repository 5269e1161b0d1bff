"""The types of what stands in a form definition (格式定义), their limits, and what is said when a limit is broken."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Severity = Literal["error", "warning", "info"]
Operator = Literal["=", "<=", ">="]
Per = Literal["row", "column", "form"]
Shape = Literal["bars", "columns"]

LABEL_LIMIT = 200
"""Characters of a label, of a title and of the words of a relation."""
CHART_LIMIT = 40
"""Characters of a chart's title and of its points' names: what fits in a line of it."""

_FORM_ID = r"\A[A-Za-z0-9_-]{1,40}\Z"
_SECTION_ID = r"\A(?!(?i:history)\Z)[^\[\]:*?/\\'!\s]{1,20}\Z"
_CELL_ID = r"\A[a-z][a-z0-9_]*\Z"
_RULE_ID = r"\A[a-z][a-z0-9-]*\Z"
_LABEL = rf"(?s)\A(?=.*\S).{{1,{LABEL_LIMIT}}}\Z"
_CHART_LABEL = rf"(?s)\A(?=.*\S).{{1,{CHART_LIMIT}}}\Z"

FormId = Annotated[str, Meta(pattern=_FORM_ID)]
SectionId = Annotated[str, Meta(pattern=_SECTION_ID)]
CellId = Annotated[str, Meta(pattern=_CELL_ID)]
"""The id of a table, a row, a column or a chart: a part of the id of a cell (格号)."""
RuleId = Annotated[str, Meta(pattern=_RULE_ID)]
"""The id of a relation, a carry-over or a rule on texts; or of what these name."""
Label = Annotated[str, Meta(pattern=_LABEL)]
ChartLabel = Annotated[str, Meta(pattern=_CHART_LABEL)]
NonEmpty = Annotated[str, Meta(min_length=1)]
ShortText = Annotated[str, Meta(max_length=LABEL_LIMIT)]
LayoutNumber = Annotated[int, Meta(ge=1)]

PATTERN_WORDS = {
    _FORM_ID: "「{value}」只能用英文字母、数字、下划线和短横",
    _SECTION_ID: "id 要用作工作表名：1 至 20 个字，不含空格和 [ ] : * ? / \\ ' !，不能是 History",
    _CELL_ID: "id「{value}」只能用小写英文字母、数字和下划线，以字母开头",
    _RULE_ID: "id「{value}」只能用小写英文字母、数字和短横，以字母开头",
    _LABEL: f"应有 1 至 {LABEL_LIMIT} 个字",
    _CHART_LABEL: f"应有 1 至 {CHART_LIMIT} 个字",
}
"""What is said of a text that a pattern does not fit; ``{value}`` stands for the text."""


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that stands in a form definition. Unknown keys are errors: a misspelt key would be lost in silence."""
