"""extract, report and import on batches: the three formats hold the same, and one bad file never stops the rest."""

import csv
import io
import json
import os
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from batches import make_batch
from command_line import Gknb
from hypothesis import given
from hypothesis import strategies as st
from kit import REPORT_DATA, report, write
from pyarrow import parquet

from toolkit.batch.long_table import PARQUET_COLUMNS, csv_pieces, format_of, json_pieces, write_parquet
from toolkit.batch.received.files import Item, find_items, storable
from toolkit.batch.received.left_out import LeftOut
from toolkit.files.write import json_text
from toolkit.submission.json_csv import CSV_HEADER, csv_text, long_rows, to_data
from toolkit.workbook.template import build_workbook

NAMES = ("suqian-2024", "shanghai-office-2019", "huaian-2024")


def rows_of(data: dict) -> dict[str, object]:
    """What the long table must hold of a submission in JSON, by cell."""
    texts = {f"{key}.{n}": text for key, all_ in data["texts"].items() for n, text in enumerate(all_, 1)}
    return {**data["values"], **texts}


@pytest.mark.slow
def test_the_three_formats_of_a_batch_hold_the_same(gknb: Gknb, tmp_path: Path) -> None:
    for name in NAMES:
        write(tmp_path / "收回" / f"{name}.xlsx", build_workbook(report(name)))
    write(tmp_path / "foreign" / "坏.xlsx", b"junk")
    for suffix in ("json", "csv", "parquet"):
        ran = gknb("extract", "foreign", "收回", "-o", f"数据.{suffix}")
        assert ran.returncode == 1, "one could not be read"
        assert "【无法读取】" in ran.stderr
        assert f"已写出 数据.{suffix}（3 份）。" in ran.stderr
    data = json.loads((tmp_path / "数据.json").read_text(encoding="utf-8"))
    assert sorted(item["agency"] for item in data) == sorted(report(name).agency for name in NAMES)
    content = (tmp_path / "数据.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert tuple(header) == CSV_HEADER
    columns = parquet.read_table(tmp_path / "数据.parquet").to_pylist()
    assert len(columns) == len(lines)
    for line, row in zip(lines, columns, strict=True):
        assert tuple(row) == PARQUET_COLUMNS
        head = [row[name] for name in PARQUET_COLUMNS[:6]]
        assert [str(value) for value in head[1:]] == line[1:6]
        assert (row["value"] or "") == line[6]
        assert row["number"] is None or row["number"] == Decimal(row["value"])
    for item in data:
        whose = [row for row in columns if (row["agency"], row["year"]) == (item["agency"], item["year"])]
        wanted = {key: None if value is None else str(value) for key, value in rows_of(item).items()}
        assert {row["cell"]: row["value"] for row in whose} == wanted
        numbers = {row["cell"] for row in whose if row["number"] is not None}
        assert numbers == {key for key, value in item["values"].items() if isinstance(value, int) or plain(value)}


def plain(value: object) -> bool:
    return isinstance(value, str) and value.replace(".", "", 1).isdigit()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_none_one_and_many(tmp_path: Path, count: int) -> None:
    submissions = [report(name) for name in NAMES[:count]]
    text = "".join(json_pieces(json_text(to_data(item)) for item in submissions))
    data = [to_data(item) for item in submissions]
    assert (json.loads(text) if text else []) == (data[0] if count == 1 else data)
    text = "".join(csv_pieces(csv_text(long_rows("a", item)) for item in submissions))
    lines = list(csv.reader(io.StringIO(text, newline="")))
    many = sum(len(rows_of(item)) for item in data)
    assert len(lines) == (many + 1 if count else 0)
    write_parquet(tmp_path / "a.parquet", (list(long_rows("a", item)) for item in submissions))
    assert parquet.read_table(tmp_path / "a.parquet").num_rows == many


def test_nothing_readable_writes_nothing(gknb: Gknb, tmp_path: Path) -> None:
    write(tmp_path / "foreign" / "坏.xlsx", b"junk")
    for suffix in ("json", "csv", "parquet"):
        ran = gknb("extract", "foreign", "-o", f"a.{suffix}")
        assert ran.returncode == 1
        assert "没有可用的数据，没有写出" in ran.stderr
        assert not (tmp_path / f"a.{suffix}").exists()


def test_the_format_follows_the_name_unless_it_is_asked_for() -> None:
    for asked, output, wanted in (
        (None, None, "json"),
        (None, "a.CSV", "csv"),
        (None, "a.parquet", "parquet"),
        (None, "a.txt", "json"),
        ("json", "a.csv", "json"),
    ):
        assert format_of(asked, Path(output) if output else None) == wanted


@given(
    st.none()
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
    | st.integers(-(10**28) + 1, 10**28 - 1)
    | st.decimals(-(10**17), 10**17, places=4, allow_nan=False)
)
def test_any_value_goes_into_each_format(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.mktemp("p") / "a.parquet"
    row = ("=文件", "机关", 2024, "2021", "a.b.c", "名称", value)
    write_parquet(path, [[row]])
    (stored,) = parquet.read_table(path).to_pylist()
    number = value if isinstance(value, int | Decimal) else None
    assert stored["number"] == number
    (line,) = csv.reader(io.StringIO(csv_text([row]), newline=""))
    assert line[0] == "'=文件"
    if number is not None:
        assert Decimal(stored["value"]) == Decimal(line[6]) == number
    else:
        assert stored["value"] == value
        assert line[6] in (value or "", f"'{value}")
        assert line[6][:1] not in tuple("=+-@\t\r")


@pytest.mark.parametrize("command", ["report", "import"])
def test_one_bad_file_does_not_stop_the_rest(gknb: Gknb, tmp_path: Path, command: str) -> None:
    for number, name in enumerate(NAMES):
        write(tmp_path / "收回" / f"{number}.json", REPORT_DATA[name].read_bytes())
    write(tmp_path / "收回" / "1a.json", b"{")
    files = sorted((tmp_path / "收回").iterdir()) if command == "import" else ["收回"]
    more = ("--allow-failed",) if command == "report" else ()  # one of the real reports has errors
    ran = gknb(command, *files, *more, "-o", "写出")
    assert ran.returncode == 1
    assert "【无法读取】" in ran.stderr
    assert "1a.json" in ran.stderr
    assert len(list((tmp_path / "写出").iterdir())) == len(NAMES)


@pytest.mark.slow
def test_workers_make_no_difference(gknb: Gknb, tmp_path: Path) -> None:
    make_batch(tmp_path / "foreign", 12, seed=3)
    one, three = (gknb("extract", "foreign", "--format", "csv", "--workers", n) for n in (1, 3))
    assert one.stdout == three.stdout
    assert one.stderr == three.stderr
    assert one.stdout.count("requests.received.total") > 8


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have names that are no characters")
@pytest.mark.parametrize("command", ["extract", "report", "check"])
def test_a_name_in_the_encoding_of_chinese_windows(gknb: Gknb, tmp_path: Path, command: str) -> None:
    """So does unzip leave names on Linux when the archive comes from Windows."""
    folder = tmp_path / "收回"
    folder.mkdir()
    content = REPORT_DATA["suqian-2024"].read_bytes()
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + "温县.json".encode("gb18030")))
    path.write_bytes(content)
    (item,) = find_items([folder], LeftOut())
    assert (Path(item.name).name, item.stem) == ("温县.json", "温县")
    assert item.read() == content
    item.path.encode()
    ran = gknb(command, "收回", *(() if command == "check" else ("-o", "写出")))
    assert "没有预料到" not in ran.stderr
    assert ran.returncode == 0


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("a/b.xlsx", "收回/温县（二）.xlsx", "\U00020000.json"):
        assert storable(Path(name)) == name
        assert Item(name).name == name
