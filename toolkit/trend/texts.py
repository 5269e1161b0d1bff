"""The sheet 文字 of the trend workbook: the texts of each section by year, paragraph beside paragraph."""

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
YEARS_ACROSS = 3
"""Years side by side on a printed page."""
LINES = 24
"""Lines of a row. No program shows a row higher than some 27 lines, and some programs break lines earlier than
others."""
NOTHING = "（没有文字）"
NOTE = "一段一行，各年并排；一格放不下的长段接在下一行（没有段号的行）。灰格：当年的格式没有这一部分。"
NO_TEXTS = "各年的报告都没有文字。"


def write_texts(sheet: Worksheet, trend: Trend, formats: TrendFormats) -> None:
    """Write the sheet; a year without any text has no column."""
    years = [year for year in trend.years if any(part.texts.get(year) for part in trend.texts)]
    width = FEW_WIDTH if len(years) < YEARS_ACROSS else WIDTH
    done(sheet.set_column(0, 0, NUMBER_WIDTH))
    done(sheet.set_column(1, max(len(years), 1), width))
    done(sheet.set_row(0, 30))
    done(sheet.write_string(0, 0, "历年文字", formats.title))
    empty_years = [str(year) for year in trend.years if year not in years]
    note = f"{NOTE}{'、'.join(empty_years)} 年没有文字，不列。" if empty_years else NOTE
    done(sheet.write_string(1, 0, note if years else NO_TEXTS, formats.note))
    set_paper(sheet, landscape=True)
    if not years:
        return
    for column, name in enumerate(["段", *(f"{year} 年" for year in years)]):
        done(sheet.write_string(HEAD_ROW, column, name, formats.header))
    row = HEAD_ROW
    for part in trend.texts:
        row = _SectionRows(sheet, part, years, formats, width).write(row + 1)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.repeat_rows(HEAD_ROW)
    pages = -(-len(years) // YEARS_ACROSS)
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        sheet.repeat_columns(0, 0)


@dataclass(frozen=True, slots=True)
class _SectionRows:
    """Writes a section of texts on the sheet."""

    sheet: Worksheet
    part: TextPart
    years: Sequence[int]
    formats: TrendFormats
    width: float

    def write(self, row: int) -> int:
        """Write the section under its title, beginning at `row`. Return the number of its last row."""
        for column in range(len(self.years) + 1):
            done(self.sheet.write_blank(row, column, None, self.formats.band))
        only_in = f"（只在「{self.part.edition}」中有）" if self.part.edition else ""
        done(self.sheet.write_string(row, 0, self.part.title + only_in, self.formats.band))
        done(self.sheet.set_row(row, LINE_HEIGHT + 5))
        texts = [self.part.texts.get(year) for year in self.years]
        paragraphs = [(NOTHING,) if text == () else text or () for text in texts]
        for number, side_by_side in enumerate(zip_longest(*paragraphs), 1):
            cells = [list(pieces(text, self.width)) if text is not None else [] for text in side_by_side]
            for place, row_of_pieces in enumerate(zip_longest(*cells)):
                row += 1
                self._row(row, f"{number}" if place == 0 else "", row_of_pieces)
        return row

    def _row(self, row: int, place: str, side_by_side: Sequence[str | None]) -> None:
        formats = self.formats
        done(self.sheet.write_string(row, 0, place, formats.paragraph_number))
        for column, (year, text) in enumerate(zip(self.years, side_by_side, strict=True), 1):
            if year not in self.part.texts:
                done(self.sheet.write_blank(row, column, None, formats.absent))
            else:
                cell_format = formats.paragraph if self.part.texts[year] else formats.no_text
                done(self.sheet.write_string(row, column, text or "", cell_format))
        lines = max(lines_needed(text or "", self.width) for text in side_by_side)
        done(self.sheet.set_row(row, min(LINE_HEIGHT * lines + 4, ROW_HEIGHT_LIMIT)))


def pieces(text: str, width: float) -> Iterator[str]:
    """Yield a paragraph in pieces that fit into a row, cut after a sentence if possible. Together they are the whole
    paragraph."""
    text = without_forbidden(text)
    room = LINES * int(width - 1.5)
    while display_width(text) > room:
        end = _fitting_length(text, room)
        sentence = max(text.rfind(mark, end // 2, end) for mark in "。；！？")
        cut_at = sentence + 1 or end
        yield text[:cut_at]
        text = text[cut_at:]
    yield text


def _fitting_length(text: str, room: int) -> int:
    """Return how many characters of a text fit into `room`."""
    used = 0
    for number, char in enumerate(text):
        used += display_width(char)
        if used > room:
            return number
    return len(text)
