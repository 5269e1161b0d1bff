"""Lists on the pages of the desk (工作台): every one of them can be searched, filtered, sorted and exported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SHOWN = 200
"""Rows that a page shows at first."""
DOWN = "-"
"""Stands before the column in the address of a list that is sorted downwards."""
OPENABLE = (".xlsx", ".xls", ".et", ".ods", ".docx", ".pdf", ".txt", ".csv", ".html")
"""Endings of files that a click may open in the program of this machine; none of them is a program itself."""


def can_open(name: str) -> bool:
    """Return True if a click may open a file with this name."""
    return name.lower().endswith(OPENABLE)


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file of the project: the folder by its key in gknb.toml, and its place in it."""

    key: str
    name: str

    @property
    def can_open(self) -> bool:
        """Return True if a click may open the file."""
        return can_open(self.name)


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column: its key, its title, and what can be done with it."""

    key: str
    title: str
    is_number: bool = False
    has_filter: bool = False
    can_copy: bool = False


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row: the text of each column. `order` has what a column is sorted by where that is not its text. `link` is the
    page behind the first column, `files` what can be opened."""

    texts: Mapping[str, str]
    order: Mapping[str, float] = field(default_factory=dict)
    link: str = ""
    files: tuple[FileLink, ...] = ()


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is asked of a list: words to search for, the value that a column must have, the column to sort by."""

    words: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    shows_all: bool = False

    def arguments(self, **changes: str) -> dict[str, str]:
        """Return the query as it stands in an address, with some of it changed."""
        sort = {"sort": self.sort} if self.sort else {}
        words = {"q": self.words} if self.words else {}
        return {key: value for key, value in {**words, **self.filters, **sort, **changes}.items() if value}


@dataclass(frozen=True, slots=True)
class ShownList:
    """A list as a page shows it, without columns that are empty. `rows` are the first of the `found` ones, of `total`.
    `choices` are the values of each column with a filter."""

    columns: tuple[ListColumn, ...]
    rows: tuple[ListRow, ...]
    found: int
    total: int
    query: ListQuery
    choices: Mapping[str, tuple[str, ...]]


def query_of(arguments: Mapping[str, str], columns: Sequence[ListColumn]) -> ListQuery:
    """Return the query in the arguments of an address. What is no column is ignored."""
    filters = {one.key: arguments[one.key] for one in columns if one.has_filter and arguments.get(one.key)}
    sort = arguments.get("sort", "")
    known = {one.key for one in columns}
    sort = sort if sort.removeprefix(DOWN) in known else ""
    return ListQuery(arguments.get("q", "").strip(), filters, sort, bool(arguments.get("all")))


def shown_list(columns: Sequence[ListColumn], rows: Sequence[ListRow], query: ListQuery) -> ShownList:
    """Return what a page shows of a list."""
    found = arranged(rows, query)
    choices = {
        one.key: tuple(dict.fromkeys(text for row in rows if (text := row.texts.get(one.key, ""))))
        for one in columns
        if one.has_filter
    }
    first = tuple(found if query.shows_all else found[:SHOWN])
    return ShownList(_columns_in_use(columns, rows), first, len(found), len(rows), query, choices)


def _columns_in_use(columns: Sequence[ListColumn], rows: Sequence[ListRow]) -> tuple[ListColumn, ...]:
    """Return the columns that have a text in some row, and the first one."""
    used = {key for row in rows for key, text in row.texts.items() if text}
    return tuple(one for number, one in enumerate(columns) if not number or one.key in used)


def arranged(rows: Sequence[ListRow], query: ListQuery) -> list[ListRow]:
    """Return the rows that a query asks for, in its order."""
    words = query.words.casefold().split()
    found = [
        row
        for row in rows
        if all(row.texts.get(key) == value for key, value in query.filters.items())
        and all(any(word in text.casefold() for text in row.texts.values()) for word in words)
    ]
    if key := query.sort.removeprefix(DOWN):
        found.sort(key=lambda row: (row.order.get(key, 0.0), row.texts.get(key, "")))
        if query.sort.startswith(DOWN):
            found.reverse()
    return found


def list_as_csv(columns: Sequence[ListColumn], rows: Sequence[ListRow], query: ListQuery) -> bytes:
    """Return the rows that a query asks for as a CSV file for Excel."""
    from toolkit.submission.json_csv import csv_text

    lines = [[one.title for one in columns]]
    lines += [[row.texts.get(one.key, "") for one in columns] for row in arranged(rows, query)]
    return csv_text(lines).encode("utf-8-sig")


def next_order(query: ListQuery, column: ListColumn) -> str:
    """Return how a list is sorted after a click on the head of a column: upwards, downwards, as it was."""
    up, down = column.key, DOWN + column.key
    return {"": up, up: down, down: ""}.get(query.sort if query.sort in (up, down) else "", up)
