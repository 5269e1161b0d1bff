"""The pages that readers get: README.md, CONTRIBUTING.md and docs/, and the commands that stand in them."""

import re
from pathlib import Path

from places import ROOT

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]


def read_page(path: Path) -> str:
    """Return the text of a page."""
    return path.read_text(encoding="utf-8")


def chapter(page: Path, heading: str) -> str:
    """Return what stands under a heading of the second level. Raise ValueError when there is none of that name."""
    text = read_page(page)
    start = text.index(f"\n## {heading}\n")
    return text[start : text.find("\n## ", start + 1)]


def fenced(text: str, language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def commands(text: str) -> list[str]:
    """Return the calls of the program in the shell blocks of a text, without its name."""
    lines = [line for block in fenced(text, "sh") for line in block.splitlines()]
    return [line.removeprefix("gknb ") for line in lines if line.startswith("gknb ")]


def printed(text: str) -> list[str]:
    """Return the lines that a text says are printed."""
    return [line for block in fenced(text, "text") for line in block.splitlines()]
