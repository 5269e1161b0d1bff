"""The guide for agencies (填报须知) as a Word document of one page, made from docs/填报须知.md."""

import re

from toolkit.reports.markdown_page import build_page
from toolkit.resources import resource

GUIDE = "docs/填报须知.md"
_ASK, _BY = re.compile("问：＿+　?(电话：＿+)?"), re.compile("＿+月＿+日前")


def build_guide(office: str = "", deadline: str = "") -> bytes:
    """Return the guide as the bytes of a .docx file, the same bytes each time. `office` answers questions,
    `deadline` is a date in words; where one is missing, the line stays blank to be filled in by hand."""
    text = resource(GUIDE).read_text(encoding="utf-8")
    text = _ASK.sub(lambda found: f"问：{office}" if office else found[0], text)
    text = _BY.sub(lambda found: f"{deadline}前" if deadline else found[0], text)
    return build_page(text, "填报须知", "guide", office)
