"""The whole job on the bundled real report: template, completed workbook, check, Word report."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from toolkit.batch.check_job import CheckJob
from toolkit.batch.intake import Item
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.results import Batch, findings_json
from toolkit.cli.console import show
from toolkit.cli.options import Force
from toolkit.files.write import file_name, refuse_existing, require_folder, write_output
from toolkit.forms.loader import form_lookup
from toolkit.reports.word_report import build_report
from toolkit.resources import resource
from toolkit.submission.json_csv import read_data
from toolkit.workbook.reader import read_workbook
from toolkit.workbook.template import build_template, build_workbook

EXAMPLE = "examples/wenxian-jyj-2020/submission.json"
TEMPLATE_NAME, WORKBOOK_NAME, FINDINGS_NAME = "空白模板.xlsx", "填好的表.xlsx", "findings.json"


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file that the demo wrote, and what it is."""

    path: Path
    purpose: str


def run_demo(folder: Path, force: bool = False) -> list[DemoFile]:
    """Do the whole job in a folder and say what was written.

    Raises Problem when one of the files is there already and `force` was not given.
    """
    (example,) = read_data(resource(EXAMPLE), form_lookup())
    report_name = file_name(example.title, ".docx")
    names = (TEMPLATE_NAME, WORKBOOK_NAME, FINDINGS_NAME, report_name)
    require_folder(folder)
    refuse_existing([folder / name for name in names], force)

    template = build_template(example.form, example.year, example.agency)
    write_output(folder / TEMPLATE_NAME, template, force)
    workbook = write_output(folder / WORKBOOK_NAME, build_workbook(example), force)
    submission = read_workbook(workbook, form_lookup())
    findings, count = _findings(workbook)
    write_output(folder / FINDINGS_NAME, findings.encode(), force)
    write_output(folder / report_name, build_report(submission), force)
    return [
        DemoFile(folder / TEMPLATE_NAME, "发给填报单位的空白模板（已保护，带公式和自查）"),
        DemoFile(workbook, f"{example.agency} {example.year} 年填好的表（取自已公布的报告）"),
        DemoFile(folder / FINDINGS_NAME, f"对填好的表的校验结果：{f'{count} 处问题' if count else '没有发现问题'}"),
        DemoFile(folder / report_name, "由填好的表生成的 Word 报告"),
    ]


def _findings(workbook: Path) -> tuple[str, int]:
    """What `gknb check` says of the workbook, as JSON, and how many findings there are."""
    item = Item(WORKBOOK_NAME, number=1)
    (result,) = CheckJob()(Item(str(workbook)))
    ledger = Ledger()
    ledger.record(item, [replace(result, suffix="")])
    text = "".join(findings_json(Batch(ledger)))
    ledger.close()
    return text, len(result.findings)


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
