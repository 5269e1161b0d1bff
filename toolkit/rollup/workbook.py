"""汇总表.xlsx: the figures of every agency with their sums, the source of each, and the missing agencies."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from toolkit.batch.results.workbook import link_to
from toolkit.batch.states import COLOURS
from toolkit.excel.list_tables import HEADER_ROW, Column, Link, ListCell, TableBook
from toolkit.excel.styles import done
from toolkit.forms.model import Form
from toolkit.rollup.gathering import Gathered, Return, ReturnState
from toolkit.rollup.refusals import misread_in
from toolkit.rollup.sum_table import SumSheet, SumTablePlan
from toolkit.submission.model import Submission

WORKBOOK_NAME = "汇总表.xlsx"
SOURCES, MISSING = "来源", "未报"
_SOURCES = (
    Column("机关", 34),
    Column("分组", 14),
    Column("状态", 10),
    Column("计入", 7),
    Column("错误", 7),
    Column("文件", 48),
    Column("说明", 72, True),
    Column("机关对提醒的说明", 60, True),
)
_MISSING = (Column("机关", 34), Column("分组", 16), Column("类型", 12), Column("联系人", 14), Column("联系电话", 18))
_COLOURS: Mapping[ReturnState, str] = {
    "有误": COLOURS["有误"],
    "签名不符": COLOURS["有误"],
    "无法读取": COLOURS["无法读取"],
    "不在名册": COLOURS["不在名册"],
    "其他年度": COLOURS["未报"],
    "空白": COLOURS["未报"],
    "重复": COLOURS["重复"],
    "通过": COLOURS["通过"],
}


def write_sum_workbook(path: Path, gathered: Gathered, total: Submission, folder: Path) -> None:
    """Write the workbook to `path`. `total` is the sum. Links start from `folder`, where the workbook will stand."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about links that Excel does not take; they are written as text
        tables = TableBook(str(path), flat=True, output="sum-table")
        plan = SumTablePlan(gathered, total, folder)
        for section in total.form.table_sections:
            SumSheet(tables, plan, section).write()
        _write_sources(tables, plan)
        if gathered.has_roster:
            _write_missing(tables, plan)
        tables.save()


def _free_name(name: str, form: Form) -> str:
    """Return the name of a sheet that no section of the form has."""
    return f"{name}（汇总）" if any(section.id == name for section in form.sections) else name


def _write_sources(tables: TableBook, plan: SumTablePlan) -> None:
    gathered = plan.gathered
    folder = _common_folder([one.path for one in gathered.returns])
    where = f"文件在 {folder.rstrip('/')} 里，" if folder.strip("/") else ""
    note = f"共 {len(gathered.returns)} 份，计入 {len(gathered.counted)} 份。{where}点文件名打开。"
    sheet = tables.sheet(_free_name(SOURCES, plan.form), "汇总数的来源", note, _SOURCES)
    last = tables.rows(sheet, _SOURCES, _source_rows(plan, folder))
    _colour(tables, sheet, last)


def _source_rows(plan: SumTablePlan, folder: str) -> Iterator[tuple[ListCell | Link, ...]]:
    """Yield a row for each return: those that count in the order of their columns, then the others. `folder` is the
    part of the paths that all have in common; it is left out."""
    gathered = plan.gathered
    for one in (*gathered.counted, *(one for one in gathered.returns if not one.is_counted)):
        counted = "是" if one.is_counted else "否"
        link = link_to(one.item, plan.folder, one.path.removeprefix(folder))
        explained = "\n".join(one.explained)
        yield one.agency, one.group, one.state, counted, one.errors, link, _explanation(one, gathered), explained


def _common_folder(paths: Sequence[str]) -> str:
    """Return the folder or archive that all files lie in, so that it need not stand in every row."""
    first, last = min(paths), max(paths)
    same = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[: first.rfind("/", 0, same) + 1]


def _explanation(one: Return, gathered: Gathered) -> str:
    """Return the explanation of a return: parts of a sum, note, figures that were not counted, first error."""
    misread = misread_in(one, gathered)
    parts = f"是 {len(one.share.parts)} 个机关的汇总数" if one.share and one.share.is_sum else ""
    return "；".join(filter(None, (parts, one.note, misread and f"没有计入：{misread}", one.fault)))


def _colour(tables: TableBook, sheet: Worksheet, last: int) -> None:
    column = next(number for number, column in enumerate(_SOURCES) if column.title == "状态")
    for state, colour in _COLOURS.items():
        colour_format = tables.book.add_format({"bg_color": colour, "font_color": "#FFFFFF", "bold": True})
        rule = {"type": "cell", "criteria": "==", "value": f'"{state}"', "format": colour_format}
        done(sheet.conditional_format(HEADER_ROW + 1, column, max(last, HEADER_ROW + 1), column, rule))


def _write_missing(tables: TableBook, plan: SumTablePlan) -> None:
    missing = plan.gathered.missing
    note = f"{len(missing)} 个，没有计入汇总数。" if missing else "没有未报的机关。"
    sheet = tables.sheet(_free_name(MISSING, plan.form), "还没有报送的机关", note, _MISSING)
    rows = ((entry.name, entry.group, entry.kind, entry.contact, entry.phone) for entry in missing)
    tables.rows(sheet, _MISSING, rows)
