"""Writes the data of a batch as one file, piece by piece: JSON, CSV for Excel, or Parquet (长表: one row for each
cell)."""

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from toolkit.batch.jobs import Format
from toolkit.problems import Problem
from toolkit.submission.json_csv import CSV_HEADER, csv_text
from toolkit.submission.spelling import number_text

PARQUET_COLUMNS = ("file", "agency", "year", "form", "cell", "labels", "value", "number")
"""The columns of CSV_HEADER, with the value twice: as it was written, and as a number if it is one."""
GROUP = 200_000
"""Rows that are held in memory at a time."""
DIGITS, DECIMALS = 38, 10
_STEP, _STEP_CONTEXT = Decimal(10) ** -DECIMALS, Context(prec=DIGITS)


def format_of(asked: Format | None, output: Path | None) -> Format:
    """Return the format that was asked for, otherwise the one that the output's name has, otherwise JSON."""
    named: dict[str, Format] = {".csv": "csv", ".parquet": "parquet"}
    return asked or named.get(output.suffix.lower() if output else "", "json")


def json_pieces(documents: Iterable[str]) -> Iterator[str]:
    """Yield one submission as it is, several as an array."""
    rest = iter(documents)
    first, second = next(rest, None), next(rest, None)
    if first is None or second is None:
        yield first or ""
        return
    for number, document in enumerate(chain((first, second), rest)):
        yield (",\n  " if number else "[\n  ") + document.rstrip().replace("\n", "\n  ")
    yield "\n]\n"


def csv_pieces(texts: Iterable[str]) -> Iterator[str]:
    """Yield one long table with its header; nothing if there are no texts."""
    for number, text in enumerate(texts):
        if not number:
            yield csv_text([CSV_HEADER])
        yield text


def require_parquet() -> None:
    """Raise Problem when the library that writes Parquet is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise Problem("写 Parquet 需要另外安装：pip install 'gknb-toolkit[parquet]'。也可以用 --format csv。") from None


def write_parquet(path: Path, tables: Iterable[list[tuple[Any, ...]]]) -> None:
    """Write rows of the long table as a Parquet file."""
    import pyarrow
    from pyarrow import parquet

    kinds = {"year": pyarrow.int16(), "number": pyarrow.decimal128(DIGITS, DECIMALS)}
    fields = [(name, kinds.get(name, pyarrow.string())) for name in PARQUET_COLUMNS]
    schema = pyarrow.schema(fields)
    with parquet.ParquetWriter(path, schema) as writer:
        for rows in _groups(tables):
            columns = zip(*(_parquet_row(row) for row in rows), strict=True)
            arrays = [pyarrow.array(column, kind) for column, (_, kind) in zip(columns, fields, strict=True)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _groups(tables: Iterable[list[tuple[Any, ...]]]) -> Iterator[list[tuple[Any, ...]]]:
    group: list[tuple[Any, ...]] = []
    for rows in tables:
        group += rows
        if len(group) >= GROUP:
            yield group
            group = []
    if group:
        yield group


def _parquet_row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    *head, value = row
    is_number = value is not None and not isinstance(value, str)
    number = Decimal(value) if is_number else None
    fits = number is not None and abs(number) < Decimal(10) ** (DIGITS - DECIMALS)
    kept = _STEP_CONTEXT.quantize(number, _STEP) if number is not None and fits else None
    return *head, number_text(value) if is_number else value, kept
