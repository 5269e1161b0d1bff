"""Short forms of agencies' names (简称): finds out if a short form is specific enough."""

import re

SHORTEST = 3
"""Fewest characters of a short form: 教育局 is one, 局 is not."""
_KIND_OF_BODY = re.compile(
    r"(?:人民|政府|办公|街道|办事|委员|管理|事务|服务|公共|综合|行政|机关|单位|部门|"
    r"中心|分局|总局|支队|大队|总队|厅|局|委|办|处|所|站|院|会|室|科|股|队|部|署)+"
)
"""A name that consists only of such words (办公室, 管理委员会) says what kind of body it is, but not which one."""


def is_short_form(short: str, full: str) -> bool:
    """Return True if `short` is the last part of the name `full` and says which body is meant: 教育局 for 甲县教育局,
    but neither 局 nor 办公室. Both names are in the form in which names are compared, see `characters.plain`."""
    is_part = bool(short) and full != short and full.endswith(short)
    return is_part and len(short) >= SHORTEST and not _KIND_OF_BODY.fullmatch(short)
