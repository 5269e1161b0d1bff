"""Everything that is raised on the real reports, as the golden file has it.

``python tests/helpers/golden.py`` writes the file anew; each line of it was read and is defensible.
"""

import json

from kit import REPORT_DATA, report
from places import TESTS

from toolkit.checks.review import check

GOLDEN = TESTS / "checks" / "golden.json"


def raised() -> dict[str, list[str]]:
    """Severity, rule and message of every finding, by report."""
    return {
        name: [f"{found.severity} {found.rule}: {found.message}" for found in check(report(name))]
        for name in sorted(REPORT_DATA)
    } | {
        "suqian-2024 beside suqian-2023": [
            f"{found.severity} {found.rule}: {found.message}"
            for found in check(report("suqian-2024"), report("suqian-2023"))
        ]
    }


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(raised(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
