"""Reads the two sheets that hold no table, 基本信息 and 文字, by their labels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from toolkit.characters import one_line, plain
from toolkit.excel.addresses import Position, address
from toolkit.problems import Unreadable
from toolkit.submission.json_csv import paragraphs_of
from toolkit.submission.model import Irregularity
from toolkit.workbook.layout import (
    INFO_LABEL,
    INFO_YEAR_ROW,
    TEXT_HELP_ROW,
    TEXT_TITLE_ROW,
    YEAR_LABEL,
    Layout,
    guide_text,
)
from toolkit.workbook.locate_labels import LabelPlace, find_labels
from toolkit.workbook.sheet_values import SheetValues, stray, text_of

YEAR = ""
"""The key of the report year. Ids of fields are never empty."""
GUIDE_ROWS = 5
"""The explanations of what to write are looked for in this many rows below the titles."""
SameFormat = Callable[[Position, Position], bool]
Paragraphs = dict[str, tuple[str, ...]]
"""For each text section: its paragraphs, or the places where they came from."""


@dataclass(frozen=True, slots=True)
class InfoSheet:
    """The contents of 基本信息. `agency_at` is where the name of the agency stands or should stand, empty if not
    known."""

    agency: str = ""
    agency_at: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    irregularities: tuple[Irregularity, ...] = ()


@dataclass(frozen=True, slots=True)
class TextSheet:
    """The contents of 文字."""

    texts: Paragraphs = field(default_factory=dict)
    places: Paragraphs = field(default_factory=dict)
    irregularities: tuple[Irregularity, ...] = ()


def info_labels(layout: Layout, version: int) -> dict[str, tuple[Position, str]]:
    """Return the labels of 基本信息 with the positions where they should stand, in a workbook of the layout
    `version`."""
    items = [item for item in layout.form.info if item.layout <= version]
    fields = {item.id: ((layout.info_rows[item.id], INFO_LABEL), item.label) for item in items}
    return {YEAR: ((INFO_YEAR_ROW, INFO_LABEL), YEAR_LABEL), **fields}


def text_labels(layout: Layout) -> dict[str, tuple[Position, str]]:
    """Return the titles on 文字 with the positions where they should stand."""
    columns = layout.text_columns
    return {key: ((TEXT_TITLE_ROW, column), layout.form.section(key).title) for key, column in columns.items()}


def has_all_labels(sheet: SheetValues, labels: Mapping[str, tuple[Position, str]], axis: int) -> bool:
    """Return True if all these labels stand on a sheet."""
    found = find_labels(labels, axis, sheet.at, sheet.height, sheet.width)
    return found is not None and all(
        label.position and plain(label.stands) == plain(label.text) for label in found.values()
    )


def read_info(sheet: SheetValues, layout: Layout, year: int, version: int) -> InfoSheet:
    """Return what was filled in beside each label. `version` is the layout of the workbook. Without any label, nothing
    is read."""
    labels = info_labels(layout, version)
    found = find_labels(labels, 1, sheet.at, sheet.height, sheet.width)
    if found is None:
        missing = tuple(Irregularity("line-missing", sheet.name, "行", text) for _, text in labels.values())
        return InfoSheet(irregularities=missing)
    right = _step_to_value(sheet, found[YEAR].position)
    beside = {
        key: label.position and sheet.at(label.position[0], label.position[1] + right) for key, label in found.items()
    }
    helps = {item.id: plain(item.help) for item in layout.form.info if item.help}
    if any(plain(str(raw)) == helps.get(key) for key, raw in beside.items()):
        gone = Irregularity("line-missing", sheet.name, "列", "填写内容")
        return InfoSheet(irregularities=(*_label_irregularities(sheet, found, 0), gone))
    values = {key: one_line(text_of(raw)) for key, raw in beside.items() if raw is not None}
    irregularities = _label_irregularities(sheet, found, 0)
    stated = values.pop(YEAR, "")
    if stated and plain(stated).rstrip("度年") != str(year):
        irregularities.append(Irregularity("other-year", sheet.name, stated, str(year)))
    agency, label = values.pop("agency", ""), found.get("agency")
    at = label and label.position and f"{sheet.name}!{address(label.position[0], label.position[1] + right)}"
    return InfoSheet(agency, at or "", {key: text for key, text in values.items() if text}, tuple(irregularities))


def _step_to_value(sheet: SheetValues, year_label: Position | None) -> int:
    """Return how many columns right of the labels their values stand. The year shows it: it is a number that the
    template contains."""
    if year_label:
        row, column = year_label
        for step in range(1, sheet.width - column):
            if isinstance(sheet.at(row, column + step), float):
                return step
    return 1


def _label_irregularities(sheet: SheetValues, found: Mapping[str, LabelPlace], axis: int) -> list[Irregularity]:
    """Return the irregularities of labels that were altered, are missing, or stand elsewhere. `axis` says in which
    direction they are distinguished."""
    irregularities = []
    moved = next((label for label in found.values() if label.position and label.position != label.wanted), None)
    if moved and moved.position:
        moved_axis = axis if moved.position[axis] != moved.wanted[axis] else 1 - axis
        now, was = (f"第 {line[moved_axis] + 1} {'行列'[moved_axis]}" for line in (moved.position, moved.wanted))
        irregularities.append(Irregularity("table-moved", sheet.name, now, was))
    for label in found.values():
        if label.position is None:
            irregularities.append(Irregularity("line-missing", sheet.name, "行列"[axis], label.text))
        elif plain(label.stands) != plain(label.text):
            irregularities.append(
                Irregularity("label-changed", f"{sheet.name}!{address(*label.position)}", label.stands, label.text)
            )
    return irregularities


def read_texts(sheet: SheetValues, layout: Layout, same_format: SameFormat) -> TextSheet:
    """Return the paragraphs under each title. `same_format` returns True if two cells have the same format.

    Raise Unreadable when no title can be found, or the same one stands twice.
    """
    found = find_labels(text_labels(layout), 0, sheet.at, sheet.height, sheet.width)
    if found is None:
        (row, column), title = next(iter(text_labels(layout).values()))
        raise Unreadable(
            f"{sheet.name}!{address(row, column)} 应为「{title}」：各部分的标题被改动，有的找不到或有重复，不能读取。"
            "请恢复原样，或重新下载模板填报。"
        )
    irregularities = _label_irregularities(sheet, found, 1)
    titles = next(label.position[0] for label in found.values() if label.position)
    guides, certain = _guide_row(sheet, layout, found, same_format)
    texts: Paragraphs = {}
    places: Paragraphs = {}
    for key, label in found.items():
        if label.position is None:
            continue
        column = label.position[1]
        read = [
            (paragraph, f"{sheet.name}!{address(row, column)}")
            for row in range(titles + 1, sheet.height)
            if row != guides
            for paragraph in _paragraphs(sheet.at(row, column))
        ]
        if read:
            texts[key] = tuple(text for text, _ in read)
            places[key] = tuple(place for _, place in read)
        stands = text_of(sheet.at(guides, column)) if certain else ""
        if stands and plain(stands) != plain(guide_text(layout.form.section(key))):
            irregularities.append(Irregularity("guide-overwritten", f"{sheet.name}!{address(guides, column)}", stands))
    columns = {label.position[1] for label in found.values() if label.position}
    irregularities += stray(sheet, (position for position in sheet.filled(titles) if position[1] not in columns))
    return TextSheet(texts, places, tuple(irregularities))


def _paragraphs(raw: object) -> tuple[str, ...]:
    if raw == "":
        return ()
    return paragraphs_of([raw if isinstance(raw, str) else text_of(raw)])


def _guide_row(
    sheet: SheetValues, layout: Layout, found: Mapping[str, LabelPlace], same_format: SameFormat
) -> tuple[int, bool]:
    """Return the row of our explanations of what to write, -1 if it was deleted; and True if it was recognized by its
    words.

    An old template may have other words; these then stand in their usual row. If the row was deleted, the first
    paragraphs stand there, and have the same format as those below.
    """
    positions = {key: label.position for key, label in found.items() if label.position}
    titles = next(iter(positions.values()))[0]
    for row in range(titles + 1, titles + 1 + GUIDE_ROWS):
        for key, (_, column) in positions.items():
            guide = plain(guide_text(layout.form.section(key)))
            if guide and plain(str(sheet.at(row, column))) == guide:
                return row, True
    row = titles + TEXT_HELP_ROW - TEXT_TITLE_ROW
    deleted = any(sheet.at(row, c) != "" and same_format((row, c), (row + 1, c)) for _, c in positions.values())
    return (-1 if deleted else row), False
