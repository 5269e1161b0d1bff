"""Where the bundled files are: form definitions, the Word base document, the example."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "_bundled", _PACKAGE.parent)  # in an installed wheel, in a checkout


def resource(name: str) -> Path:
    """Return the path of a bundled file or folder, e.g. ``templates/2021.toml``."""
    root = next((root for root in _ROOTS if (root / "templates").is_dir()), _ROOTS[-1])
    return root / name


def version() -> str:
    """Return the version that is installed, or an empty text when the toolkit runs from a checkout."""
    try:
        return installed_version("gknb-toolkit")
    except PackageNotFoundError:
        return ""
