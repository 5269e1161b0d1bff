"""What goes back to the agencies after a review: the annotated copy (批注件) and the note (退回修改意见) of a file."""

from pathlib import Path

from toolkit.batch.results import FileResult
from toolkit.outputs import file_name
from toolkit.problems import Unreadable
from toolkit.reports.notice import build_notice
from toolkit.workbook.annotate import Remark, annotate_workbook


def copy_name(result: FileResult) -> str:
    """What the annotated copy of a file is called."""
    return file_name(f"{Path(result.path).stem}-审核意见", ".xlsx")


def annotated_copy(result: FileResult) -> bytes:
    """The annotated copy of a file, as the bytes of an .xlsx file; the file itself is only read.

    Raises Unreadable when the findings are not on a workbook, but on a data file.
    """
    if result.submission is None or not result.submission.places:
        raise Unreadable("是数据文件，没有可以批注的表格。请先用 gknb import 变成填好的表，再校验。")
    heading = f"{result.agency or '（机关名称未填）'} {result.year} 年填报表审核意见"
    remarks = [Remark(found.severity, found.message, found.at) for found in result.findings]
    return annotate_workbook(Path(result.path).read_bytes(), heading, remarks)


def notice_name(result: FileResult) -> str:
    """What the note to an agency is called."""
    return file_name(f"{result.agency or Path(result.path).stem}{result.year}年退回修改意见", ".docx")


def notice(result: FileResult, office: str = "", deadline: str = "") -> bytes:
    """The note to the agency of a file that was read, as the bytes of a .docx file."""
    if result.submission is None:
        raise Unreadable("没有读出来，写不了退回修改意见。")
    messages = {
        level: [found.message for found in result.findings if found.severity == level] for level in ("error", "warning")
    }
    return build_notice(result.submission, messages["error"], messages["warning"], office, deadline)
