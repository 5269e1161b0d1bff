"""Every rule finds what it must, exactly there, and leaves the near miss alone (tests/conformance/*.toml)."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from kit import LOOKUP, checked, report, write
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from packages import as_ods, locked, packed, parts_of
from places import TESTS

from toolkit.batch.check_job import unreadable
from toolkit.batch.ledger.file_result import FileResult
from toolkit.batch.ledger.priors import Priors, write_priors
from toolkit.batch.received.files import Item
from toolkit.batch.roster import Roster, RosterEntry
from toolkit.batch.sources import ReadingOptions, read_item
from toolkit.checks.catalogue import rule_catalogue
from toolkit.checks.findings import Finding, Rule
from toolkit.checks.review import check
from toolkit.checks.settings import Settings
from toolkit.forms.loader import bundled_forms, load_form
from toolkit.forms.model import Form
from toolkit.reports.content import report_of
from toolkit.reports.web_page import report_page
from toolkit.submission.json_csv import read_data, to_data
from toolkit.submission.model import Explanation, Identity, Submission
from toolkit.submission.signing import Key, sign
from toolkit.workbook.template import build_workbook

FOLDER = TESTS / "conformance"
CASES: list[dict[str, Any]] = [
    {**case, "name": f"{case['rule']}-{'near' if case.get('near') else 'raised'}-{number}"}
    for file in sorted(FOLDER.glob("*.toml"))
    if not file.stem.endswith(".form")
    for number, case in enumerate(tomllib.loads(file.read_text(encoding="utf-8"))["case"])
]
KEYS = {"rule", "name", "near", "base", "prior", "prior_year", "agency", "year", "info", "values", "blank", "texts"}
KEYS |= {
    "package",
    "password",
    "kind",
    "roster",
    "raw",
    "workbook",
    "form",
    "data",
    "new",
    "there",
    "prior_is_new",
    "edit",
    "also",
    "page",
    "key",
    "signed",
    "asked",
    "explain",
    "earlier",
    "text_files",
    "thresholds",
}

FOLLOWING = {"text-differs-from-tables", "share-differs-from-tables", "growth-differs-from-last-year"}
FOLLOWING |= {"fee-notice-unmentioned"}
"""What a changed figure raises besides, where the report's text quotes it; and what a case raises besides that has no
fee charged, because the report has requests for which no fee was paid."""


def reading_of(case: dict[str, Any]) -> ReadingOptions:
    return ReadingOptions(FOLDER / case["form"]) if "form" in case else ReadingOptions()


def base_data(case: dict[str, Any]) -> dict[str, Any]:
    if "data" in case:
        return json.loads(json.dumps(case["data"]))
    base = report(case.get("base", "suqian-2024"))
    data = to_data(base)
    for cell in base.form.computed:
        del data["values"][cell.id]
    for cell, value in base.shown.items():
        data["values"][cell] = value
    return data


def changed_file(case: dict[str, Any], folder: Path, changed: bool) -> Path:
    """The case as a file: a data file, or a workbook that another program edited."""
    if "raw" in case:
        return write(folder / "case.csv", case["raw"].encode("gb18030"))
    data = base_data(case)
    if changed:
        data |= {key: case[key] for key in ("agency", "year") if key in case}
        data["info"] = data.get("info", {}) | case.get("info", {})
        data["values"] |= case.get("values", {}) | dict.fromkeys(case.get("blank", ()))
        data["texts"] |= case.get("texts", {})
    file = write(folder / "case.json", json.dumps(data, ensure_ascii=False).encode())
    if "page" in case:
        return write(folder / "case.html", page_of(read_data(file, LOOKUP)[0], case["page"] if changed else ()))
    if "workbook" not in case and "edit" not in case:
        return file
    (source,) = read_item(Item(str(file)), reading_of(case))
    assert source.submission is not None, source.problem
    filled = replace(source.submission, issued="1")
    signature = signature_of(filled, case["signed"]) if changed and "signed" in case else ""
    made = write(folder / "case.xlsx", build_workbook(filled, signature=signature))
    book = load_workbook(made)
    for place, value in case.get("workbook", {}).items() if changed else ():
        sheet, _, address = place.partition("!")
        book[sheet][address] = value
    for step in case.get("edit", ()) if changed else ():
        take(book, *step)
    book.save(made)
    if changed and "package" in case:
        write(made, packed({**parts_of(made.read_bytes()), **{k: v.encode() for k, v in case["package"].items()}}))
    if changed and "password" in case:
        write(made, locked(made.read_bytes(), case["password"]))
    if changed and "kind" in case:
        return write(made.with_suffix(".ods"), as_ods(made))
    return made


def key_of(name: str) -> Key:
    """A key that a case names."""
    return Key(name.encode())


def signature_of(filled: Submission, key: str) -> str:
    return sign(key_of(key), Identity(filled.form.id, filled.year, filled.agency, filled.issued))


def page_of(submission: Submission, edits: Sequence[tuple[str, str]]) -> bytes:
    """The report as a published page, after some edits: pattern and replacement."""
    page = report_page(report_of(submission))
    for pattern, replacement in edits:
        page, count = re.subn(pattern, replacement, page, count=1, flags=re.S)
        assert count == 1, pattern
    return page.encode()


def take(book: Workbook, step: str, sheet: str, what: Any = None) -> None:
    """One step that another program takes."""
    if step == "add":
        book.create_sheet(sheet)
    elif step == "remove":
        del book[sheet]
    elif step == "rename":
        book[sheet].title = what
    elif step == "name":
        book.defined_names[sheet] = DefinedName(sheet, attr_text=what)
    elif step == "hide":
        book[sheet].sheet_state = "hidden"
    elif step == "hide_row":
        book[sheet].row_dimensions[what].hidden = True
    elif step == "hide_column":
        book[sheet].column_dimensions[what].hidden = True
    elif step == "format":
        for place, code in what.items():
            book[sheet][place].number_format = code
    elif step in ("lock", "unlock"):
        book[sheet].protection.sheet = step == "lock"
    else:
        getattr(book[sheet], step)(what)


def result_of(case: dict[str, Any], folder: Path, changed: bool = True) -> FileResult:
    file = changed_file(case, folder / "foreign" / str(changed), changed)
    priors = None
    if "prior" in case and (changed or "prior_is_new" not in case):
        prior = report(case["prior"])
        prior = replace(prior, year=case.get("prior_year", prior.year))
        write_priors(file.with_name("priors"), [prior])
        priors = Priors(str(file.with_name("priors")))
    (source,) = read_item(Item(str(file)), reading_of(case))
    if source.submission is None:
        return unreadable(Item(str(file)), source.problem, source.cause)
    batch = [source.submission]
    if changed and "explain" in case:
        found = {found.rule: found.fingerprint for found in check(source.submission)}
        written = tuple(Explanation(found[rule], text) for rule, text in case["explain"].items())
        batch = [replace(source.submission, explanations=written)]
    if changed and "also" in case:
        batch.append(replace(source.submission, **case["also"]))
    names = case.get("roster", ()) if changed else ()
    entries = [RosterEntry(**{"row": number, **name}) for number, name in enumerate(names, 2)]
    roster = Roster(tuple(entries)) if entries else None
    key = key_of(case["key"]) if changed and "key" in case else None
    asked = case.get("asked") if changed else None
    if changed and "earlier" in case:
        earlier = replace(source.submission, values={**source.submission.values, **case["earlier"]})
        checked(earlier, roster=roster, folder=folder)
        return checked(*batch, roster=roster, folder=folder)[0]
    limits = {rule: Decimal(limit) for rule, limit in case.get("thresholds", {}).items()} if changed else {}
    settings = Settings(thresholds=limits)
    given = case.get("text_files", {}) if changed else {}
    texts = text_files(given, folder / "foreign" / "另交的文字") if given else None
    return checked(*batch, priors=priors, roster=roster, settings=settings, key=key, year=asked, texts=texts)[0]


def text_files(contents: dict[str, str], folder: Path) -> Path:
    """A folder of text files."""
    for name, content in contents.items():
        write(folder / name, content.encode())
    return folder


def beyond(case: dict[str, Any], folder: Path) -> list[Finding]:
    """What the change raises beyond the report's own findings."""
    findings = list(result_of(case, folder).findings)
    if "raw" in case:
        return findings
    for own in result_of(case, folder, changed=False).findings:
        same = next((f for f in findings if (f.rule, f.message) == (own.rule, own.message)), None)
        if same:
            findings.remove(same)
    return findings


def forms_of(case: dict[str, Any]) -> list[Form]:
    return [*bundled_forms(), *([load_form(FOLDER / case["form"])] if "form" in case else [])]


def is_worded(found: Finding, rule: Rule) -> bool:
    """Whether the message of a finding is one of its rule's templates with something in the place of each fact."""
    for template in (rule.message, *rule.variants.values()):
        pattern = "".join(
            re.escape(text) + (".*" if name is not None else "") for text, name, _, _ in Formatter().parse(template)
        )
        if re.fullmatch(pattern, found.message):
            return True
    return False


def test_every_rule_has_a_case_and_a_near_miss() -> None:
    rules = {rule.id for rule, _ in rule_catalogue(bundled_forms())}
    assert rules == {case["rule"] for case in CASES if not case.get("near")}
    assert rules == {case["rule"] for case in CASES if case.get("near")}
    assert all(set(case) <= KEYS for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    rule = case["rule"]
    findings = beyond(case, tmp_path)
    rules = {rule.id: rule for rule, _ in rule_catalogue(forms_of(case))}
    assert all(is_worded(found, rules[found.rule]) for found in findings), [found.message for found in findings]
    mine = [found for found in findings if found.rule == rule]
    if case.get("near"):
        assert mine == []
        return
    raised = Counter(found.rule for found in findings if found.rule not in FOLLOWING or found.rule in case["new"])
    assert raised == case["new"], [found.message for found in findings]
    places = [place for found in mine for place in (found.cells or found.at)]
    assert sorted(places) == sorted(case.get("there", []))
    assert all(found.message.endswith(("。", "？")) for found in mine)
