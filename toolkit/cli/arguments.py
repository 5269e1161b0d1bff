"""Turns command-line arguments into the objects they name: form, settings, key, worker pool."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import toolkit
from toolkit.batch.pool_settings import MEMORY, SECONDS
from toolkit.problems import Problem
from toolkit.submission.model import NOTHING_KNOWN, Known
from toolkit.submission.years import YEARS

if TYPE_CHECKING:
    from toolkit.batch.pool_settings import PoolSettings
    from toolkit.batch.sources import ReadingOptions
    from toolkit.checks.settings import Settings
    from toolkit.forms.loader import FormLookup
    from toolkit.forms.model import Form
    from toolkit.submission.signing import Key


def settings_of(only: Sequence[str], skip: Sequence[str], form_file: Path | None, profile: str = "") -> "Settings":
    """Return the office's settings: those of gknb.toml in the working folder, changed by `--only`, `--skip` and
    `--profile`."""
    from toolkit.checks.catalogue import known_rules
    from toolkit.checks.settings import chosen, profile_of
    from toolkit.files.toml_file import FILE_NAME

    if not only and not skip and not profile and not Path(FILE_NAME).exists():
        from toolkit.checks.settings import STANDARD

        return STANDARD
    from toolkit.batch.project import read_settings

    known = known_rules(lookup_of(form_file).forms)
    settings = chosen(read_settings(Path(FILE_NAME), known), only, skip, known)
    return replace(settings, profile=profile_of(profile, "--profile")) if profile else settings


def require_year(year: int | None) -> None:
    """Raise Problem when a year is out of range."""
    if year is not None and year not in YEARS:
        raise Problem(f"报告年度 {year} 不对，应为四位年度，如 2024。请检查 --year。")
    if year is not None and year > (this_year := date.today().year):
        raise Problem(f"报告年度 {year} 还没有到，今年是 {this_year} 年。请检查 --year。")


def form_of(year: int | None, form_file: Path | None) -> "Form":
    """Return the form of a year or in a form file. Raise Problem when neither is given, or the file is not for this
    year."""
    require_year(year)
    if form_file is None:
        if year is None:
            raise Problem("请用 --year 指明报告年度（如 --year 2024），或用 --form 指明格式定义。")
        return toolkit.load_form(year)
    form = own_form(form_file)
    if year is not None and not form.serves(year):
        raise Problem(
            f"格式定义 {form_file.name}（{form.id}）用于 {form.years_text}，不用于 {year} 年。请检查 --year。"
        )
    return form


def lookup_of(form_file: Path | None) -> "FormLookup":
    """Return a function that finds forms by id, the user's own form file first. Raise FormProblem when the file is
    wrong."""
    from toolkit.forms.loader import form_lookup

    return form_lookup(own_form(form_file) if form_file else None)


def own_form(form_file: Path) -> "Form":
    """Return the form in the user's own form file. Raise FormProblem."""
    return toolkit.load_form(form_file)


def reading_of(
    form_file: Path | None,
    passwords: Sequence[str] | None = None,
    limits: Sequence[str] | None = None,
    known: Known = NOTHING_KNOWN,
    accepts_reports: bool = False,
) -> "ReadingOptions":
    """Return how files are to be read. Raise FormProblem when the user's form file is wrong, and Problem for a wrong
    limit."""
    from toolkit.batch.sources import ReadingOptions
    from toolkit.files.limits import Admission, limits_of

    lookup_of(form_file)
    admission = Admission(limits_of(limits or ()), tuple(passwords or ()))
    return ReadingOptions(form_file, admission, known, accepts_reports)


def key_of(key_file: Path | None, scheduler: str, *handed_out: Path | None) -> "Key | None":
    """Return the key in a file, None if no file is named. Raise Problem when the key would go where it must not: into
    one of the folders that are handed out, or over the network to the machines of a cluster."""
    from toolkit.submission.signing import read_key, require_key_outside

    if key_file is None:
        return None
    if scheduler:
        raise Problem("--key 不能与 --scheduler 合用：密钥不经过网络。请在本机运行（--workers 可以用几个进程）。")
    key = read_key(key_file)
    for folder in handed_out:
        if folder:
            require_key_outside(key_file, folder)
    return key


def pool_settings_for(
    workers: int | None, scheduler: str = "", seconds: float = SECONDS, memory: int = MEMORY
) -> "PoolSettings":
    """Return the settings of the worker pool."""
    from toolkit.batch.pool_settings import pool_settings

    return pool_settings(workers, scheduler, seconds, memory)
