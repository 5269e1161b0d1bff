"""examples/ is what the toolkit makes today: `gknb demo examples/wenxian-jyj-2020 --force` writes it anew."""

import re
import zipfile
from pathlib import Path

from places import EXAMPLES

from toolkit.cli.demo import run_demo

EXAMPLE = EXAMPLES / "wenxian-jyj-2020"
REFRESH = "stale: run `gknb demo examples/wenxian-jyj-2020 --force`"


def content(path: Path) -> dict[str, bytes]:
    """What a file holds; of an Office file its parts, since its archive carries the hour it was packed."""
    if path.suffix == ".html":
        page = path.read_bytes().replace(b"\r\n", b"\n")
        return {"": re.sub(rb'"received": "[0-9: -]+"', b"", page)}  # the time of the file
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_examples_are_fresh(tmp_path: Path) -> None:
    written = [item.path for item in run_demo(tmp_path)]
    assert len(written) == 4
    for path in written:
        assert content(EXAMPLE / path.name) == content(path), f"{path.name} is {REFRESH}"
