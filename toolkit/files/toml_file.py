"""Reads a TOML file that an office writes itself, such as gknb.toml."""

import re
import tomllib
from pathlib import Path
from typing import Any

from toolkit.files.read import read_whole
from toolkit.problems import Problem

FILE_NAME = "gknb.toml"
"""The file of an office: its project and its settings."""


def read_toml(path: Path) -> tuple[dict[str, Any], str] | None:
    """Return the data in a TOML file and its text; None if there is no file. Raise Problem, with the line, when it
    cannot be read or is no TOML."""
    try:
        text = read_whole(path).decode("utf-8-sig")
        return tomllib.loads(text), text
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise Problem(f"{path} 打不开或不是 UTF-8 文本。请用文本编辑器另存为 UTF-8 后再试。") from None
    except (ValueError, RecursionError) as error:  # numbers of any length and tables of any depth, too
        line = re.search(r"at line (\d+)", str(error))
        where = f"第 {line[1]} 行" if line else ""
        raise Problem(f"{path} {where}不合 TOML 写法。请检查引号、括号和等号是否成对。") from None
