"""The sheet 文字 of the trend workbook: the texts of each section by year side by side, paragraph beside paragraph."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from xlsxwriter.worksheet import Worksheet

from toolkit.characters import display_width, without_forbidden
from toolkit.excel.list_tables import ROW_HEIGHT_LIMIT
from toolkit.excel.styles import LINE_HEIGHT, done, lines_needed, set_paper
from toolkit.trend.formats import TrendFormats
from toolkit.trend.years import TextPart, Trend

HEAD_ROW = 2
NUMBER_WIDTH, WIDTH, FEW_WIDTH = 6.0, 48.0, 64.0
ACROSS = 3
"""So many years stand side by side on paper."""
LINES = 24
"""Lines of a row: no program shows a row higher than some 27 lines, and one may break lines earlier than another."""
NOTHING = "（没有文字）"
NOTE = "一段一行，各年并排；一格放不下的长段接在下一行（没有段号的行）。灰格：当年的格式没有这一部分。"
NO_TEXTS = "各年的报告都没有文字。"


def write_texts(sheet: Worksheet, trend: Trend, looks: TrendFormats) -> None:
    """Write the sheet; a year without any text has no column."""
    years = [year for year in trend.years if any(part.texts.get(year) for part in trend.texts)]
    width = FEW_WIDTH if len(years) < ACROSS else WIDTH
    done(sheet.set_column(0, 0, NUMBER_WIDTH))
    done(sheet.set_column(1, max(len(years), 1), width))
    done(sheet.set_row(0, 30))
    done(sheet.write_string(0, 0, "历年文字", looks.title))
    without = [str(year) for year in trend.years if year not in years]
    note = f"{NOTE}{'、'.join(without)} 年没有文字，不列。" if without else NOTE
    done(sheet.write_string(1, 0, note if years else NO_TEXTS, looks.note))
    set_paper(sheet, landscape=True)
    if not years:
        return
    for column, name in enumerate(["段", *(f"{year} 年" for year in years)]):
        done(sheet.write_string(HEAD_ROW, column, name, looks.header))
    row = HEAD_ROW
    for part in trend.texts:
        row = _SectionRows(sheet, part, years, looks, width).write(row + 1)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.repeat_rows(HEAD_ROW)
    pages = -(-len(years) // ACROSS)
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        sheet.repeat_columns(0, 0)


@dataclass(frozen=True, slots=True)
class _SectionRows:
    """A section of texts on the sheet."""

    sheet: Worksheet
    part: TextPart
    years: Sequence[int]
    looks: TrendFormats
    width: float

    def write(self, row: int) -> int:
        """Write it under its title; gives the number of the last row."""
        for column in range(len(self.years) + 1):
            done(self.sheet.write_blank(row, column, None, self.looks.band))
        only = f"（只在「{self.part.edition}」中有）" if self.part.edition else ""
        done(self.sheet.write_string(row, 0, self.part.title + only, self.looks.band))
        done(self.sheet.set_row(row, LINE_HEIGHT + 5))
        texts = [self.part.texts.get(year) for year in self.years]
        paragraphs = [(NOTHING,) if text == () else text or () for text in texts]
        for number, beside in enumerate(zip_longest(*paragraphs), 1):
            cells = [list(pieces(text, self.width)) if text is not None else [] for text in beside]
            for place, row_of_pieces in enumerate(zip_longest(*cells)):
                row += 1
                self._row(row, f"{number}" if place == 0 else "", row_of_pieces)
        return row

    def _row(self, row: int, place: str, beside: Sequence[str | None]) -> None:
        looks = self.looks
        done(self.sheet.write_string(row, 0, place, looks.place))
        for column, (year, text) in enumerate(zip(self.years, beside, strict=True), 1):
            if year not in self.part.texts:
                done(self.sheet.write_blank(row, column, None, looks.absent))
            else:
                look = looks.paragraph if self.part.texts[year] else looks.nothing
                done(self.sheet.write_string(row, column, text or "", look))
        lines = max(lines_needed(text or "", self.width) for text in beside)
        done(self.sheet.set_row(row, min(LINE_HEIGHT * lines + 4, ROW_HEIGHT_LIMIT)))


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
