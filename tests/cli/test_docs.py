"""The pages in docs/ say what is so: generated pages are fresh, links lead on, commands and examples are real."""

import base64
import io
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer.main
from markdown_it import MarkdownIt
from pages import DOCS, PAGES, commands, fenced, read_page
from places import ROOT
from selenium import webdriver

from toolkit.batch.project import read_settings
from toolkit.bundle.__main__ import parser_of_arguments
from toolkit.checks.catalogue import GENERAL_RULES
from toolkit.checks.registry import LIMITED
from toolkit.cli.main import app
from toolkit.cli.reference import MARK, generated_pages
from toolkit.files.limits import STANDARD_LIMITS, limits_in_words
from toolkit.forms.loader import parse_form

GENERATED = generated_pages()
WRITTEN = [page for page in PAGES if page.name not in GENERATED]
MAINTAINERS = ROOT / "CONTRIBUTING.md"
"""It names options of many programs."""


def options() -> dict[str, set[str]]:
    """The options of each command."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("gknb", [], resilient_parsing=True)
    return {
        name: {
            "--help",
            *(word for one in group.get_command(context, name).params for word in (*one.opts, *one.secondary_opts)),
        }
        for name in group.list_commands(context)
    }


OPTIONS = options()
OF_BUNDLE = {word for action in parser_of_arguments()._actions for word in action.option_strings}
"""Options of `python -m toolkit.bundle`, which is no command of `gknb`."""


def anchors(page: Path) -> set[str]:
    """What a link may name of a page: its headings as GitHub writes them."""
    headings = re.findall(r"^#{1,6} (.+)$", re.sub(r"^```.*?^```", "", read_page(page), flags=re.S | re.M), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", GENERATED)
def test_generated_pages_are_fresh(name: str) -> None:
    assert read_page(DOCS / name) == GENERATED[name], "run: python -m toolkit.cli.reference docs"
    assert GENERATED[name].startswith(MARK)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_exist(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", read_page(page)):
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert ROOT in there.parents, target
        assert not anchor or anchor in anchors(there), target


def test_every_picture_is_shown_and_light() -> None:
    shown = "".join(map(read_page, PAGES))
    for picture in (DOCS / "图").iterdir():
        assert f"图/{picture.name})" in shown
        assert picture.stat().st_size < 150_000, picture.name


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_commands_and_their_options_exist(page: Path) -> None:
    text = read_page(page)
    for command in commands(text):
        name, *words = shlex.split(command)
        assert {word for word in words if word.startswith("-")} <= OPTIONS[name], command
    if page == MAINTAINERS:
        return
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", "".join(re.findall(r"`[^`\n]+`", text))))
    assert named <= OF_BUNDLE.union(*OPTIONS.values())


def test_the_form_that_is_explained_is_a_form() -> None:
    whole, words, quantity, language, law, carried = fenced(read_page(DOCS / "自定格式.md"), "toml")
    form = parse_form("\n".join((whole, words, quantity, language, law, carried)), "网站报表.toml")
    assert [relation.id for relation in form.relations] == ["posts-total", "posts-done"]
    assert len(form.carry_overs) == 3
    assert list(form.texts.wrong.confusions) == ["甲县财政全融局", "登陆"]
    assert form.texts.wrong.never_twice == {"专班"}
    assert form.texts.quantities[0].phrases[0].search("发布动态信息共3桩")
    assert form.texts.language.counts.acting.search("乙总队督办")
    assert form.texts.language.counts.part_of.search("本季")
    assert form.texts.language.years.comparison.search("换届")
    assert form.texts.language.written.placeholders[-1].search("（略）")
    assert form.texts.language.written.slips[-1].fault == "多写了字"
    assert [one.number for one in form.texts.law.documents] == ["甲政办发〔2021〕3号"]
    assert [one.words.pattern for one in form.texts.law.self_names] == ["我(?:局|镇|乡)"]


def test_the_settings_that_are_shown_are_settings(tmp_path: Path) -> None:
    (block,) = fenced(read_page(DOCS / "办公室手册.md"), "toml")
    (tmp_path / "gknb.toml").write_text(block, encoding="utf-8")
    settings = read_settings(tmp_path / "gknb.toml", {rule.id for rule in GENERAL_RULES})
    assert settings.levels == {"blank": "warning"}
    assert set(settings.thresholds) == set(LIMITED)


def test_the_limits_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (\d+) \|$", read_page(DOCS / "安全.md"), re.M)
    assert "；".join(f"{name}：{words}，平时 {usual}" for name, words, usual in rows) == limits_in_words()
    assert STANDARD_LIMITS.size == 100, "as the example of another size supposes"


def test_what_an_agency_gets_fits_on_one_sheet_of_paper(browser: webdriver.Chrome, tmp_path: Path) -> None:
    pdfplumber = pytest.importorskip("pdfplumber")
    body = MarkdownIt("commonmark").render(read_page(DOCS / "填报须知.md"))
    page = tmp_path / "填报须知.html"
    page.write_text(f'<meta charset="utf-8"><body style="font-size: 12pt; line-height: 1.4">{body}', encoding="utf-8")
    browser.get(page.as_uri())
    paper = browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"]
    with pdfplumber.open(io.BytesIO(base64.b64decode(paper))) as pdf:
        assert len(pdf.pages) == 1
