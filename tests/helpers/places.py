"""Where things stand in the project."""

from pathlib import Path

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
EXAMPLES = ROOT / "examples"
TEMPLATES = ROOT / "templates"
REAL_REPORTS = TESTS / "real_reports"
"""The data of real reports, and some of them as they were published."""
