"""`gknb cells`: lists where each cell of a form stands."""

from toolkit.cli.arguments import form_of
from toolkit.cli.console import show_json, show_piece
from toolkit.cli.options import FormFile, OptionalYear, TableFormat


def cells(
    year: OptionalYear = None,
    table_format: TableFormat = "csv",
    form_file: FormFile = None,
) -> None:
    """列出格式的每一格：格号、所在工作表和单元格、行列标题、种类、填报还是计算。

    例：
    gknb cells --year 2024
    gknb cells --year 2020 --format json
    """
    from toolkit.workbook.cell_map import CELL_MAP_FIELDS, cell_map

    rows = cell_map(form_of(year, form_file))
    if table_format == "json":
        show_json(rows)
        return
    from toolkit.submission.json_csv import csv_text

    lines = [[" › ".join(row[field]) if field == "labels" else row[field] for field in CELL_MAP_FIELDS] for row in rows]
    show_piece(csv_text([CELL_MAP_FIELDS, *lines]).replace("\r\n", "\n"))
