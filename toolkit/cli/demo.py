"""`gknb demo`: goes through all steps with the bundled real report: template, completed workbook, Word report, results
page."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

import toolkit
from toolkit.cli.console import show
from toolkit.cli.options import Force
from toolkit.resources import resource

EXAMPLE = "examples/wenxian-jyj-2020/submission.json"
TEMPLATE_NAME, WORKBOOK_NAME = "空白模板.xlsx", "填好的表.xlsx"


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file that the demo wrote, and its purpose."""

    path: Path
    purpose: str


def run_demo(folder: Path, force: bool = False) -> list[DemoFile]:
    """Go through all steps in a folder. Return the files that were written.

    Raise Problem when one of the files is there already and `force` is not given.
    """
    from toolkit.batch.results.page import PAGE_NAME
    from toolkit.files.write import file_name, refuse_existing, require_folder, write_output
    from toolkit.workbook.template import build_workbook

    example = toolkit.read(resource(EXAMPLE))
    report_name = file_name(example.title, ".docx")
    names = (TEMPLATE_NAME, WORKBOOK_NAME, report_name, PAGE_NAME)
    require_folder(folder)
    refuse_existing([folder / name for name in names], force)

    template = toolkit.build_template(example.form, example.year, example.agency)
    write_output(folder / TEMPLATE_NAME, template, force)
    workbook = write_output(folder / WORKBOOK_NAME, build_workbook(example), force)
    toolkit.write_report(toolkit.read(workbook), folder / report_name, force=force)
    page, count = _results_page(workbook)
    write_output(folder / PAGE_NAME, page.encode(), force)
    return [
        DemoFile(folder / TEMPLATE_NAME, "发给填报单位的空白模板（已保护，带公式和自查）"),
        DemoFile(workbook, f"{example.agency} {example.year} 年填好的表（取自已公布的报告）"),
        DemoFile(folder / report_name, "由填好的表生成的 Word 报告"),
        DemoFile(
            folder / PAGE_NAME, f"对填好的表的校验结果：{f'{count} 处问题' if count else '没有发现问题'}，用浏览器打开"
        ),
    ]


def _results_page(workbook: Path) -> tuple[str, int]:
    """Return the results page on a workbook, and how many findings there are. The page is the same on every day and
    wherever the workbook stands."""
    from toolkit.batch.check_job import CheckJob
    from toolkit.batch.checked_batch import totals_of
    from toolkit.batch.pool_settings import PoolSettings
    from toolkit.batch.received.left_out import LeftOut
    from toolkit.batch.results.page import results_page
    from toolkit.batch.run import Review, check_batch
    from toolkit.checks.catalogue import rule_catalogue
    from toolkit.forms.loader import bundled_forms

    review = Review(CheckJob(), PoolSettings(0), day=date.min)
    batch = check_batch([workbook], review, LeftOut(), lambda *_: None)
    try:
        rules = {rule.id: rule for rule, _ in rule_catalogue(bundled_forms())}
        totals = totals_of(batch)
        page = "".join(results_page(batch, totals, rules, workbook.parent))
        return page.replace(json.dumps(str(workbook), ensure_ascii=False)[1:-1], WORKBOOK_NAME), totals.findings
    finally:
        batch.close()


def demo(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="写到这个文件夹，默认为 gknb-demo")] = Path(
        "gknb-demo"
    ),
    force: Force = False,
) -> None:
    """用自带的真实年报走一遍全过程：模板、填好的表、Word 报告、校验结果（网页）。

    例：
    gknb demo
    gknb demo 演示 --force
    """
    for written in run_demo(folder, force):
        show(f"{written.path}\n    {written.purpose}")
    show("用 Excel、WPS 和浏览器打开看看；自己填一份，请用 gknb template --help。")
