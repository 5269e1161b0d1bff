"""The reminder (催报函、催办函) to an agency that has not returned its form or must still correct it: a letter, and the
same as a text to paste into a message, in one line or in three."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from toolkit.characters import printable
from toolkit.reports.base_document import BODY, SIGNATURE, own_base
from toolkit.reports.notice import BLANK, KEEP_WITH_NEXT, NO_INDENT
from toolkit.reports.word_writer import DocumentDraft

OpenState = Literal["未报", "不是填报表", "无法读取", "有误", "待说明"]
"""The standings (报送状态) of agencies that are reminded."""
FILE_SHOWN = 40
"""Characters of a file's name that are shown."""
_ASKED: dict[OpenState, str] = {
    "未报": "请将填报表（.xlsx）填写完整，待「自查」全部相符后报送。",
    "不是填报表": "请将内容填入下发的填报表（.xlsx），待「自查」全部相符后报送；Word 文件、扫描件、照片不能代替。",
    "无法读取": "请用 Excel 或 WPS 打开原来的填报表，另存为“Excel 工作簿（.xlsx）”，确认能打开、没有密码后重新报送。",
    "有误": "请按审核意见在填报表上修改{explain}，待「自查」全部相符后重新报送。",
    "待说明": "请逐处核对，有误的改正，属实的写明情况，重新报送。",
}
_ASKED_BRIEFLY: dict[OpenState, str] = {
    "未报": "请尽快填好交来",
    "不是填报表": "请把内容填进下发的填报表（.xlsx）再交来",
    "无法读取": "请用Excel或WPS另存为.xlsx，能打开了再交来",
    "有误": "请改好后再交来",
    "待说明": "请尽快核实说明",
}


@dataclass(frozen=True, slots=True)
class Reminder:
    """What an agency is reminded of. `title` is that of the report. `file` is what it returned, `received` the day when
    that came, `reason` why it cannot be read. `to_mend` counts what must be corrected, `to_explain` what must be
    verified or explained, `remaining` those of them that were asked for before."""

    agency: str
    title: str
    state: OpenState
    today: date
    deadline: date | None = None
    file: str = ""
    received: date | None = None
    reason: str = ""
    to_mend: int = 0
    to_explain: int = 0
    remaining: int = 0

    @property
    def days_over(self) -> int:
        """Return the days since the deadline; 0 if it is still to come, or there is none."""
        return max((self.today - self.deadline).days, 0) if self.deadline else 0

    @property
    def is_of_form(self) -> bool:
        """Return True if a form came, so that it is corrected or explained and not returned for the first time."""
        return self.state in ("有误", "待说明")


def day_in_words(day: date) -> str:
    """Return a day as a letter writes it: ``2025年1月20日``."""
    return f"{day.year}年{_brief(day)}"


def _brief(day: date) -> str:
    return f"{day.month}月{day.day}日"


def one_line(reminder: Reminder) -> str:
    """Return the reminder as one line for a message."""
    parts = (_found_briefly(reminder), _time_left(reminder), _ASKED_BRIEFLY[reminder.state])
    return f"{reminder.agency}：{'，'.join(filter(None, parts))}。"


def three_lines(reminder: Reminder, office: str = "") -> tuple[str, str, str]:
    """Return the reminder as three lines for a message: the greeting, what is outstanding, what to do."""
    here = f"这里是{office}。" if office else ""
    parts = (f"截至{_brief(reminder.today)}，{_found_briefly(reminder)}", _time_left(reminder))
    return (
        f"{reminder.agency}：您好！{here}",
        f"{'，'.join(filter(None, parts))}。",
        f"{_asked(reminder)}已经交来的，请回复一声。",
    )


def build_reminder(reminder: Reminder, office: str = "") -> bytes:
    """Return the letter as the bytes of a .docx file, signed by the `office`; without one, a blank line is left to be
    filled in by hand."""
    title = _letter_title(reminder)
    draft = DocumentDraft(own_base())
    return draft.finish(_letter_body(draft, reminder, title, office or BLANK), title, office)


def _letter_title(reminder: Reminder) -> str:
    if not reminder.is_of_form:
        return f"关于报送{reminder.title}的催报函"
    return f"关于{'更正' if reminder.state == '有误' else '核实'}{reminder.title}的催办函"


def _letter_body(draft: DocumentDraft, reminder: Reminder, title: str, office: str) -> Iterator[str]:
    """Yield the paragraphs of the letter, as XML."""
    yield draft.title(title)
    yield draft.paragraph(BODY, f"{reminder.agency}：", NO_INDENT)
    yield draft.paragraph(BODY, _found(reminder))
    yield draft.paragraph(BODY, _limit(reminder) + _asked(reminder))
    yield draft.paragraph(BODY, f"已经{'重新' if reminder.is_of_form else ''}报送的，请与我们核对。", KEEP_WITH_NEXT)
    yield draft.paragraph(SIGNATURE, office, f'{KEEP_WITH_NEXT}<w:spacing w:before="560"/>')
    yield draft.paragraph(SIGNATURE, day_in_words(reminder.today))


def _found(reminder: Reminder) -> str:
    """Return what came, and what is still outstanding, in full sentences."""
    when = _brief(reminder.received) if reminder.received else ""
    form, until = f"《{reminder.title}》填报表", f"截至{day_in_words(reminder.today)}，"
    if reminder.state == "未报" and not reminder.file:
        return f"{until}尚未收到你单位的{form}。"
    if reminder.state == "未报":
        return f"你单位{when}交来的“{_file_shown(reminder)}”是没有填过的空白表，不算报送。{until}尚未收到填好的{form}。"
    if reminder.state == "不是填报表":
        return f"你单位{when}交来的“{_file_shown(reminder)}”不是填报表。{until}尚未收到你单位的{form}。"
    if reminder.state == "无法读取":
        why = f"（{reminder.reason}）" if reminder.reason else ""
        return f"你单位{when}交来的“{_file_shown(reminder)}”无法读取{why}。{until}尚未收到能读取的{form}。"
    before = f"，其中 {reminder.remaining} 处上次已经提出" if reminder.remaining else ""
    waits = "更正后的填报表" if reminder.state == "有误" else "更正或说明"
    return f"你单位{when}报送的{form}，经审核{_counts(reminder, ' ') or '有误'}{before}。{until}尚未收到{waits}。"


def _found_briefly(reminder: Reminder) -> str:
    """Return what is outstanding in one clause, for a message."""
    file = _file_shown(reminder)
    if reminder.state == "未报":
        return f"{reminder.title}填报表" + ("收到的是没有填过的空白表" if reminder.file else "还没有收到")
    if reminder.state == "不是填报表":
        return f"{reminder.title}收到的“{file}”不是填报表"
    if reminder.state == "无法读取":
        return f"{reminder.title}收到的“{file}”无法读取"
    waits = "改好的" if reminder.state == "有误" else "更正或说明"
    return f"{reminder.title}填报表{_counts(reminder) or '有误'}，还没有收到{waits}"


def _counts(reminder: Reminder, space: str = "") -> str:
    """Return how much must be corrected and explained; empty if that is not known."""
    counts = [(reminder.to_mend, "必须修改"), (reminder.to_explain, "待说明")]
    words = "、".join(f"{count}{space}处{what}" for count, what in counts if count)
    return f"有{space}{words}" if words else ""


def _asked(reminder: Reminder) -> str:
    return _ASKED[reminder.state].format(explain="，待说明的核实后改正或写明情况" if reminder.to_explain else "")


def _limit(reminder: Reminder) -> str:
    """Return the deadline and how far off it is, as a sentence; empty if there is none."""
    if reminder.deadline is None:
        return ""
    left = (reminder.deadline - reminder.today).days
    far = f"还有 {left} 天" if left > 0 else "即今天" if left == 0 else f"已超过 {-left} 天"
    return f"报送期限为{day_in_words(reminder.deadline)}，{far}。"


def _time_left(reminder: Reminder) -> str:
    if reminder.deadline is None:
        return ""
    left = (reminder.deadline - reminder.today).days
    same_year = reminder.deadline.year == reminder.today.year
    day = _brief(reminder.deadline) if same_year else day_in_words(reminder.deadline)
    return (
        f"期限{day}，还有{left}天"
        if left > 0
        else f"期限就是今天（{day}）"
        if left == 0
        else f"期限{day}，已过{-left}天"
    )


def _file_shown(reminder: Reminder) -> str:
    """Return the name of the file on one line; of a long one, its beginning and its end."""
    name = printable(reminder.file)
    return name if len(name) <= FILE_SHOWN else f"{name[: FILE_SHOWN - 12]}…{name[-11:]}"
