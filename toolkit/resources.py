"""Where the files that come with the toolkit are: form definitions, the Word base document, the example."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "_bundled", _PACKAGE.parent)  # installed as a wheel; a checkout


def resource(name: str) -> Path:
    """The path of a bundled file or folder, e.g. ``templates/2021.toml``."""
    root = next((root for root in _ROOTS if (root / "templates").is_dir()), _ROOTS[-1])
    return root / name


def version() -> str:
    """The version that is installed, empty in a bare checkout."""
    try:
        return installed_version("gknb-toolkit")
    except PackageNotFoundError:
        return ""
