"""A fuzzer that knows how the files are built: it takes sound ones, changes parts, elements, attributes, lines, bytes,
and holds the gate, the reader of workbooks, the importer and the splitter of texts to their promise: a submission, or a
sentence.

``python tests/hostile/fuzz.py --target reader --executions 50000`` prints what it found; each execution can be done
again by its number (``--only 123``), but for those of locked files, which are locked otherwise each time.
"""

import argparse
import io
import json
import random
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "helpers"))

import kit
import published
from hostile_files import good
from lxml import etree, html
from packages import ods, packed, parts_of
from word_files import docx, p

from toolkit.checks.review import check
from toolkit.documents.plain.source import read_markdown, read_text
from toolkit.documents.sections import split
from toolkit.files.admit import admit
from toolkit.forms.loader import bundled_forms
from toolkit.problems import Problem
from toolkit.reading import read_submissions
from toolkit.reports.content import report_of
from toolkit.reports.web_page import report_page
from toolkit.reports.word_report import build_report
from toolkit.submission.json_csv import to_data

SLOW = 20.0
"""Seconds; a usual file takes some thousandths of one."""
WORDS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1e308",
        "NaN",
        "1048577",
        "99999999999999999999",
        "A1",
        "XFD1048576",
        "true",
        "s",
        "e",
        "str",
    ),
    *(
        "#REF!",
        "=1+1",
        "三",
        "_gknb",
        "rId1",
        "../x",
        "\u202e",
        "\ufeff",
        "０",
        "一、",
        "七、",
        "&amp;",
        "]]>",
        "x" * 3000,
    ),
    *("2024年", "（一）", "第1页", "|---|", "| a | b |", "\t", "\u3000", "﹪", "合计", "自然人", "\x0b", "\ud7ff"),
)
"""What stands where something else should."""

Parts = Mapping[str, bytes]


@dataclass(frozen=True)
class Target:
    """What is held to its promise: sound files, how one is changed, and what is done with it."""

    seeds: Callable[[], tuple[bytes, ...]]
    change: Callable[[bytes, random.Random], bytes]
    run: Callable[[bytes], None]


def changed_bytes(content: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, taken out, doubled, or cut off."""
    raw = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at, length = rng.randrange(len(raw) + 1), rng.choice((1, 2, 4, 30, 500))
        match rng.randrange(6):
            case 0:
                raw[at : at + length] = rng.randbytes(length)
            case 1:
                del raw[at : at + length]
            case 2:
                raw[at:at] = raw[at : at + length]
            case 3:
                raw[at:at] = rng.choice(WORDS).encode()
            case 4:
                del raw[at:]
            case _:
                raw[at : at + 1] = bytes([rng.choice((0, 0x7F, 0xFF, 0x3C, 0x26))])
    return bytes(raw)


def changed_tree(root: "etree._Element", rng: random.Random) -> None:
    """Some elements taken out, doubled, moved, renamed, or with another attribute or text."""
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        element, other = rng.choice(elements), rng.choice(elements)
        parent = element.getparent()
        match rng.randrange(7):
            case 0 if parent is not None:
                parent.remove(element)
            case 1 if parent is not None:
                parent.insert(
                    rng.randrange(len(parent) + 1), etree.fromstring(etree.tostring(element, with_tail=False))
                )
            case 2 if parent is not None and other not in element.iter():
                other.append(element)
            case 3 if element.attrib:
                element.set(rng.choice(list(element.attrib)), _word(rng))
            case 4 if element.attrib:
                del element.attrib[rng.choice(list(element.attrib))]
            case 5:
                element.tag = other.tag
            case _:
                element.text = _word(rng)


def _word(rng: random.Random) -> str:
    word = rng.choice(WORDS)
    return "".join(char for char in word if char in "\t\n" or char >= " ")


def changed_package(content: bytes, rng: random.Random) -> bytes:
    """A package with some parts changed, left out, or called otherwise; then, now and then, its bytes."""
    parts = dict(_parts(content))
    for _ in range(rng.choice((1, 1, 1, 3))):
        name = rng.choice([name for name in parts if name.endswith((".xml", ".rels"))] or list(parts))
        match rng.randrange(10):
            case 0:
                del parts[name]
            case 1:
                moved = parts.pop(name)
                parts[rng.choice(list(parts) or [name])] = moved
            case 2 | 3:
                parts[name] = changed_bytes(parts[name], rng)
            case _:
                parts[name] = _changed_xml(parts[name], rng)
        if not parts:
            break
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part)
    return changed_bytes(out.getvalue(), rng) if rng.random() < 0.1 else out.getvalue()


@cache
def _parts(content: bytes) -> Parts:
    return parts_of(content)


def _changed_xml(content: bytes, rng: random.Random) -> bytes:
    try:
        root = etree.fromstring(content)
    except etree.XMLSyntaxError:
        return changed_bytes(content, rng)
    changed_tree(root, rng)
    return etree.tostring(root)


def changed_page(content: bytes, rng: random.Random) -> bytes:
    """A web page with some elements changed, or its bytes."""
    if rng.random() < 0.2:
        return changed_bytes(content, rng)
    root = html.fromstring(content.decode())
    changed_tree(root, rng)
    return bytes(html.tostring(root, encoding="utf-8"))


def changed_lines(content: bytes, rng: random.Random) -> bytes:
    """A text with some lines taken out, doubled, moved, joined, or with other words in them; or its bytes."""
    if rng.random() < 0.1:
        return changed_bytes(content, rng)
    lines = content.decode("utf-8", "replace").split("\n")
    for _ in range(rng.choice((1, 2, 5, 20))):
        at = rng.randrange(len(lines))
        match rng.randrange(6):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines[at:at] = lines[at : at + rng.choice((1, 3))] * rng.choice((1, 2, 50))
            case 2:
                lines.insert(rng.randrange(len(lines)), lines[at])
            case 3 if at + 1 < len(lines):
                lines[at : at + 2] = [lines[at] + lines[at + 1]]
            case 4:
                words = lines[at].split(" ")
                words[rng.randrange(len(words))] = rng.choice(WORDS)
                lines[at] = " ".join(words)
            case _:
                cut = rng.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + rng.choice(WORDS) + lines[at][cut:]
    return "\n".join(lines).encode("utf-8", "replace")


def changed_any(content: bytes, rng: random.Random) -> bytes:
    """A file of any kind, changed as it is built."""
    if content.startswith(b"PK"):
        return changed_package(content, rng)
    if content.lstrip()[:1] == b"<":
        return changed_page(content, rng)
    if content.startswith((b"%PDF", b"\xd0\xcf")):
        return changed_bytes(content, rng)
    return changed_lines(content, rng)


@cache
def workbooks() -> tuple[bytes, ...]:
    return tuple(good(number) for number in range(3))


@cache
def reports() -> tuple[bytes, ...]:
    """Published reports in every format that is read."""
    submission = kit.report("suqian-2024")
    page = report_page(report_of(submission)).encode()
    texts = [published.published(name) for name in ("huaian-2024.txt", "wenxian-jyj-2020.txt")]
    return (page, build_report(submission), *texts)


@cache
def everything() -> tuple[bytes, ...]:
    """A small file of every kind, so that very many can be tried."""
    parts = parts_of(good())
    few = {name: part for name, part in parts.items() if len(part) < 3000}
    page = "<html><body><table><tr><td>甲</td><td>1</td></tr></table></body></html>".encode()
    text, data = "一、总体情况\n甲\n".encode(), b'{"form": "2021", "values": {}}'
    packages = (packed(few), packed({**few, "xl/vbaProject.bin": b"x"}), docx(p("字")), ods("<table:table/>"))
    return (*packages * 4, packed({"a.xlsx": packed(few)}), page, text, data, b"%PDF-1.7\n1 0 obj<<>>endobj\n")


@cache
def prose() -> tuple[bytes, ...]:
    """Texts, as offices write them."""
    return tuple(
        "\n".join(f"{number}、标题\n" + "\n".join(paragraphs) for number, paragraphs in report.texts.items()).encode()
        for report in (kit.report("suqian-2024"), kit.report("wenxian-jyj-2020"))
    )


def read_whole(content: bytes) -> None:
    """Read a file as every command does, and hold what comes out against the rules."""
    for submission in read_submissions(content, "某局2024年年报", kit.LOOKUP):
        check(submission)
        json.dumps(to_data(submission), ensure_ascii=False).encode()


def split_text(content: bytes) -> None:
    """Split a text into the sections of a form."""
    chosen = sum(content[:50])
    form = bundled_forms()[chosen % len(bundled_forms())]
    read = (read_text, read_markdown)[chosen // 2 % 2]
    split(read(content), form, form.report_title("某局", 2024), "某局")


TARGETS = {
    "gate": Target(everything, changed_any, lambda content: (admit(content), None)[1]),
    "reader": Target(workbooks, changed_package, read_whole),
    "importer": Target(reports, changed_any, read_whole),
    "splitter": Target(prose, changed_lines, split_text),
}


@dataclass(frozen=True)
class Found:
    """An execution that broke its promise, and how."""

    target: str
    number: int
    what: str


def execute(name: str, number: int) -> tuple[str, Found | None]:
    """One execution: what came of it in a word, and what was found."""
    target = TARGETS[name]
    rng = random.Random(f"{name}:{number}")
    content = target.change(rng.choice(target.seeds()), rng)
    started = time.process_time()
    try:
        target.run(content)
    except Problem as problem:
        outcome = getattr(problem, "cause", "problem")
        if outcome == "unforeseen":
            return outcome, Found(name, number, "".join(traceback.format_exception(problem.__cause__ or problem)[-4:]))
    except Exception:
        return "broken", Found(name, number, traceback.format_exc(limit=-4))
    else:
        outcome = "read"
    seconds = time.process_time() - started
    return outcome, Found(name, number, f"took {seconds:.1f} s") if seconds > SLOW else None


def fuzz(name: str, numbers: range, seconds: float = float("inf")) -> tuple[Counter[str], list[Found]]:
    """So many executions, or as many as there is time for: how often each outcome came, and what was found."""
    end = time.monotonic() + seconds
    outcomes: Counter[str] = Counter()
    found: list[Found] = []
    for number in numbers:
        if time.monotonic() > end:
            break
        outcome, broken = execute(name, number)
        outcomes[outcome] += 1
        if broken:
            found.append(broken)
    return outcomes, found


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--target", choices=TARGETS, required=True)
    arguments.add_argument("--start", type=int, default=0)
    arguments.add_argument("--executions", type=int, default=1000)
    arguments.add_argument("--only", type=int)
    asked = arguments.parse_args()
    if asked.only is not None:
        print(*execute(asked.target, asked.only), sep="\n")
        sys.exit()
    counts, broken_ones = fuzz(asked.target, range(asked.start, asked.start + asked.executions))
    print(asked.target, sum(counts.values()), dict(counts))
    kinds = {one.what.strip().splitlines()[-1]: one for one in broken_ones}
    for line, one in kinds.items():
        print(f"--- {sum(other.what.strip().endswith(line) for other in broken_ones)} times: {one.number}\n{one.what}")
