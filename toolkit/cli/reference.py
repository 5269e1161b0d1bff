"""Writes the generated pages of the documentation: every command (命令.md), every rule and cause (规则.md), and the
points of a review for agencies (审核要点.md).

``python -m toolkit.cli.reference docs`` writes them into the folder `docs`; a test sees that they are fresh.
"""

import sys
from pathlib import Path
from typing import Any

from toolkit.checks.catalogue import rule_catalogue, with_samples
from toolkit.checks.findings import SEVERITY_WORDS
from toolkit.checks.review_points import review_points_page
from toolkit.forms.loader import bundled_forms
from toolkit.problems import CAUSES

MARK = "<!-- 由 python -m toolkit.cli.reference docs 生成，请勿手改 -->"

COMMANDS_PAGE = """# 命令

每个命令的说明，与在命令行里输入 `gknb 命令 --help` 看到的一样。从头到尾怎么用，见[办公室手册](办公室手册.md)。

{commands}
## 退出码

{exit_codes}"""

EXIT_CODES = """写脚本的人用得到；在命令行里用 `echo $?`（Windows 上是 `echo %errorlevel%`）看。

- `0` 一切正常。
- `1` 报送材料有要改的：有“错误”，或有读不出的文件。
- `2` 命令写得不对：选项、路径有误，输出已存在而没有 `--force`，或者另一次校验正在用同一个结果文件夹。
- `3` 本工具自己出了问题。
- `130` 按 Ctrl-C 中止。
"""

RULES_PAGE = """# 规则

校验用的全部规则，与 `gknb rules` 列出的一样。“错误”必须改；“提醒”要看一看，属实的可以不改；“提示”只是告知。
括号里写着格式的，只用于那一版格式，其余的各版都用。调整轻重、不用某一条，见[办公室手册](办公室手册.md#调整规则)。

## 规则目录

{rules}
## 读不了的起因

`check --json` 里，读不了的文件除了一句话，还有 `cause`（起因），供程序使用。

{causes}"""


def command_reference() -> str:
    """Return the help page of every command, as users see it."""
    import typer.main

    from toolkit.cli.chinese import command_page
    from toolkit.cli.main import PROGRAM, app

    group: Any = typer.main.get_command(app)
    context = group.make_context(PROGRAM, [], resilient_parsing=True)
    pages = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        page = command_page(command, command.make_context(name, [], parent=context, resilient_parsing=True))
        pages.append(f"## gknb {name}\n\n```text\n{page}```\n")
    return "\n".join(pages)


def rule_list() -> str:
    """Return every rule with its basis and an example."""
    forms = bundled_forms()
    entries = []
    for rule, owners in with_samples(rule_catalogue(forms), forms):
        where = f"，格式 {'、'.join(form.id for form in owners)}" if owners else ""
        severity = SEVERITY_WORDS[rule.severity]
        head = f"- **{rule.title}** `{rule.id}`（{severity}{where}）{rule.sentence}"
        entries.append(f"{head}\n  依据：{rule.basis}\n  例：{rule.example}\n")
    return "\n".join(entries)


def cause_list() -> str:
    """Return every cause why a file cannot be read."""
    return "".join(f"- `{cause}` {words}。\n" for cause, words in CAUSES.items())


def generated_pages() -> dict[str, str]:
    """Return the text of each generated page by its file name."""
    pages = {
        "命令.md": COMMANDS_PAGE.format(commands=command_reference(), exit_codes=EXIT_CODES),
        "规则.md": RULES_PAGE.format(rules=rule_list(), causes=cause_list()),
        "审核要点.md": review_points_page(bundled_forms()),
    }
    return {name: f"{MARK}\n\n{text}" for name, text in pages.items()}


def write_pages(folder: Path) -> None:
    """Write the generated pages into a folder."""
    for name, text in generated_pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
