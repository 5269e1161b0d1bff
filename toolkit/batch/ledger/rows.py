"""Converts rows of the ledger (台账) to objects, and back."""

import json
from collections.abc import Sequence
from typing import Any

from toolkit.batch.ledger.file_result import Contender, FileResult, SectionText
from toolkit.batch.received.files import Item
from toolkit.batch.received.left_out import LeftOutFile
from toolkit.batch.received.sent_files import Arrival, SentKind
from toolkit.checks.explanations import RefusedExplanation, explained
from toolkit.checks.findings import Finding

ITEM = "id, path, members, changed, refused, twin, received, received_by, clues, is_report"
LEFT_OUT = "path, reason, kind, received, received_by, entry"
RESULT = (
    "r.id, r.item, r.name, r.status, r.changed, r.standing, r.entry, r.more, c.agency, c.year, c.form, c.issued,"
    " c.digest, c.suffix, c.empty, c.final, c.findings, c.without_power, c.doubt, r.received, r.received_by,"
    " c.explanations, r.answers, c.own_digest"
    " FROM returns r JOIN contents c ON c.id = r.content"
)
"""A return (r) with its content (c)."""
MERIT = "c.empty, r.status = 'unreadable', c.doubt"
COUNTS_FIRST = f"{MERIT}, r.received DESC, r.changed DESC, r.id DESC"
"""Order that puts first the return of an agency that counts: one that was filled in, that can be read, whose signature
proves that it is on the agency's own template or at least is not refused; and then the newest: the one that was
received last, and of those that came together the one that was changed last."""
CONTENDER = (
    f"r.id, r.entry, r.name, c.agency, r.status, r.changed, r.received, i.members, c.digest, c.suffix, {MERIT}"
    " FROM returns r JOIN contents c ON c.id = r.content LEFT JOIN items i ON i.id = r.item"
)


def item_of(row: tuple[Any, ...]) -> Item:
    """Return the file of a row of ITEM."""
    number, path, members, changed, refused, twin, received, received_by, clues, is_report = row
    why = json.loads(refused)
    arrival = Arrival(received, received_by, tuple(json.loads(clues)))
    return Item(
        path, tuple(json.loads(members)), changed, number, tuple(why) if why else None, twin, arrival, bool(is_report)
    )


def stored_item(item: Item) -> tuple[Any, ...]:
    """Return a file as it is stored, without its place: name, path, members and the rest of ITEM."""
    arrival = item.arrival
    return (
        *(item.name, item.path, json.dumps(item.members), item.changed, json.dumps(item.refused), item.twin),
        *(arrival.received, arrival.received_by, json.dumps(arrival.clues), int(item.is_report)),
    )


def stored_left_out(left: LeftOutFile) -> tuple[Any, ...]:
    """Return a left-out file as it is stored, see LEFT_OUT."""
    kind = json.dumps([left.kind.words, left.kind.instead], ensure_ascii=False) if left.kind else ""
    return left.path, left.reason, kind, left.arrival.received, left.arrival.received_by, left.entry


def left_out_of(row: tuple[Any, ...]) -> LeftOutFile:
    """Return the left-out file of a row of LEFT_OUT."""
    path, reason, kind, received, received_by, entry = row
    sent = SentKind(*json.loads(kind)) if kind else None
    return LeftOutFile(path, reason, kind=sent, arrival=Arrival(received, received_by), entry=entry)


def stored_profile(text: SectionText) -> tuple[int, bytes, str]:
    """Return the profile and the sketches of a text as they are stored: length, bits, bands."""
    bits = text.profile.bits
    return text.profile.length, bits.to_bytes((bits.bit_length() + 7) // 8), json.dumps(text.bands)


def stored_findings(findings: Sequence[Finding]) -> str:
    """Return findings as they are stored."""
    return json.dumps([*map(stored_finding, findings)], ensure_ascii=False)


def stored_finding(found: Finding) -> dict[str, Any]:
    """Return one finding as it is stored: as in findings.json, with its cause."""
    return {**found.data(), "cause": found.cause}


def result_of(row: tuple[Any, ...]) -> FileResult:
    """Return the result of a row of RESULT."""
    number, item, name, status, changed, standing, entry, more, agency, year, form, issued, digest, suffix = row[:14]
    written, refused = json.loads(row[22])
    findings = [finding_of(data) for data in (*json.loads(row[16]), *json.loads(more))]
    if written:
        findings = list(explained(findings, written, {key: RefusedExplanation(*both) for key, both in refused.items()}))
    return FileResult(
        path=name,
        status=status,
        findings=tuple(findings),
        agency=agency,
        year=year,
        form=form,
        issued=issued,
        digest=digest,
        suffix=suffix,
        without_power=tuple(map(finding_of, json.loads(row[17]))),
        empty=bool(row[14]),
        final=bool(row[15]),
        doubt=row[18],
        explanations=json.loads(row[21]),
        own_digest=row[23],
        changed=changed,
        received=row[19],
        received_by=row[20],
        standing=standing,
        entry=entry,
        id=number,
        item=item,
    )


def finding_of(data: dict[str, Any]) -> Finding:
    """Return the finding of its stored data."""
    values = {**data, "cells": tuple(data["cells"]), "at": tuple(data["at"])}
    return Finding(is_explained=values.pop("explained", False), **values)


def contender_of(row: tuple[Any, ...]) -> Contender:
    """Return the contender of a row of CONTENDER."""
    number, entry, name, agency, status, changed, received, members, digest, suffix, empty, unreadable, doubt = row
    is_in_archive = (members or "[]") != "[]"
    merit = (empty, unreadable, doubt)
    return Contender(number, entry, name, agency, status, changed, received, is_in_archive, (digest, suffix), merit)
