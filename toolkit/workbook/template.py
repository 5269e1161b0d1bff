"""Writes the workbook of a form: an empty template, or one completed with a submission (报送数据)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO

from xlsxwriter.worksheet import Worksheet

from toolkit.characters import cell_length, one_line
from toolkit.excel.styles import (
    CELL_TEXT_LIMIT,
    LINE_HEIGHT,
    ROW_HEIGHT_LIMIT,
    SHEET_ROWS,
    CleanSheet,
    LockedWorkbook,
    check_password,
    done,
    lines_needed,
    set_paper,
)
from toolkit.forms.model import Form, InfoField, Number
from toolkit.problems import Problem, Unreadable
from toolkit.submission.carry_overs import last_figures, prefilled
from toolkit.submission.model import Identity, Submission, Value
from toolkit.submission.signing import Key, sign
from toolkit.submission.spelling import number_text
from toolkit.workbook.check_lines import blanks_of_section, self_check_lines, verdicts_of_section
from toolkit.workbook.layout import (
    ASKS,
    EXACT_FIGURES_ROW,
    FAILS,
    GUIDE,
    IDENTITY,
    IDENTITY_KEYS,
    INFO,
    INFO_FIRST_ROW,
    INFO_HELP,
    INFO_LABEL,
    INFO_VALUE,
    INFO_YEAR_ROW,
    MAGIC,
    PARTS_COLUMN,
    PARTS_KEY,
    SELF_CHECK,
    TEXT_FIRST_ROW,
    TEXT_HELP_ROW,
    TEXT_TITLE_ROW,
    TEXTS,
    YEAR_LABEL,
    Layout,
    guide_text,
)
from toolkit.workbook.render_context import RenderContext, render_context_of
from toolkit.workbook.self_check import write_self_check
from toolkit.workbook.table_sheet import status_text, write_table_sheet

AGENCY_LIMIT = 100
TEXT_WIDTHS = (53.0, 66.0, 80.0, 100.0, 140.0, 200.0)
"""The widths of a text column: the first of them if its longest paragraph has room in a row. Three columns of the first
width fit on a screen of 1366 pixels."""
TEXT_LINES = int((ROW_HEIGHT_LIMIT - 5) / LINE_HEIGHT)
INFO_HELP_WIDTH = 40.0
GUIDE_WIDTHS = (23.0, 40.0, 60.0, 27.0)


def blank_submission(form: Form, year: int, agency: str = "") -> Submission:
    """Return a submission in which nothing is filled in."""
    return Submission(form, agency, year, {cell.id: None for cell in form.filled}, {})


def build_template(
    form: Form,
    year: int,
    agency: str = "",
    password: str = "",
    prior: Submission | None = None,
    info: Mapping[str, str] | None = None,
    issued: str = "",
    key: Key | None = None,
) -> bytes:
    """Return the empty, protected template of a form for one agency and report year, as the bytes of an .xlsx file.

    With last year's report `prior`, the figures that are carried over (结转) are filled in, and 自查 shows if they are
    changed. `info` holds fields of 基本信息 that are known; fields that the form does not have are ignored. `issued` is
    the id by which the template is recognized. With a `key`, its identity is signed.

    Raise Problem when Excel cannot take the password, or the agency's name is too long for a title.
    """
    if len(agency) > AGENCY_LIMIT:
        raise Problem(f"机关全称有 {len(agency)} 字，最多 {AGENCY_LIMIT} 字。请检查 --agency。")
    known = {field.id: info[field.id] for field in form.info if info and info.get(field.id)}
    blank = replace(blank_submission(form, year, one_line(agency)), info=known, issued=issued)
    signature = sign(key, Identity(form.id, year, blank.agency, issued)) if key else ""
    if prior is None:
        return build_workbook(blank, password, signature=signature)
    last_year, given = last_figures(form, prior), prefilled(form, prior)
    carried_over = {
        case.this: given[case.id]
        for case in form.carry_overs
        if case.id in given and not form.cells[case.this].computed
    }
    return build_workbook(replace(blank, values={**blank.values, **carried_over}), password, last_year, signature)


def build_workbook(
    filled: Submission, password: str = "", last_year: Mapping[str, Number] | None = None, signature: str = ""
) -> bytes:
    """Return the workbook of a form completed with a submission, as the bytes of an .xlsx file.

    Totals are formulas, except those in `filled.shown`, which are written as the source gave them. `last_year` are
    figures by carry-over case that 自查 compares with those of the workbook. `signature` is the signature of the
    identity that is written. A signature that `filled` was read with is not copied, as this is another file. Raise
    Unreadable when a text is longer than a cell can hold.
    """
    check_password(password)
    target = BytesIO()
    book = LockedWorkbook(target, password)
    context = render_context_of(filled, book, last_year)
    lines = self_check_lines(context)
    _set_properties(book, filled)
    _write_guide(book.add_locked_sheet(GUIDE), context)
    _write_info(book.add_locked_sheet(INFO), context)
    for table in context.layout.sheets:
        section = table.section.id
        fails, asks = (verdicts_of_section(section, verdict, lines) for verdict in (FAILS, ASKS))
        status = status_text(fails, asks, blanks_of_section(section, lines))
        verdicts = {line.key: line.verdict for line in lines}
        write_table_sheet(book.add_locked_sheet(section), table, context, status, verdicts)
    if context.layout.text_columns:
        _write_texts(book.add_locked_sheet(TEXTS), context)
    write_self_check(book.add_locked_sheet(SELF_CHECK), context, lines)
    _write_identity(book.add_locked_sheet(IDENTITY), filled, signature)
    book.close()
    return target.getvalue()


def _set_properties(book: LockedWorkbook, filled: Submission) -> None:
    book.set_properties(
        {
            "title": filled.title,
            "author": filled.agency,
            "company": filled.agency,
            # A fixed day keeps equal content equal byte for byte.
            "created": datetime(filled.year + 1, 1, 1),
        }
    )


def _write_guide(sheet: Worksheet, context: RenderContext) -> None:
    layout, styles, filled = context.layout, context.styles, context.filled
    form = layout.form
    done(sheet.merge_range(0, 0, 0, 3, f"{form.name}填报说明", styles.title))
    done(sheet.merge_range(1, 0, 1, 3, f"报告年度：{filled.year}　　依据：{form.basis}", styles.note))
    row = 2
    for number, text in enumerate(form.instructions, 1):
        done(sheet.merge_range(row, 0, row, 3, f"{number}．{text}", styles.plain))
        done(sheet.set_row(row, LINE_HEIGHT * lines_needed(f"{number}．{text}", sum(GUIDE_WIDTHS)) + 6))
        row += 1
    row += 1
    done(sheet.write_string(row, 0, "各表", styles.heading))
    texts = [TEXTS] if layout.text_columns else []
    for name in (INFO, *(table.section.id for table in layout.sheets), *texts, SELF_CHECK):
        row += 1
        section = next((s.section for s in layout.sheets if s.section.id == name), None)
        done(sheet.write_url(row, 0, f"internal:'{name}'!A1", styles.link_plain, name))
        purpose = section.title if section else _sheet_purpose(layout, name)
        done(sheet.merge_range(row, 1, row, 3, purpose, styles.plain))
    row += 2
    done(sheet.write_string(row, 0, "各项含义", styles.heading))
    row += 1
    for column, header in enumerate(("表", "项目", "含义", "依据")):
        done(sheet.write_string(row, column, header, styles.header))
    first = row
    for entry in _guidance(layout):
        row += 1
        for column, text in enumerate(entry):
            done(sheet.write_string(row, column, text, styles.boxed))
        lines = max(lines_needed(text, width) for text, width in zip(entry, GUIDE_WIDTHS, strict=True))
        done(sheet.set_row(row, LINE_HEIGHT * lines + 5))
    for column, width in enumerate(GUIDE_WIDTHS):
        done(sheet.set_column(column, column, width))
    done(sheet.set_row(0, 32))
    _set_page(sheet, row, 3, landscape=True)
    sheet.repeat_rows(first)
    sheet.activate()


def _sheet_purpose(layout: Layout, name: str) -> str:
    if name == TEXTS:
        return "、".join(section.title for section in layout.form.text_sections)
    return {INFO: "机关名称和联系人", SELF_CHECK: "全部勾稽关系是否相符"}[name]


def _guidance(layout: Layout) -> list[tuple[str, str, str, str]]:
    """Return every row and column with an explanation: table, item, meaning, basis."""
    result = []
    for section in layout.form.sections:
        if section.help:
            result.append((section.name, section.title, section.help, section.basis))
        for table in section.tables:
            for line in (*table.rows, *table.columns):
                if line.help:
                    name = section.name + table.caption
                    result.append((name, " › ".join(line.label), line.help, line.basis))
    return result


def _write_info(sheet: Worksheet, context: RenderContext) -> None:
    layout, styles, filled = context.layout, context.styles, context.filled
    done(sheet.merge_range(0, 1, 0, 3, INFO, styles.title))
    done(sheet.write_string(INFO_YEAR_ROW, INFO_LABEL, YEAR_LABEL, styles.label))
    done(sheet.write_number(INFO_YEAR_ROW, INFO_VALUE, filled.year, styles.number("0", locked=True)))
    done(sheet.write_string(INFO_YEAR_ROW, INFO_HELP, "由审核机关设定，不用填。", styles.note))
    for field in layout.form.info:
        row = layout.info_rows[field.id]
        value = filled.agency if field.id == "agency" else filled.info.get(field.id, "")
        done(sheet.write_string(row, INFO_LABEL, field.label, styles.label))
        if value:
            done(sheet.write_string(row, INFO_VALUE, value, styles.info))
        else:
            done(sheet.write_blank(row, INFO_VALUE, None, styles.info))
        done(sheet.write_string(row, INFO_HELP, field.help, styles.note))
        done(sheet.set_row(row, max(24, LINE_HEIGHT * lines_needed(field.help, INFO_HELP_WIDTH) + 6)))
        if field.help or field.options:
            done(sheet.data_validation(row, INFO_VALUE, row, INFO_VALUE, _info_options(field)))
    agency = layout.info_rows["agency"]
    tint = {"type": "blanks", "format": styles.blank_tint}
    done(sheet.conditional_format(agency, INFO_VALUE, agency, INFO_VALUE, tint))
    for column, width in ((0, 2.0), (INFO_LABEL, 20.0), (INFO_VALUE, 40.0), (INFO_HELP, INFO_HELP_WIDTH)):
        done(sheet.set_column(column, column, width))
    done(sheet.set_row(0, 32))
    done(sheet.set_row(INFO_YEAR_ROW, 24))
    _set_page(sheet, INFO_FIRST_ROW + len(layout.form.info), INFO_HELP)


def _info_options(field: InfoField) -> dict[str, object]:
    """Return the prompt and the choices that Excel shows for a field."""
    prompt = {"input_title": field.label[:32], "input_message": field.help[:255]} if field.help else {}
    if not field.options:
        return {"validate": "any", **prompt}
    fault = {"error_title": field.label[:32], "error_message": f"请选{'、'.join(field.options)}，或留空。"}
    return {"validate": "list", "source": list(field.options), **prompt, **fault}


def _write_texts(sheet: CleanSheet, context: RenderContext) -> None:
    """Write one column for each section and one row for each paragraph: a text of any length can be pasted from Word.
    Every row is as high as its text needs, now and after each change."""
    layout, styles, filled = context.layout, context.styles, context.filled
    note = "每一列是一个部分，每行填一个自然段。从 Word 复制后，点该列第一个空行直接粘贴即可，段数不限。"
    for row, text, style in ((0, TEXTS, styles.title), (1, note, styles.note)):
        if len(layout.text_columns) > 1:
            done(sheet.merge_range(row, 0, row, len(layout.text_columns) - 1, "", style))
        done(sheet.write_string(row, 0, text, style))
    helps = []
    for section in layout.form.text_sections:
        column = layout.text_columns[section.id]
        width = _text_width(filled.texts.get(section.id, ()))
        helps.append(lines_needed(guide_text(section), width))
        done(sheet.set_column(column, column, width, styles.paragraph))
        done(sheet.write_string(TEXT_TITLE_ROW, column, section.title, styles.header))
        done(sheet.write_string(TEXT_HELP_ROW, column, guide_text(section), styles.note))
        paragraphs = filled.texts.get(section.id, ())
        if len(paragraphs) > SHEET_ROWS - TEXT_FIRST_ROW:
            raise Unreadable(f"「{section.title}」有 {len(paragraphs)} 段，一张工作表放不下。请删改后再导入。")
        for index, text in enumerate(paragraphs):
            if (length := cell_length(text)) > CELL_TEXT_LIMIT:
                where = f"「{section.title}」第 {index + 1} 段有 {length} 字"
                raise Unreadable(f"{where}，一个单元格最多放 {CELL_TEXT_LIMIT} 字。请分成几段再导入。")
            done(sheet.write_string(TEXT_FIRST_ROW + index, column, text, styles.paragraph))
    _fit_paragraphs(sheet, filled)
    done(sheet.set_row(0, 32))
    done(sheet.set_row(1, 20))
    done(sheet.set_row(TEXT_TITLE_ROW, 24))
    done(sheet.set_row(TEXT_HELP_ROW, LINE_HEIGHT * max(helps, default=1) + 5))
    sheet.freeze_panes(TEXT_FIRST_ROW, 0)
    set_paper(sheet, landscape=True)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(TEXT_TITLE_ROW)


def _fit_paragraphs(sheet: CleanSheet, filled: Submission) -> None:
    """Make rows as high as their longest paragraph. Rows without text adjust themselves when text is entered."""
    heights: dict[int, float] = {}
    for paragraphs in filled.texts.values():
        width = _text_width(paragraphs)
        for row, text in enumerate(paragraphs, TEXT_FIRST_ROW):
            needed = min(LINE_HEIGHT * lines_needed(text, width) + 5, ROW_HEIGHT_LIMIT)
            heights[row] = max(heights.get(row, 0), needed)
    for row, height in heights.items():
        sheet.set_growing_row(row, height)


def _text_width(paragraphs: Sequence[str]) -> float:
    """Return the width of a text column: no row can be higher than Excel allows, so very long paragraphs need more."""
    needed = (width for width in TEXT_WIDTHS if all(lines_needed(text, width) <= TEXT_LINES for text in paragraphs))
    return next(needed, TEXT_WIDTHS[-1])


def _write_identity(sheet: Worksheet, filled: Submission, signature: str) -> None:
    """Write the hidden sheet that identifies this workbook."""
    done(sheet.write_string(0, 0, MAGIC))
    values: dict[str, str | int] = {
        "form": filled.form.id,
        "layout": filled.form.layout,
        "agency": filled.agency,
        "year": filled.year,
        "id": filled.issued,
        **({"signature": signature} if signature else {}),
    }
    for row, key in enumerate(IDENTITY_KEYS, 1):
        if key not in values:
            continue
        stored = values[key]
        done(sheet.write_string(row, 0, key))
        done(sheet.write_string(row, 1, stored) if isinstance(stored, str) else sheet.write_number(row, 1, stored))
    given = [(cell, value) for cell, value in filled.values.items() if not is_exact_in_excel(value)]
    for row, (cell, value) in enumerate(given, EXACT_FIGURES_ROW):
        done(sheet.write_string(row, 0, cell))
        done(sheet.write_string(row, 1, number_text(value)))  # type: ignore[arg-type]
    for row, text in enumerate((PARTS_KEY, *filled.parts) if filled.parts else ()):
        done(sheet.write_string(row, PARTS_COLUMN, text))
    sheet.very_hidden()


def is_exact_in_excel(value: Value) -> bool:
    """Return True if a spreadsheet keeps a figure digit for digit. It drops final zeros and keeps 15 digits."""
    if isinstance(value, str) or value is None:
        return True
    return format(Decimal(f"{float(value):.15g}"), "f") == number_text(value)


def _set_page(sheet: Worksheet, last_row: int, last_column: int, landscape: bool = False) -> None:
    set_paper(sheet, landscape)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, last_row, last_column)
