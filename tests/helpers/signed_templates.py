"""Signed templates of a few agencies, and what is done to them."""

import base64
import io
import json
from pathlib import Path
from typing import Any

from kit import LOOKUP, checked, report
from openpyxl import Workbook, load_workbook
from rosters import CODES

from toolkit.checks.registry import OLD_FORMS, SIGNATURES, UNSIGNED_FORMS
from toolkit.forms.loader import form_for_year
from toolkit.submission.json_csv import to_data
from toolkit.submission.signing import Key
from toolkit.workbook.layout import layout_of
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_template

FORM = form_for_year(2024)
LAYOUT = layout_of(FORM)
KEY, OTHER_KEY = Key(bytes(range(32))), Key(bytes(range(1, 33)))
SIGNED = {rule.id for family in (SIGNATURES, OLD_FORMS, UNSIGNED_FORMS) for rule in family.rules}
DATA = to_data(report("suqian-2024"))
AGENCIES = [["机关", "代码", "曾用名"], ["甲局", CODES[0], "老甲局"], ["乙局", CODES[1], ""], ["丙局", "", ""]]


def template(agency: str, key: Key | None, serial: str = "1", year: int = 2024) -> bytes:
    return build_template(form_for_year(year), year, agency, issued=serial, key=key)


def said_of(content: bytes, key: Key | None = KEY, **others: Any) -> list[str]:
    (result,) = checked(read_workbook_bytes(content, LOOKUP), key=key, **others)
    return [found.rule for found in result.findings if found.rule in SIGNED | {"other-agency", "other-year"}]


def edited(content: bytes, *changes: tuple[str, object]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    for place, value in changes:
        sheet, _, address = place.partition("!")
        book[sheet][address] = value
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


MINE, THEIRS = template("甲局", KEY), template("乙局", KEY, "2")


def fill(path: Path) -> bytes:
    """An agency fills in its template with another program, not quite rightly."""
    book = load_workbook(path)
    for cell in FORM.filled:
        sheet, address = LAYOUT.places[cell.id].split("!")
        book[sheet][address] = float(DATA["values"][cell.id])
    book["三"]["D7"] = 99_999
    return saved(book)


def outcomes(said: str) -> dict[str, str]:
    """What is said of each file's signature, by its name; other-agency must not be said beside it."""
    found = {}
    for file in json.loads(said)["files"]:
        rules = [found["rule"] for found in file["findings"]]
        signed = [rule for rule in rules if rule in SIGNED]
        assert len(signed) <= 1
        assert not (signed and signed[0] in ("template-genuine", "template-of-other") and "other-agency" in rules)
        found[Path(file["path"]).name] = "".join(signed)
    return found


def spellings(key: Key) -> tuple[bytes, ...]:
    """The ways in which a key could stand somewhere; already a part of it would be too much."""
    secret = key.secret
    texts = (secret.hex(), secret.hex().upper(), base64.b64encode(secret).decode(), repr(secret)[2:-1])
    shifted = (base64.b64encode(b"x" * shift + secret)[4:-4].decode() for shift in (1, 2))
    return secret[:12], secret[-12:], *(part.encode() for one in (*texts, *shifted) for part in (one[:20], one[-20:]))
