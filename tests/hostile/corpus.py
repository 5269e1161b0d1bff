"""The hostile files (恶意文件): each is made by a few lines that say what is wrong with it, with what a check must
say of it: by its wrapping (containers.py), by what rides along (riders.py), by its contents (contents.py).
``python tests/hostile/corpus.py FOLDER`` writes them all.

Beside them stand ten good workbooks, whose results nothing may touch.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "helpers"))

from containers import (
    archives,
    bombs,
    climbing,
    cut_and_broken,
    entities,
    in_a_folder,
    mails,
    oddly_named_members,
    of_another_kind,
    packed_otherwise,
    with_passwords,
)
from contents import data_files, no_form, open_documents, published, strange_sheets, strange_values
from hostile_files import GOOD, Hostile, Made, good
from riders import riding_along, two_faced

KINDS: tuple[Made, ...] = (
    cut_and_broken,
    of_another_kind,
    with_passwords,
    bombs,
    entities,
    climbing,
    riding_along,
    two_faced,
    archives,
    oddly_named_members,
    mails,
    packed_otherwise,
    in_a_folder,
    no_form,
    strange_sheets,
    strange_values,
    data_files,
    published,
    open_documents,
)


def corpus() -> Iterator[Hostile]:
    """Every hostile file."""
    for kind in KINDS:
        yield from kind()


def write_corpus(folder: Path) -> list[Hostile]:
    """Write the hostile files into one folder below, those that a folder is searched for into a second, the good ones
    into a third, their roster beside; gives the hostile ones."""
    (folder / "恶意").mkdir(parents=True)
    (folder / "混放").mkdir()
    mixed = {file.name for file in in_a_folder()}
    (folder / "好的").mkdir()
    files = list(corpus())
    assert len({file.name for file in files}) == len(files), "each has a name of its own"
    for file in files:
        path = folder / ("混放" if file.name in mixed else "恶意") / file.name
        if file.make:
            file.make(path)
        else:
            path.write_bytes(file.content)
    for number in range(1, GOOD + 1):
        (folder / "好的" / f"第{number}局.xlsx").write_bytes(good(number))
    names = "\n".join(("机关全称", *(f"第{number}局" for number in range(1, GOOD + 1))))
    (folder / "名册.csv").write_text(names, encoding="utf-8")
    return files


if __name__ == "__main__":
    for made in write_corpus(Path(sys.argv[1])):
        print(made.status, ",".join(made.ids), len(made.content), made.name)
