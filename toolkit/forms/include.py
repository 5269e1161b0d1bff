"""Adds to a form definition what it includes (引用): rules that come with the toolkit and that several forms share.

``include = ["narrative"]`` names files of ``templates/shared``. The file ``language`` is always included. What the form
says itself goes before what is included:

- a table (表) is merged key by key; of any other value, the form's own counts;
- in a list (数组), the included items come first, then the form's own;
- an own item with the ``id`` (without one: the ``name``) of an included item takes its place;
- an own item with ``before = "…"`` stands before the item of that ``id`` or ``name``.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from toolkit.forms.faults import Fail, require_unique
from toolkit.resources import resource

FOLDER = "templates/shared"
ALWAYS = ("language",)
"""What every form has without naming it: the words of the rules on texts."""


@cache
def shared_names() -> tuple[str, ...]:
    """Return what a form can include."""
    return tuple(sorted(path.stem for path in resource(FOLDER).glob("*.toml")))


@cache
def shared(name: str) -> Mapping[str, Any]:
    """Return what stands in a shared file. Nobody may change it."""
    return tomllib.loads((resource(FOLDER) / f"{name}.toml").read_text(encoding="utf-8"))


def with_included(data: Mapping[str, Any], fail: Fail) -> dict[str, Any]:
    """Return the data of a form definition with what it includes; `fail` is called with the key and the fault."""
    own = dict(data)
    names = own.pop("include", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        fail("include", '应为数组，每项是要引用的名称，如 ["narrative"]')
    require_unique(fail, "include", names)
    included: Any = {}
    for name in dict.fromkeys((*ALWAYS, *names)):
        if name not in shared_names():
            fail("include", f"没有自带的「{name}」，可以引用的有 {'、'.join(_by_name())}")
        included = _merged(included, shared(name), "", fail)
    return dict(_merged(included, own, "", fail))


def _by_name() -> list[str]:
    """Return what a form includes by its name."""
    return [name for name in shared_names() if name not in ALWAYS]


def _merged(included: Any, own: Any, key: str, fail: Fail) -> Any:
    if isinstance(included, dict) and isinstance(own, dict):
        result = dict(included)
        for name, value in own.items():
            inner = f"{key}.{name}" if key else name
            result[name] = _merged(included[name], value, inner, fail) if name in included else value
        return result
    if isinstance(included, list) and isinstance(own, list):
        return _merged_lists(included, own, key, fail)
    return own


def _merged_lists(included: list[Any], own: list[Any], key: str, fail: Fail) -> list[Any]:
    result = list(included)
    for item in own:
        name = _name(item)
        names = [_name(other) for other in result]
        if isinstance(item, dict) and "before" in item:
            before = item["before"]
            if before not in names or before is None:
                fail(f"{key}[{name}].before", f"引用的规则里没有「{before}」这一项")
            rest = {field: value for field, value in item.items() if field != "before"}
            result.insert(names.index(before), rest)
        elif name is not None and name in names:
            result[names.index(name)] = item
        else:
            result.append(item)
    return result


def _name(item: Any) -> Any:
    """Return by what an item of a list is known; None when it has no name."""
    return item.get("id", item.get("name")) if isinstance(item, dict) else None
