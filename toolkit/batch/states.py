"""The standings (报送状态) of agencies and returns: one list of words for screen, page, workbook, letters and JSON."""

from typing import Literal, get_args

State = Literal["未报", "不是填报表", "无法读取", "有误", "待说明", "不在名册", "重复", "通过"]
"""The standing (报送状态) of an agency, or of a return that does not count. 不是填报表: the agency sent something else.
待说明: there are reminders (提醒) without explanation, and the office's profile is 严格."""
STATES: tuple[State, ...] = get_args(State)
"""All standings, the worst first."""
DESK_ORDER: tuple[State, ...] = ("有误", "无法读取", "不是填报表", "待说明", "重复", "不在名册", "未报", "通过")
"""The states in the order in which an office works on them: what it must send back comes first."""
assert set(DESK_ORDER) == set(STATES)
COLOURS: dict[str, str] = {
    "未报": "#6B6B6B",
    "不是填报表": "#5D4037",
    "无法读取": "#7030A0",
    "有误": "#C00000",
    "待说明": "#A85400",
    "不在名册": "#7A5C00",
    "重复": "#2F6DA8",
    "通过": "#2E7D32",
}
"""The colour of each state on pages and sheets."""
