"""Writes 自查: the sheet that lists every check with both sides, the difference, a verdict and a link to the cell.

What needs attention is listed first, by formulas. The lines that can only fail if a formula is broken are folded.
"""

from collections.abc import Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from toolkit.excel.addresses import address
from toolkit.excel.styles import LINE_HEIGHT, ROW_HEIGHT_LIMIT, WorkbookStyles, done, lines_needed, set_paper
from toolkit.workbook.check_lines import Amount, CheckLine, needing_attention
from toolkit.workbook.formulas import (
    absolute_address,
    difference_formula,
    rank_formula,
    sentence_formula,
    verdict_formula,
)
from toolkit.workbook.layout import (
    ASKS,
    CHECK_DIFF,
    CHECK_EXPLANATION,
    CHECK_FIRST_ROW,
    CHECK_HEAD_ROW,
    CHECK_KEY,
    CHECK_LEFT,
    CHECK_LEFT_BLANKS,
    CHECK_LINK,
    CHECK_LIST_LENGTH,
    CHECK_LIST_ROW,
    CHECK_PLACE,
    CHECK_RANK,
    CHECK_RIGHT,
    CHECK_RIGHT_BLANKS,
    CHECK_SECTION,
    CHECK_SENTENCE,
    CHECK_SIGN,
    CHECK_TARGET,
    CHECK_VERDICT,
    EXPLAINED,
    EXPLANATION,
    FAILS,
    NUMBER,
    UNFILLED,
)
from toolkit.workbook.render_context import RenderContext

HEADERS = (
    *("序号", "表", "位置", "检查内容", "左边", "", "右边", "差", "结果", "查看", EXPLANATION),
    *("左边空白", "右边空白", "次序", "格", NUMBER),
)
WIDTHS = (5.0, 9.0, 24.0, 46.0, 12.0, 3.5, 11.0, 9.0, 8.5, 8.5, 30.0)
SIGNS = {"=": "＝", "<=": "≤", ">=": "≥"}
HINT = (
    "“不符”的点右边“查看”，到那一格核对；“未填完”的把空白格填上；“请核实”的，确属实情就在同一行“说明”里写明原因。"
    "下面随填随变，不用操作。"
)
NOTHING_TO_DO = "没有要改、要填的"
LIST_HEADING = "先看这些"
ALL_HEADING = "全部检查项"
LAST_YEAR_HEADING = "与上年报告比对"
LIST_HEIGHT = 20.0
ROOM_FOR_BLANKS = "（有 99 格空白，暂按 0 算）"
PROMPT = "核实无误、确属实情的，写明原因，如：因机构改革，某局的文件划入本机关。只写“无”“见附件”的不算说明。"


def write_self_check(sheet: Worksheet, context: RenderContext, lines: Sequence[CheckLine]) -> None:
    """Write 自查. `lines` come from `self_check_lines`."""
    styles, last = context.styles, CHECK_EXPLANATION
    done(sheet.merge_range(0, 0, 0, last, "自查", styles.title))
    _write_summary(sheet, context, lines)
    done(sheet.merge_range(2, 0, 2, last, HINT, styles.note))
    for column, header in enumerate(HEADERS):
        done(sheet.write_string(CHECK_HEAD_ROW, column, header, styles.header))
    _write_list(sheet, context, lines)
    done(sheet.merge_range(CHECK_FIRST_ROW - 1, 0, CHECK_FIRST_ROW - 1, last, ALL_HEADING, styles.heading))
    _write_fold_heading(sheet, context, lines)
    if context.last_year:
        row = context.layout.check_last_row + 1
        done(sheet.merge_range(row, 0, row, last, LAST_YEAR_HEADING, styles.heading))
    ranks = {line.key: rank for rank, line in enumerate(needing_attention(lines), 1)}
    for number, line in enumerate(lines, 1):
        _write_line(sheet, number, line, ranks.get(line.key, 0), context)
    _highlight(sheet, context, lines)
    _set_page(sheet, context)


def _verdicts(first: int, last: int) -> str:
    return f"{absolute_address(first, CHECK_VERDICT)}:{absolute_address(last, CHECK_VERDICT)}"


def _write_summary(sheet: Worksheet, context: RenderContext, lines: Sequence[CheckLine]) -> None:
    verdicts = _verdicts(CHECK_FIRST_ROW, context.check_last_row)
    words = (FAILS, ASKS, UNFILLED, EXPLAINED)
    fails, asks, unfilled, explained = (f'COUNTIF({verdicts},"{word}")' for word in words)
    number = len(lines)
    formula = (
        f"=IF({fails}+{asks}+{unfilled}=0,"
        f'"√ 共 {number} 项，"&IF({explained}=0,"全部相符",{explained}&" 项已说明，其余相符"),'
        f'IF({fails}>0,"× 共 {number} 项，其中 "&{fails}&" 项不符","共 {number} 项，没有不符的")'
        f'&IF({asks}>0,"，"&{asks}&" 项请核实","")&IF({unfilled}>0,"，"&{unfilled}&" 项未填完",""))'
    )
    styles = context.styles
    done(sheet.merge_range(1, 0, 1, CHECK_EXPLANATION, "", styles.status))
    done(sheet.write_formula(1, 0, formula, styles.status, summary_text(lines)))
    _paint(sheet, "A2", '=LEFT($A$2,1)="×"', styles.failing)
    _paint(sheet, "A2", '=LEFT($A$2,1)="共"', styles.pending)


def summary_text(lines: Sequence[CheckLine]) -> str:
    """Return the summary at the top of 自查."""
    number, verdicts = len(lines), [line.verdict for line in lines]
    fails, asks, unfilled, explained = (verdicts.count(word) for word in (FAILS, ASKS, UNFILLED, EXPLAINED))
    if not fails + asks + unfilled:
        return f"√ 共 {number} 项，" + (f"{explained} 项已说明，其余相符" if explained else "全部相符")
    head = f"× 共 {number} 项，其中 {fails} 项不符" if fails else f"共 {number} 项，没有不符的"
    more = ((asks, ASKS), (unfilled, UNFILLED))
    return head + "".join(f"，{count} 项{word}" for count, word in more if count)


def _write_list(sheet: Worksheet, context: RenderContext, lines: Sequence[CheckLine]) -> None:
    """Write the first lines that need attention: formulas take them from the lines below."""
    styles, first, last = context.styles, CHECK_FIRST_ROW, context.check_last_row
    urgent = needing_attention(lines)
    ranks = f"{absolute_address(first, CHECK_RANK)}:{absolute_address(last, CHECK_RANK)}"
    most, more = f"MAX({ranks})", len(urgent) - CHECK_LIST_LENGTH
    formula = (
        f'=IF({most}=0,"{NOTHING_TO_DO}","{LIST_HEADING}"&IF({most}>{CHECK_LIST_LENGTH},'
        f'"，另有 "&({most}-{CHECK_LIST_LENGTH})&" 项见下面",""))'
    )
    heading = LIST_HEADING + (f"，另有 {more} 项见下面" if more > 0 else "") if urgent else NOTHING_TO_DO
    done(sheet.merge_range(CHECK_LIST_ROW - 1, 0, CHECK_LIST_ROW - 1, CHECK_EXPLANATION, "", styles.heading))
    done(sheet.write_formula(CHECK_LIST_ROW - 1, 0, formula, styles.heading, heading))
    for index in range(CHECK_LIST_LENGTH):
        row, line = CHECK_LIST_ROW + index, urgent[index] if index < len(urgent) else None
        found = line.row - first + 1 if line else 0
        formula = f"=IFERROR(MATCH({index + 1},{ranks},0),0)"
        done(sheet.write_formula(row, CHECK_RANK, formula, styles.list_line, found))
        done(sheet.merge_range(row, CHECK_SENTENCE, row, CHECK_DIFF, "", styles.list_line))
        values = _list_values(line, lines.index(line) + 1) if line else {}
        for column in (0, CHECK_SECTION, CHECK_PLACE, CHECK_SENTENCE, CHECK_VERDICT, CHECK_LINK):
            source = CHECK_TARGET if column == CHECK_LINK else column
            area = f"{absolute_address(first, source)}:{absolute_address(last, source)}"
            position = absolute_address(row, CHECK_RANK)
            formula = f'=IF({position}=0,"",INDEX({area},{position}))'
            style = styles.list_line if column in (CHECK_PLACE, CHECK_SENTENCE) else styles.list_line_center
            done(sheet.write_formula(row, column, formula, style, values.get(column, "")))
        done(sheet.set_row(row, LIST_HEIGHT))


def _list_values(line: CheckLine, number: int) -> dict[int, str | int]:
    """Return what stands of a line in the list of those that need attention, by column."""
    return {
        0: number,
        CHECK_SECTION: line.section,
        CHECK_PLACE: line.place,
        CHECK_SENTENCE: _sentence(line),
        CHECK_VERDICT: line.verdict,
        CHECK_LINK: target_text(line),
    }


def target_text(line: CheckLine) -> str:
    """Return the address of the cell that a line is about."""
    sheet, row, column = line.target
    return f"{sheet}!{address(row, column)}"


def _sentence(line: CheckLine) -> str:
    """Return the sentence of a line as it is shown: it says how many cells are still blank."""
    return line.sentence + (f"（有 {line.blank_count} 格空白，暂按 0 算）" if line.blank_count else "")


def _write_fold_heading(sheet: Worksheet, context: RenderContext, lines: Sequence[CheckLine]) -> None:
    """Write the heading above the lines that are folded."""
    layout, styles = context.layout, context.styles
    row, last = layout.fold_row, layout.check_last_row
    folded = [line for line in lines if row < line.row <= last]
    if not folded:
        return
    fails = f'COUNTIF({_verdicts(row + 1, last)},"{FAILS}")'
    head = f"由公式算出的总计，共 {len(folded)} 项"
    hint = "。已收起；要看的，选中本行和下一行，点右键“取消隐藏”"
    failing = sum(line.verdict == FAILS for line in folded)
    formula = f'=IF({fails}=0,"√ {head}，全部相符{hint}","× {head}，"&{fails}&" 项不符{hint}")'
    value = f"× {head}，{failing} 项不符{hint}" if failing else f"√ {head}，全部相符{hint}"
    done(sheet.merge_range(row, 0, row, CHECK_EXPLANATION, "", styles.heading))
    done(sheet.write_formula(row, 0, formula, styles.heading, value))
    done(sheet.set_row(row, 24, None, {"collapsed": True}))
    place = absolute_address(row, 0)
    _paint(sheet, address(row, 0), f'=LEFT({place},1)="×"', styles.failing)


def _write_line(sheet: Worksheet, number: int, line: CheckLine, rank: int, context: RenderContext) -> None:
    styles, row = context.styles, line.row
    text, centered, hidden = styles.boxed, styles.boxed_center, styles.hidden
    done(sheet.write_number(row, 0, number, centered))
    done(sheet.write_string(row, CHECK_SECTION, line.section, centered))
    done(sheet.write_string(row, CHECK_PLACE, line.place, text))
    if line.blanks:
        done(sheet.write_formula(row, CHECK_SENTENCE, sentence_formula(line.sentence, row), text, _sentence(line)))
    else:
        done(sheet.write_string(row, CHECK_SENTENCE, line.sentence, text))
    _write_sides(sheet, line, styles)
    verdict = verdict_formula(line.sort, line.operator, row)
    done(sheet.write_formula(row, CHECK_VERDICT, verdict, centered, line.verdict))
    sheet_name, *position = line.target
    url = f"internal:'{sheet_name}'!{address(*position)}"
    done(sheet.write_url(row, CHECK_LINK, url, styles.link, "查看"))
    if line.sort == "soft":
        _write_explanation(sheet, line, styles)
    for column, blanks in zip((CHECK_LEFT_BLANKS, CHECK_RIGHT_BLANKS), line.blanks or (), strict=False):
        _write_amount(sheet, row, column, blanks, hidden)
    done(sheet.write_formula(row, CHECK_RANK, rank_formula(line.sort, row, context.check_last_row), hidden, rank))
    done(sheet.write_string(row, CHECK_TARGET, target_text(line), hidden))
    done(sheet.write_string(row, CHECK_KEY, line.key, hidden))
    is_folded = context.layout.fold_row < row <= context.layout.check_last_row
    done(sheet.set_row(row, _height(line), None, {"level": 1, "hidden": True} if is_folded else {}))


def _write_sides(sheet: Worksheet, line: CheckLine, styles: WorkbookStyles) -> None:
    """Write both sides and their difference. A line that only counts shows the count in words, and nothing else."""
    row, only_counts = line.row, bool(line.shown_as)
    left = styles.boxed_number(line.shown_as) if line.shown_as else styles.boxed_center
    other = styles.boxed_number(";;;") if only_counts else styles.boxed_center
    _write_amount(sheet, row, CHECK_LEFT, line.left, left)
    done(sheet.write_string(row, CHECK_SIGN, "" if only_counts else SIGNS[line.operator], styles.boxed_center))
    _write_amount(sheet, row, CHECK_RIGHT, line.right, other)
    done(sheet.write_formula(row, CHECK_DIFF, difference_formula(row), other, float(line.difference)))


def _height(line: CheckLine) -> float:
    """Return the height of the row of a line. An explanation has room for two lines of text, or as many as it has."""
    needed = [lines_needed(line.place, WIDTHS[CHECK_PLACE])]
    needed.append(lines_needed(line.sentence + ROOM_FOR_BLANKS * bool(line.blanks), WIDTHS[CHECK_SENTENCE]))
    if line.sort == "soft":
        needed.append(max(2, lines_needed(line.explanation, WIDTHS[CHECK_EXPLANATION])))
    return min(LINE_HEIGHT * max(needed) + 5, ROW_HEIGHT_LIMIT)


def _write_amount(sheet: Worksheet, row: int, column: int, amount: Amount, style: Format) -> None:
    formula, value = amount[0], float(amount[1])
    if formula.startswith("{"):
        done(sheet.write_array_formula(row, column, row, column, formula, style, value))
    else:
        done(sheet.write_formula(row, column, formula, style, value))


def _write_explanation(sheet: Worksheet, line: CheckLine, styles: WorkbookStyles) -> None:
    """Write the open cell in which an agency explains."""
    row, column = line.row, CHECK_EXPLANATION
    if line.explanation:
        done(sheet.write_string(row, column, line.explanation, styles.explanation))
    else:
        done(sheet.write_blank(row, column, None, styles.explanation))
    prompt = {"validate": "any", "input_title": EXPLANATION, "input_message": PROMPT}
    done(sheet.data_validation(row, column, row, column, prompt))


def _highlight(sheet: Worksheet, context: RenderContext, lines: Sequence[CheckLine]) -> None:
    """Colour what fails: red, or yellow where it is a reminder (提醒). What waits for blanks is yellow like them."""
    styles, last = context.styles, CHECK_LINK
    _say_blanks(sheet, lines, styles)
    for line in lines:
        if line.sort == "soft":
            asks = f'=${address(line.row, CHECK_VERDICT)}="{ASKS}"'
            _paint(sheet, address(line.row, CHECK_EXPLANATION), asks, styles.blank_tint)
    areas = ((CHECK_LIST_ROW, CHECK_LIST_ROW + CHECK_LIST_LENGTH - 1), (CHECK_FIRST_ROW, context.check_last_row))
    for first, end in areas:
        area = f"{address(first, 0)}:{address(end, last)}"
        verdict = f"${address(first, CHECK_VERDICT)}"
        _paint(sheet, area, f'={verdict}="{FAILS}"', styles.failing)
        _paint(sheet, area, f'={verdict}="{ASKS}"', styles.reminder)
        _paint(sheet, area, f'={verdict}="{UNFILLED}"', styles.blank_tint)


def _say_blanks(sheet: Worksheet, lines: Sequence[CheckLine], styles: WorkbookStyles) -> None:
    """Show a side on which nothing was filled in as blank, not as 0, and no difference to it."""
    for line in lines:
        if line.blanks:
            for column, blanks in ((CHECK_LEFT, CHECK_LEFT_BLANKS), (CHECK_RIGHT, CHECK_RIGHT_BLANKS)):
                side, empty = (f"${address(line.row, place)}" for place in (column, blanks))
                _paint(sheet, address(line.row, column), f"=AND({side}=0,{empty}>0)", styles.says_blank, True)
            unfilled = f'=${address(line.row, CHECK_VERDICT)}="{UNFILLED}"'
            _paint(sheet, address(line.row, CHECK_DIFF), unfilled, styles.says_nothing, True)


def _paint(sheet: Worksheet, area: str, formula: str, style: Format, is_last: bool = False) -> None:
    options = {"type": "formula", "criteria": formula, "format": style, "stop_if_true": is_last}
    done(sheet.conditional_format(area, options))


def _set_page(sheet: Worksheet, context: RenderContext) -> None:
    for column, width in enumerate(WIDTHS):
        done(sheet.set_column(column, column, width))
    done(sheet.set_column(CHECK_LEFT_BLANKS, CHECK_KEY, 8, None, {"hidden": True}))
    done(sheet.set_row(0, 32))
    done(sheet.set_row(1, 20))
    done(sheet.set_row(2, LINE_HEIGHT * lines_needed(HINT, sum(WIDTHS)) + 5))
    for row in (CHECK_LIST_ROW - 1, CHECK_FIRST_ROW - 1, context.layout.check_last_row + 1):
        done(sheet.set_row(row, 24))
    sheet.outline_settings(symbols_below=False)
    sheet.freeze_panes(CHECK_HEAD_ROW + 1, 0)
    set_paper(sheet, landscape=True)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(CHECK_HEAD_ROW)
    sheet.print_area(0, 0, context.check_last_row, CHECK_EXPLANATION)
