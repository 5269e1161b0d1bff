"""Finds and loads forms: those that come with the toolkit (自带格式), and a form of one's own (自定格式).

Every fault of a form definition is a `FormProblem` that names the file, the key and what is wrong.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from toolkit.files.read import read_whole
from toolkit.forms.decode import decode
from toolkit.forms.faults import fail_in
from toolkit.forms.model import Form
from toolkit.forms.resolve import resolve_form
from toolkit.problems import Problem
from toolkit.resources import resource


def load_form(path: Path) -> Form:
    """Read one form definition.

    Raises FormProblem with the file, the key and the fault.
    """
    try:
        text = read_whole(path).decode("utf-8-sig")
    except FileNotFoundError:
        raise Problem(f"找不到格式定义 {path}。请检查 --form 后面的路径。") from None
    except (OSError, UnicodeDecodeError):
        raise Problem(f"格式定义 {path} 打不开或不是 UTF-8 文本。请用文本编辑器另存为 UTF-8 后再试。") from None
    return parse_form(text, path.name)


def parse_form(text: str, name: str) -> Form:
    """Like `load_form`, from the TOML text; `name` is what messages call the file."""
    fail = fail_in(name)
    return resolve_form(decode(text, fail), fail)


@cache
def bundled_form(form_id: str) -> Form | None:
    """The bundled form of this id, or None."""
    path = resource(f"templates/{form_id}.toml")
    return load_form(path) if form_id in bundled_ids() else None


@cache
def bundled_ids() -> tuple[str, ...]:
    """Ids of the bundled forms, oldest first."""
    return tuple(sorted(path.stem for path in resource("templates").glob("*.toml")))


def bundled_forms() -> list[Form]:
    """The bundled forms, oldest first."""
    return [form for form_id in bundled_ids() if (form := bundled_form(form_id))]


@dataclass(frozen=True)
class FormLookup:
    """Finds a form by its id: a form of one's own first, then the bundled ones."""

    own: Form | None = None

    def __call__(self, form_id: str) -> Form | None:
        return self.own if self.own is not None and self.own.id == form_id else bundled_form(form_id)

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every form that there is, the one of one's own first."""
        own = (self.own,) if self.own else ()
        return (*own, *(form for form in bundled_forms() if not self.own or form.id != self.own.id))


def form_lookup(own: Form | None = None) -> FormLookup:
    """Finds a form by its id: a form of one's own first, then the bundled ones."""
    return FormLookup(own)


def form_for_year(year: int) -> Form:
    """The bundled edition that a report year is made on.

    Raises Problem when no edition serves that year.
    """
    forms = bundled_forms()
    for form in reversed(forms):
        if form.serves(year):
            return form
    served = "；".join(f"格式 {form.id} 用于 {form.years_text}" for form in forms)
    raise Problem(f"没有适用于报告年度 {year} 的格式（{served}）。请检查 --year，应为四位报告年度。")
