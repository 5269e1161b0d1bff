"""gknb.toml, the file of an office: its project (项目), which is what it would type every day, and its settings.

Every key is declared once, in `KEYS`: the file that `gknb init` writes, the errors and the defaults of the commands are
made from them.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.characters import display_width
from toolkit.files.toml_file import FILE_NAME, read_toml
from toolkit.files.write import require_folder, write_output
from toolkit.files.write_errors import in_words
from toolkit.problems import Problem
from toolkit.submission.years import YEARS

if TYPE_CHECKING:
    from toolkit.checks.settings import Settings

COMMENT_COLUMN = 36
TEXT_LIMIT = 200
PATH_LIMIT = 500
KeyKind = Literal["year", "path", "text", "date"]


@dataclass(frozen=True, slots=True)
class ProjectKey:
    """A key of the project file: what it holds, an example, and what it is for in words. A new project has it switched
    off if it is `optional`."""

    kind: KeyKind
    example: str
    words: str
    optional: bool = False


KEYS: dict[str, ProjectKey] = {
    "year": ProjectKey("year", "2024", "报告年度"),
    "office": ProjectKey("text", "青河县人民政府办公室", "审核机关，写在退回修改意见的落款处"),
    "agency": ProjectKey("text", "青河县人民政府", "汇总机关的全称，汇总后的报告用它的名义", optional=True),
    "deadline": ProjectKey("date", "2025-01-20", "报送和改正的期限，写在退回修改意见里", optional=True),
    "roster": ProjectKey("path", "名册.xlsx", "机关名册"),
    "distributed": ProjectKey("path", "发放", "发给各机关的模板写到这里"),
    "returned": ProjectKey("path", "收回的表", "收回的表放在这里，压缩包不用解开"),
    "prior": ProjectKey("path", "上年的表", "上年的表放在这里，没有就空着"),
    "texts": ProjectKey("path", "各单位文字", "各机关另交的文字（Word、文本）放在这里，没有就空着"),
    "results": ProjectKey("path", "校验结果", "校验结果写到这里"),
    "annotated": ProjectKey("path", "批注", "批注件写到这里"),
    "notices": ProjectKey("path", "退回意见", "退回修改意见写到这里"),
    "reminders": ProjectKey("path", "催报", "催报函、催报清单写到这里"),
    "reports": ProjectKey("path", "报告", "各机关的 Word 报告写到这里"),
    "rollup": ProjectKey("path", "汇总", "汇总的结果写到这里"),
    "key": ProjectKey("path", "office.key", "密钥文件，用 gknb key 生成，不要放进要发出去的文件夹", optional=True),
    "scores": ProjectKey("path", "考评.toml", "考评办法：怎样扣分，得分写在校验结果里", optional=True),
}
FILLED_BY_OFFICE = ("returned", "prior", "texts")
MAY_BE_EMPTY = ("prior", "texts")
"""Folders that an office may leave empty: an empty one is the same as none."""


@dataclass(frozen=True)
class Project:
    """A project file that was read: where it stands, and the value of each key that it has. Paths are as written there,
    seen from the working folder."""

    file: Path
    values: Mapping[str, Any]

    def path(self, key: str) -> Path | None:
        """Return the path under a key; None if the key is not there, or the folder may be left empty and is."""
        if key not in self.values:
            return None
        path = Path(self.values[key])
        return None if key in MAY_BE_EMPTY and not _holds_something(path) else path

    def text(self, key: str) -> str:
        """Return the text under a key, empty if the key is not there."""
        return str(self.values.get(key, ""))

    @property
    def year(self) -> int | None:
        """Return the report year."""
        return self.values.get("year")

    @property
    def deadline(self) -> str:
        """Return the deadline as a letter writes it, such as 2025年1月20日; empty if there is none."""
        day: date | None = self.values.get("deadline")
        return f"{day.year}年{day.month}月{day.day}日" if day else ""

    @property
    def in_words(self) -> str:
        """Return which project it is, in a few words."""
        year = f"{self.year} 年" if self.year else ""
        words = "，".join(filter(None, (year, self.text("office"))))
        return f"项目 {self.file}（{words}）" if words else f"项目 {self.file}"


def _holds_something(path: Path) -> bool:
    try:
        return path.is_file() or next(path.iterdir(), None) is not None
    except OSError:
        return False


def read_project(file: Path = Path(FILE_NAME)) -> Project | None:
    """Return the project in a file; None if there is no file, or it has no [project] part.

    Raise Problem, which names the file, the key, its line and what is allowed.
    """
    found = read_toml(file)
    if found is None:
        return None
    data, text = found
    if "project" not in data:
        return None
    table = data["project"]
    if not isinstance(table, dict):
        raise Problem(f"{file}：project 应写成 [project] 一节。")
    values = {key: _value(file, text, key, value) for key, value in table.items()}
    _require_later(file, text, values.get("year"), values.get("deadline"))
    return Project(file, {key: value for key, value in values.items() if value != ""})


def _require_later(file: Path, text: str, year: int | None, deadline: date | str | None) -> None:
    """Raise Problem when the deadline is not after the report year: reports are returned when the year is over."""
    if year and isinstance(deadline, date) and deadline.year <= year:
        right = deadline.replace(year=year + 1, day=min(deadline.day, 28))
        raise Problem(
            f"{file} {_line_of(text, 'deadline')}[project] 里的 deadline {deadline} 在报告年度 {year} 年结束以前。"
            f"请核对，是不是 {right.year} 年的。"
        )


def read_settings(file: Path, known: Collection[str]) -> "Settings":
    """Return the [rules] and [thresholds] in a file, or the standard settings if there is no file. `known` has the ids
    of all rules.

    Raise Problem with the key and what is wrong.
    """
    from toolkit.checks.settings import STANDARD, settings_in

    found = read_toml(file)
    return settings_in(found[0], file, known) if found else STANDARD


def _value(file: Path, text: str, key: str, value: Any) -> Any:
    """Return the value of a key. Raise Problem when the key or the value is wrong."""
    where = f"{file} {_line_of(text, key)}[project] 里的 {key}"
    known = KEYS.get(key)
    if known is None:
        near = get_close_matches(key, KEYS, n=1)
        meant = f"（是不是 {near[0]}？）" if near else ""
        raise Problem(f"{where} 不认识{meant}，可以写的有：{'、'.join(KEYS)}。")
    if known.kind == "year":
        if isinstance(value, bool) or not isinstance(value, int) or value not in YEARS:
            raise Problem(f"{where} 应为四位年度，不加引号，如 {key} = {known.example}。")
        return value
    if known.kind == "date":
        return _date(where, key, known, value)
    limit = PATH_LIMIT if known.kind == "path" else TEXT_LIMIT
    if not isinstance(value, str) or len(value) > limit or "\n" in value or "\0" in value:
        kind = "文件或文件夹的名称" if known.kind == "path" else "文字"
        raise Problem(f'{where} 应为{kind}，加引号，最多 {limit} 字，如 {key} = "{known.example}"。')
    return value.strip()


def _date(where: str, key: str, known: ProjectKey, value: Any) -> date | str:
    """Return a date that is written as TOML's own or as a text; an empty text is none."""
    if type(value) is date:
        return value
    if value == "":
        return ""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Problem(f'{where} 应为日期，如 {key} = "{known.example}"。') from None


def _line_of(text: str, key: str) -> str:
    """Return 第 … 行 of a key in the [project] part, empty if the key is written in another way."""
    inside = False
    pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith("["):
            inside = line.strip().replace(" ", "").startswith("[project]")
        elif inside and pattern.match(line):
            return f"第 {number} 行："
    return ""


def project_text(values: Mapping[str, str], profile: str = "") -> str:
    """Return a project file with every key explained. `values` are those that are known; the others get examples, and
    the optional ones among them are switched off by a #. `profile` is how strictly returns are reviewed."""
    lines = ["# 本项目的设定。改了以后存成 UTF-8；行首有 # 的不起作用。命令里另写了的，以命令为准。"]
    if profile:
        lines.append(f'profile = "{profile}"'.ljust(COMMENT_COLUMN - 2) + "# 审核的档次：平常、严格")
    lines.append("[project]")
    for key, known in KEYS.items():
        value = values.get(key, "" if known.kind == "text" and not known.optional else known.example)
        shown = value if known.kind == "year" else json.dumps(value, ensure_ascii=False)
        off = "# " if known.optional and key not in values else ""
        entry = f"{off}{key} = {shown}"
        lines.append(entry + " " * max(COMMENT_COLUMN - display_width(entry), 2) + f"# {known.words}")
    return "\n".join(lines) + "\n"


def usual_year(today: date) -> int:
    """Return the report year that an office works on: this year's from October on, last year's before."""
    return today.year if today.month >= 10 else today.year - 1


def create_project(
    folder: Path, year: int | None, values: Mapping[str, str], profile: str = ""
) -> list[tuple[Path, str]]:
    """Create a project in a folder: its file, a blank roster, and the folders that an office fills. Return what was
    made, and what each is for. What is there already is left alone. `profile` is how strictly returns are reviewed.

    Raise Problem when the folder has a project already, when a value is wrong, or when something cannot be written.
    """
    from toolkit.batch.roster import roster_template
    from toolkit.checks.settings import profile_of

    file = folder / FILE_NAME
    profile = profile_of(profile, "profile") if profile else ""
    text = project_text({"year": str(year or usual_year(date.today())), **values}, profile)
    for key, value in values.items():
        _value(file, "", key, value)
    if file.exists():
        raise Problem(f"{file} 已经存在，没有改动。要改设定，请用记事本打开它；要另建一个，请换一个文件夹。")
    require_folder(folder)
    made = [(file, "项目的设定，用记事本打开，逐项核对")]
    with in_words(folder):
        for key in FILLED_BY_OFFICE:
            path = folder / KEYS[key].example
            if not path.exists():
                path.mkdir()
                made.append((path, KEYS[key].words))
    roster = folder / KEYS["roster"].example
    if not roster.exists():
        write_output(roster, roster_template())
        made.append((roster, "空白名册，每行填一个机关"))
    write_output(file, text.encode())
    return made
