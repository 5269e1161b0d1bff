"""Finds the tables in plain text: lines with tabs, with vertical strokes, with a label and values, and text that is
aligned in columns."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from toolkit.characters import without_forbidden
from toolkit.documents.blocks import Block, Paragraph, Prose, Separator, paragraph
from toolkit.documents.grids import TooLarge, table_of_rows
from toolkit.documents.plain.aligned_text import AlignedTable, aligned_tables
from toolkit.documents.plain.source import decoded, is_wrapped, paragraphs_of
from toolkit.documents.plain.values import HEADING, MARK, is_page_number, is_value
from toolkit.problems import Unreadable

_STROKES = str.maketrans("｜│┃║", "||||")
_STROKE = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[\s|+:=\-─━┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝═]+\Z")
_LONGEST_LABEL = 45
_LONGEST_FIELD = 120
_SENTENCE = re.compile("[。；：！？;:!?]")
_NEAR = 3
"""The most lines with text between a single line with a value and another such line or a table."""


def read_published_text(content: bytes) -> Prose:
    """Return the text of a published report with its tables.

    Raise Unreadable if the file holds no text.
    """
    lines = without_forbidden(decoded(content)).replace("\f", "\n").splitlines()
    if not any(line.strip() for line in lines):
        raise Unreadable("文件里没有文字。请打开原来的报告核对，再把文字另存一次。")
    found = tables_in(lines)
    taken = {number for one in found for number in range(one.first, one.end)}
    texts = [line.strip() for number, line in enumerate(lines) if number not in taken and _is_text(line)]
    wrapped = is_wrapped(texts) if texts else False
    blocks, at = list[Block](), 0
    for one in [*found, None]:
        between = [line.strip() for line in lines[at : one.first if one else None] if _is_text(line)]
        blocks += paragraphs_of(between, wrapped)
        if one:
            blocks.append(one.table)
            at = one.end
    return Prose(tuple(blocks))


def with_tables(source: Prose | Sequence[str]) -> Prose:
    """Return the same text, with paragraphs that are lines of a table joined into a table."""
    if not isinstance(source, Prose):
        source = Prose(tuple(paragraph(line) for line in source))
    blocks, part = list[Block](), list[Paragraph]()
    for block in source.blocks:
        if isinstance(block, Paragraph) and not block.level:
            part.append(block)
            continue
        blocks += _with_line_tables(part)
        blocks.append(block)
        part = []
    return Prose((*blocks, *_with_line_tables(part)), source.remarks, source.title)


def _with_line_tables(paragraphs: Sequence[Paragraph]) -> Iterator[Block]:
    at = 0
    lines = [one.text for one in paragraphs]
    for found in [*tables_in(lines), None]:
        yield from (one for one in paragraphs[at : found.first if found else None] if _is_kept(one))
        if found:
            yield found.table
            at = found.end


def _is_kept(found: Paragraph) -> bool:
    return bool(found.pieces) and not is_page_number(found.text)


def _is_text(line: str) -> bool:
    return bool(line.strip()) and not is_page_number(line)


def tables_in(lines: Sequence[str]) -> list[AlignedTable]:
    """Return the tables in lines of text, from top to bottom."""
    lines = [line.translate(_STROKES) for line in lines]
    found = [*_runs(lines, _strokes), *_runs(lines, _tabs)]
    rest = list(lines)
    for one in found:
        rest[one.first : one.end] = ["# "] * (one.end - one.first)
    found += aligned_tables(rest)
    found += _labelled_rows(lines, found)
    return sorted(found, key=lambda one: one.first)


Split = Callable[[str], list[str] | None]
"""A function that returns the fields of a line: none for a rule between rows, None if it is no line of a table."""


def _strokes(line: str) -> list[str] | None:
    """Return the fields between vertical strokes, as in Markdown."""
    text = line.strip()
    if _RULE.match(text) and ("|" in text or "┼" in text or len(text) > 3) and not is_page_number(text):
        return []
    if text.count("|") < (1 if text.startswith("|") else 2):
        return None
    fields = [field.strip().replace("\\|", "|") for field in _STROKE.split(text)]
    return fields[text.startswith("|") : len(fields) - text.endswith("|")]


def _tabs(line: str) -> list[str] | None:
    """Return the fields between tabs, as copied from a spreadsheet or a page."""
    if "\t" not in line.lstrip() or HEADING.match(line):
        return None
    fields = [field.strip() for field in line.rstrip("\r\n").split("\t")]
    filled = [field for field in fields if field]
    is_item = len(filled) == 2 and (MARK.sub("", filled[0], count=1) == "" or len(filled[1]) > _LONGEST_FIELD)
    return None if is_item or (len(filled) == 1 and len(filled[0]) > _LONGEST_FIELD) else fields


def _runs(lines: Sequence[str], split: Split) -> Iterator[AlignedTable]:
    """Yield tables of lines that follow each other.

    The end of a page between two lines does not end the table. Empty lines do not either, if the number of fields stays
    the same.
    """
    at = 0
    while at < len(lines):
        fields = split(lines[at])
        if not fields:
            at += 1
            continue
        first, rows, is_ruled = at, [fields], False
        following: int | None = at
        while following is not None:
            at = following + 1
            following = _next_line(lines, at, split, len(rows[-1]))
            fields = split(lines[following]) if following is not None else None
            is_ruled = is_ruled or (fields == [] and len(rows) == 1)
            rows += [fields] if fields else []
        if _is_table(rows, split):
            has_head = is_ruled and not any(map(is_value, rows[0]))
            yield from _table_if_small(first, at, rows, int(has_head and len(rows) > 1))


def _table_if_small(
    first: int, end: int, rows: Sequence[Sequence[str]], head: int = 0, separator: Separator = "marks"
) -> Iterator[AlignedTable]:
    """Yield a table, unless it is so large that it must be something else."""
    with suppress(TooLarge):
        yield AlignedTable(first, end, table_of_rows(rows, head, separator))


def _next_line(lines: Sequence[str], at: int, split: Split, width: int) -> int | None:
    """Return the next line of a table; None if the table ends."""
    start, has_page = at, False
    while at < len(lines) and (not lines[at].strip() or is_page_number(lines[at])):
        has_page = has_page or is_page_number(lines[at])
        at += 1
    fields = split(lines[at]) if at < len(lines) else None
    if fields is None:
        return None
    return at if at == start or has_page or (split is _tabs and len(fields) == width) else None


def _is_table(rows: Sequence[Sequence[str]], split: Split) -> bool:
    several = [row for row in rows if sum(map(bool, row)) > 1]
    return bool(several) if split is _strokes else len(several) > 1 or any(any(map(is_value, row)) for row in several)


def _labelled_rows(lines: Sequence[str], found: Sequence[AlignedTable]) -> Iterator[AlignedTable]:
    """Yield tables of rows with a label and values that only a space separates, if several such rows or a table are
    near."""
    taken = {number for one in found for number in range(one.first, one.end)}
    rows = {number: row for number, line in enumerate(lines) if number not in taken and (row := _row(line))}
    texts = [number for number, line in enumerate(lines) if line.strip()]
    places = {number: place for place, number in enumerate(texts)}
    known = {places[number] for number in taken | set(rows) if number in places}
    near = {number for number in rows if _is_near_row(places[number], known)}
    for first in sorted(near):
        if first - 1 in near:
            continue
        end = first
        while end in near:
            end += 1
        yield from _table_if_small(first, end, [rows[number] for number in range(first, end)], separator="spaces")


def _is_near_row(place: int, known: set[int]) -> bool:
    return any(other != place and other in known for other in range(place - _NEAR, place + _NEAR + 1))


def _row(line: str) -> list[str] | None:
    """Return the label and the values of a line; None if it is no such row."""
    words = line.split()
    count = next((number for number, word in enumerate(reversed(words)) if not is_value(word)), len(words))
    label = " ".join(words[: len(words) - count])
    if not count or not label or HEADING.match(line) or len(label) > _LONGEST_LABEL or _SENTENCE.search(label):
        return None
    is_label = not any(map(is_value, words[: len(words) - count])) and (not label[0].isdigit() or MARK.match(label))
    return [label, *words[-count:]] if is_label else None
