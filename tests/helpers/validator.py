"""Microsoft's Open XML SDK validator as an independent judge."""

import json
import subprocess
from pathlib import Path


def assert_valid(path: Path) -> None:
    result = subprocess.run(["ooxml-validator", str(path)], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout
    assert json.loads(result.stdout)["errors"] == []
