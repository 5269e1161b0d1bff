"""The kinds of cell (单元格种类): one record each. A new kind is one new entry in `KINDS`.

A form definition names a kind for a table, a row or a column. Everything that depends on the kind is said in its
record: what people are told, what Excel accepts, sign, decimals, how it is read and how it is shown. The values for
Excel are plain data; the code that writes workbooks puts them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

YES_NO = ("是", "否")
LARGEST = 999_999_999_999
"""The largest number that a cell of a template accepts."""
AMOUNT_RULE = "=IF(ISNUMBER({cell}),AND({cell}>=0,ABS(ROUND({cell},{decimals})-{cell})<={cell}/10^14),0)"
"""True for an amount with no more decimals than it may have. Gnumeric's ROUND may be off in the last bit."""


@dataclass(frozen=True, slots=True)
class KindRecord:
    """What is true of all cells of one kind."""

    prompt: str
    """What to fill in (输入提示)."""
    excel_rule: Mapping[str, str | int] | None = None
    """What Excel accepts (数据有效性), in the words of XlsxWriter. Texts may hold ``{cell}`` (its address) and
    ``{decimals}``. Without a rule, a cell with options gets a drop-down list, another one accepts anything."""
    refusal: str = "请从下拉列表中选择：{options}。"
    """What Excel says of a wrong entry. It may hold ``{unit}``, ``{decimals}`` and ``{options}``."""
    number_format: str = ""
    """The number format in Excel (单元格格式). Empty: a number is shown with the decimals that it has."""
    is_number: bool = True
    """Its cells take part in relations and sums."""
    is_whole: bool = False
    """Its numbers have no decimals. Otherwise the form says how many decimals they may have."""
    is_signed: bool = False
    """Its numbers may be less than 0."""
    is_amount: bool = False
    """People may write it with 元, 万, 亿 or ¥; such a number is converted to the unit of the cell."""
    options: tuple[str, ...] = ()
    """What can be chosen, where this is the same for all cells of the kind."""
    needs_options: bool = False
    """The form must say what can be chosen."""


KINDS: dict[str, KindRecord] = {
    "count": KindRecord(  # 件数
        prompt="填整数，没有的填 0。",
        refusal="这里只能填 0 或正整数，不写单位、逗号和小数。没有发生的填 0。",
        excel_rule={"validate": "integer", "criteria": "between", "minimum": 0, "maximum": LARGEST},
        number_format="0",
        is_whole=True,
    ),
    "change": KindRecord(  # 增减
        prompt="填整数，减少填负数。",
        refusal="这里只能填整数，增加填正数，减少填负数（如 -3），没有增减的填 0。",
        excel_rule={"validate": "integer", "criteria": "between", "minimum": -LARGEST, "maximum": LARGEST},
        number_format="0",
        is_whole=True,
        is_signed=True,
    ),
    "money": KindRecord(  # 金额
        prompt="填数字，不写单位。",
        refusal="这里只能填 0 或正数，{unit}最多 {decimals} 位小数，不写单位和逗号。",
        excel_rule={"validate": "custom", "value": AMOUNT_RULE},
        is_amount=True,
    ),
    "choice": KindRecord(  # 选择
        prompt="从下拉列表中选择。",
        number_format="@",
        is_number=False,
        needs_options=True,
    ),
    "yes_no": KindRecord(  # 是/否
        prompt="选“是”或“否”。",
        number_format="@",
        is_number=False,
        options=YES_NO,
    ),
    "text": KindRecord(  # 文字
        prompt="填文字。",
        number_format="@",
        is_number=False,
    ),
}
