"""The sheet 文字 of the trend workbook: the texts of each section by year side by side, paragraph beside paragraph."""

from collections.abc import Iterator
from itertools import zip_longest

from xlsxwriter.worksheet import Worksheet

from toolkit.batch.tables import ROW_HEIGHT_LIMIT
from toolkit.characters import display_width, without_forbidden
from toolkit.trend import TextPart, Trend
from toolkit.trend_looks import Looks
from toolkit.workbook.styles import LINE_HEIGHT, done, lines_needed, set_paper

HEAD_ROW = 2
NUMBER_WIDTH, WIDTH, FEW_WIDTH = 6.0, 48.0, 64.0
ACROSS = 3
"""So many years stand side by side on paper."""
LINES = 24
"""Lines of a row: no program shows a row higher than some 27 lines, and one may break lines earlier than another."""
NOTHING = "（没有文字）"
NOTE = "一段一行，各年并排；一格放不下的长段接在下一行（没有段号的行）。灰格：当年的格式没有这一部分。"


def write_texts(sheet: Worksheet, trend: Trend, looks: Looks) -> None:
    """Write the sheet."""
    width = FEW_WIDTH if len(trend.years) < ACROSS else WIDTH
    done(sheet.set_column(0, 0, NUMBER_WIDTH))
    done(sheet.set_column(1, len(trend.years), width))
    done(sheet.set_row(0, 30))
    done(sheet.write_string(0, 0, "历年文字", looks.title))
    done(sheet.write_string(1, 0, NOTE, looks.note))
    for column, name in enumerate(["段", *(f"{year} 年" for year in trend.years)]):
        done(sheet.write_string(HEAD_ROW, column, name, looks.header))
    row = HEAD_ROW
    for part in trend.texts:
        row = _part(sheet, row + 1, part, trend, looks, width)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.repeat_rows(HEAD_ROW)
    set_paper(sheet, landscape=True)
    pages = -(-len(trend.years) // ACROSS)
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        sheet.repeat_columns(0, 0)


def _part(sheet: Worksheet, row: int, part: TextPart, trend: Trend, looks: Looks, width: float) -> int:
    """A section under its title; gives the number of its last row."""
    for column in range(len(trend.years) + 1):
        done(sheet.write_blank(row, column, None, looks.band))
    only = f"（只在「{part.edition}」中有）" if part.edition else ""
    done(sheet.write_string(row, 0, part.title + only, looks.band))
    done(sheet.set_row(row, LINE_HEIGHT + 5))
    texts = [part.texts.get(year, ()) for year in trend.years]
    for number in range(max(1, *map(len, texts))):
        cells = [list(pieces(one[number], width)) if number < len(one) else [] for one in texts]
        for place, pieces_beside in enumerate(zip_longest(*cells) if any(cells) else [(None,) * len(texts)]):
            row += 1
            done(sheet.write_string(row, 0, str(number + 1) if place == 0 and any(cells) else "", looks.number("@")))
            for column, (year, text) in enumerate(zip(trend.years, pieces_beside, strict=True), 1):
                if year not in part.texts:
                    done(sheet.write_blank(row, column, None, looks.absent))
                elif text is not None:
                    done(sheet.write_string(row, column, text, looks.paragraph))
                else:
                    empty = number == 0 and place == 0 and not part.texts[year]
                    done(sheet.write_string(row, column, NOTHING if empty else "", looks.nothing))
            lines = max(lines_needed(text or "", width) for text in pieces_beside)
            done(sheet.set_row(row, min(LINE_HEIGHT * lines + 4, ROW_HEIGHT_LIMIT)))
    return row


def pieces(text: str, width: float) -> Iterator[str]:
    """A paragraph in pieces that a row can show, cut behind a sentence where one ends; together they are the whole."""
    text = without_forbidden(text)
    room = LINES * int(width - 1.5)
    while display_width(text) > room:
        end = _fitting(text, room)
        sentence = max(text.rfind(mark, end // 2, end) for mark in "。；！？")
        cut = sentence + 1 or end
        yield text[:cut]
        text = text[cut:]
    yield text


def _fitting(text: str, room: int) -> int:
    """How many characters of a text have room."""
    used = 0
    for number, char in enumerate(text):
        used += display_width(char)
        if used > room:
            return number
    return len(text)
