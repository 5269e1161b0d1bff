"""Rules on active content (夹带) in a returned file, on how it was saved and locked, and on what nobody sees in it."""

from collections.abc import Callable, Mapping

from toolkit.checks.findings import Rule
from toolkit.submission.model import Irregularity, IrregularityKind, Submission

_NOT_OPENED = "工具没有打开、没有运行，也没有带进任何结果。"
_ASK = "请删去后重新报送；来历不明的，不要启用。"

MACRO = Rule(
    "macro-carried",
    "带有宏",
    "warning",
    "填报表里没有宏。",
    "填报不需要宏；宏一启用就能在电脑上做任何事。",
    f"文件里带有宏（{{found}}），填报表不需要宏。{_NOT_OPENED}{_ASK}",
    {"found": "vbaProject.bin"},
    identified_by=("found",),
)
LINK = Rule(
    "link-carried",
    "引用其他文件或网址",
    "warning",
    "填报表不引用其他文件和网址。",
    "打开时会去取别处的内容，数会变，也会泄露谁在打开。",
    f"{{what}}（{{found}}）。{_NOT_OPENED}请改成数后重新报送。",
    {"what": "文件里引用了外部的文件或网址", "found": "file:///D:/甲.xlsx"},
    identified_by=("found",),
)
DDE = Rule(
    "dde-carried",
    "调用其他程序",
    "warning",
    "填报表不调用其他程序（DDE）。",
    "这样的公式一经允许，就会在电脑上运行别的程序。",
    f"{{where}}调用其他程序的公式或链接（{{found}}）。{_NOT_OPENED}{_ASK}",
    {"where": "文件里有", "found": "cmd|'/c …'"},
    identified_by=("found",),
)
OBJECT = Rule(
    "object-carried",
    "带有嵌入对象或控件",
    "warning",
    "填报表里没有嵌入的对象和控件。",
    "嵌入的文件、控件可能带有程序，也不会进入报告。",
    f"文件里嵌有 {{wanted}} 个对象或控件（{{found}}）。{_NOT_OPENED}应填的请填进表内，其余请删去。",
    {"wanted": "1", "found": "oleObject1.bin"},
    identified_by=("found",),
)
QUERY = Rule(
    "query-carried",
    "带有数据连接",
    "warning",
    "填报表里没有数据连接和查询。",
    "刷新时会从别处取数，数会变。",
    f"文件里有数据连接或查询（{{found}}）。{_NOT_OPENED}请改成数后重新报送。",
    {"found": "connections.xml"},
    identified_by=("found",),
)
NAME = Rule(
    "name-outside",
    "定义的名称指向外部",
    "warning",
    "定义的名称只指本表内的格。",
    "指向外部的名称会把别处的内容带进公式。",
    f"名称“{{wanted}}”指向文件以外（{{found}}）。{_NOT_OPENED}请删去这个名称。",
    {"wanted": "甲", "found": "[1]表!$A$1"},
    identified_by=("found",),
)
HIDDEN = Rule(
    "sheet-hidden",
    "有隐藏的工作表",
    "warning",
    "不增加隐藏的工作表。",
    "看不见的表可能含有不应报送的内容。",
    "多了隐藏的工作表「{place}」，没有读取。请取消隐藏、核对后删去。",
    {"place": "甲"},
    variants={"issued": "工作表「{place}」被隐藏了。请取消隐藏、核对后重新报送。"},
    identified_by=("place",),
)
CONVERTED = Rule(
    "file-converted",
    "另存成了别的格式",
    "warning",
    "报送的文件是 .xlsx 工作簿。",
    "另存成别的格式后，公式、保护和出错的格无法核对。",
    "文件是{found}，已按数值读取；公式、保护有没有改动和出错的格{more}没有核对。请另存为 .xlsx 后重新报送。",
    {"found": "旧格式（.xls、.et）", "more": "、隐藏的行列、数字格式"},
)
LOCKED = Rule(
    "file-locked",
    "有打开密码",
    "info",
    "报送的文件没有打开密码。",
    "有密码的文件，别人打不开。",
    "文件有打开密码，已用给出的密码打开。存档前请取消密码。",
    {},
    variants={"read-only": "文件以“只读”方式加了密码保存，已打开。存档前请取消。"},
)
LINE_HIDDEN = Rule(
    "line-hidden",
    "隐藏的行列有内容",
    "warning",
    "不隐藏有内容的行和列，也不折叠、不筛选。",
    "隐藏的数照样读取、汇总，填的人和审的人却看不见。",
    "工作表「{place}」有隐藏的行列，里面有内容：{found}。请取消隐藏、折叠或筛选，核对后重新报送。",
    {"place": "某", "found": "第 9 行（D9 为 12、E9 为 3）"},
    identified_by=("found",),
)
SHOWN_DIFFERS = Rule(
    "shown-differs",
    "显示的数与存的数不同",
    "error",
    "数字格显示的数就是格里存的数。",
    "数字格式只改显示、不改存的数：看到的、打印的是一个数，汇总和报告里是另一个数。",
    "工作表「{sheet}」显示的不是存的数：{found}。请把数字格式改为“常规”，核对后重新报送。",
    {"sheet": "某", "found": "D9 显示为“5”，实际是 5000（数字格式“0,”）"},
    identified_by=("found",),
)
RULES = (MACRO, LINK, DDE, OBJECT, QUERY, NAME, HIDDEN, CONVERTED, LOCKED, LINE_HIDDEN, SHOWN_DIFFERS)


def _link(_: Submission, met: Irregularity) -> Mapping[str, str]:
    if not met.also:
        return {"what": "文件里引用了外部的文件或网址"}
    return {"what": f"{_where(met)}引用外部文件或网址、或用了不常用函数的公式"}


def _where(met: Irregularity) -> str:
    """Return ``三!J9 有`` or ``三!J9 等 2 格有``."""
    if not met.also:
        return "文件里有"
    return f"{met.also[0]} 等 {len(met.also)} 格有" if len(met.also) > 1 else f"{met.also[0]} 有"


FACTS: Mapping[IrregularityKind, Callable[[Submission, Irregularity], Mapping[str, str]]] = {
    "link-carried": _link,
    "dde-carried": lambda _, met: {"where": _where(met)},
    "file-converted": lambda _, met: {"more": "".join(f"、{name}" for name in met.names)},
    "shown-differs": lambda _, met: {"sheet": met.place.partition("!")[0]},
}
"""The facts of messages that are no fields of the irregularity."""
