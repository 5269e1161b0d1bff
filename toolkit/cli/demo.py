"""`gknb demo`: goes through all steps with the bundled real report: template, completed workbook, check, Word
report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

import toolkit
from toolkit.cli.console import show
from toolkit.cli.options import Force
from toolkit.resources import resource

EXAMPLE = "examples/wenxian-jyj-2020/submission.json"
TEMPLATE_NAME, WORKBOOK_NAME, FINDINGS_NAME = "空白模板.xlsx", "填好的表.xlsx", "findings.json"


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file that the demo wrote, and its purpose."""

    path: Path
    purpose: str


def run_demo(folder: Path, force: bool = False) -> list[DemoFile]:
    """Go through all steps in a folder. Return the files that were written.

    Raise Problem when one of the files is there already and `force` is not given.
    """
    from toolkit.files.write import file_name, json_text, refuse_existing, require_folder, write_output
    from toolkit.workbook.template import build_workbook

    example = toolkit.read(resource(EXAMPLE))
    report_name = file_name(example.title, ".docx")
    names = (TEMPLATE_NAME, WORKBOOK_NAME, FINDINGS_NAME, report_name)
    require_folder(folder)
    refuse_existing([folder / name for name in names], force)

    template = toolkit.build_template(example.form, example.year, example.agency)
    write_output(folder / TEMPLATE_NAME, template, force)
    workbook = write_output(folder / WORKBOOK_NAME, build_workbook(example), force)
    findings = toolkit.check_folder(workbook).data()
    findings["files"][0]["path"] = WORKBOOK_NAME  # the same wherever the demo is written
    write_output(folder / FINDINGS_NAME, json_text(findings).encode(), force)
    toolkit.write_report(toolkit.read(workbook), folder / report_name, force=force)
    count = len(findings["files"][0]["findings"])
    return [
        DemoFile(folder / TEMPLATE_NAME, "发给填报单位的空白模板（已保护，带公式和自查）"),
        DemoFile(workbook, f"{example.agency} {example.year} 年填好的表（取自已公布的报告）"),
        DemoFile(folder / FINDINGS_NAME, f"对填好的表的校验结果：{f'{count} 处问题' if count else '没有发现问题'}"),
        DemoFile(folder / report_name, "由填好的表生成的 Word 报告"),
    ]


def demo(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="写到这个文件夹，默认为 gknb-demo")] = Path(
        "gknb-demo"
    ),
    force: Force = False,
) -> None:
    """用自带的真实年报走一遍全过程：模板、填好的表、校验、Word 报告。

    例：
    gknb demo
    gknb demo 演示 --force
    """
    for written in run_demo(folder, force):
        show(f"{written.path}\n    {written.purpose}")
    show("用 Excel 或 WPS 打开看看；自己填一份，请用 gknb template --help。")
