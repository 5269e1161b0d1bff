"""Keeps the generated parts of the README: the command reference, the causes and the rule catalogue.

``python -m toolkit.cli.reference README.md`` rewrites them in place; a test sees that they are fresh.
"""

import sys
from pathlib import Path
from typing import Any

from toolkit.checks.catalogue import rule_catalogue, with_samples
from toolkit.checks.findings import SEVERITY_WORDS
from toolkit.forms.loader import bundled_forms
from toolkit.problems import CAUSES

MARK = "<!-- {0}：由 python -m toolkit.cli.reference README.md 生成，请勿手改 -->"
END = "<!-- {0}：完 -->"


def command_reference() -> str:
    """The help page of every command, as users see it."""
    import typer.main

    from toolkit.cli.chinese import command_page
    from toolkit.cli.main import PROGRAM, app

    group: Any = typer.main.get_command(app)
    context = group.make_context(PROGRAM, [], resilient_parsing=True)
    pages = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        page = command_page(command, command.make_context(name, [], parent=context, resilient_parsing=True))
        pages.append(f"### gknb {name}\n\n```text\n{page}```\n")
    return "\n".join(pages)


def rule_list() -> str:
    """Every rule with its basis and an example."""
    forms = bundled_forms()
    entries = []
    for rule, owners in with_samples(rule_catalogue(forms), forms):
        where = f"，格式 {'、'.join(form.id for form in owners)}" if owners else ""
        severity = SEVERITY_WORDS[rule.severity]
        entries.append(
            f"- `{rule.id}`（{severity}{where}）{rule.sentence}\n  依据：{rule.basis}\n  例：{rule.example}\n"
        )
    return "\n".join(entries)


def cause_list() -> str:
    """Every cause why a file gives nothing."""
    return "".join(f"- `{cause}` {words}。\n" for cause, words in CAUSES.items())


def refreshed(readme: str) -> str:
    """The README with its generated parts made anew.

    Raises ValueError when the marks of a part are missing.
    """
    for name, text in (("命令", command_reference()), ("起因", cause_list()), ("规则", rule_list())):
        start, end = MARK.format(name), END.format(name)
        if start not in readme or end not in readme:
            raise ValueError(f"the README has no marks for {name}")
        part = f"{start}\n\n{text}\n{end}"
        before, _, rest = readme.partition(start)
        readme = before + part + rest.partition(end)[2]
    return readme


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(refreshed(target.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
