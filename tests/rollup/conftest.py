"""What tests of the roll-up share."""

from pathlib import Path

import pytest
from rollups import Say

from toolkit.cli.main import run


@pytest.fixture
def gknb_here(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs a command in this process, from the test's folder: its exit status, and what it said."""
    monkeypatch.chdir(tmp_path)

    def said(*arguments: object) -> tuple[int, str]:
        capfd.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return status, captured.out + captured.err

    return said
