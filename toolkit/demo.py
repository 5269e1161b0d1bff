"""The whole job on the bundled real report: template, completed workbook, check, Word report."""

from dataclasses import dataclass
from pathlib import Path

from toolkit.batch.results import check_sources, results_data
from toolkit.batch.sources import Source
from toolkit.data_file import read_data
from toolkit.forms.loader import form_lookup
from toolkit.outputs import file_name, json_text, refuse_existing, require_folder, write_output
from toolkit.reports.word import build_report
from toolkit.resources import resource
from toolkit.workbook.reader import read_workbook
from toolkit.workbook.template import build_template, build_workbook

EXAMPLE = "examples/wenxian-jyj-2020/submission.json"
TEMPLATE_NAME, WORKBOOK_NAME, FINDINGS_NAME = "空白模板.xlsx", "填好的表.xlsx", "findings.json"


@dataclass(frozen=True, slots=True)
class Written:
    """A file that the demo wrote, and what it is."""

    path: Path
    purpose: str


def run_demo(folder: Path, force: bool = False) -> list[Written]:
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
    results = list(check_sources([Source(WORKBOOK_NAME, workbook, submission)]))
    write_output(folder / FINDINGS_NAME, json_text(results_data(results)).encode(), force)
    write_output(folder / report_name, build_report(submission), force)
    count = sum(len(result.findings) for result in results)
    return [
        Written(folder / TEMPLATE_NAME, "发给填报单位的空白模板（已保护，带公式和自查）"),
        Written(workbook, f"{example.agency} {example.year} 年填好的表（取自已公布的报告）"),
        Written(folder / FINDINGS_NAME, f"对填好的表的校验结果：{f'{count} 处问题' if count else '没有发现问题'}"),
        Written(folder / report_name, "由填好的表生成的 Word 报告"),
    ]
