"""What is raised on the real reports was read and found defensible. Errors are arithmetic, blanks, spellings and
missing texts."""

import json

from golden import GOLDEN, raised
from kit import REPORT_DATA, report

from toolkit.checks.review import check

FIRM = {"blank", "odd-spelling", "text-missing"}


def test_what_is_raised_on_real_reports_was_read_before() -> None:
    assert raised() == json.loads(GOLDEN.read_text(encoding="utf-8")), "read the new findings, then: tests/golden.py"


def test_no_error_but_arithmetic_blanks_spellings_and_missing_texts() -> None:
    for name in REPORT_DATA:
        submission = report(name)
        relations = {relation.id for relation in submission.form.relations}
        assert {f.rule for f in check(submission) if f.severity == "error"} <= FIRM | relations, name
