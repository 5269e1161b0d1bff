"""`gknb rules`: the rule catalogue, and the points of a review (审核要点) for agencies."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.arguments import form_of
from toolkit.cli.console import say, show, show_json
from toolkit.cli.options import AsJson, Force, FormFile, OptionalYear
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.forms.model import Form


def rules(
    year: OptionalYear = None,
    as_json: AsJson = False,
    form_file: FormFile = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="文件.docx", help="写成一份发给填报单位的“审核要点”（Word）"),
    ] = None,
    force: Force = False,
) -> None:
    """列出全部校验规则：编号、名称、轻重、要求、依据和一个例子。

    例：
    gknb rules
    gknb rules --year 2024
    gknb rules --year 2024 -o 审核要点.docx
    """
    from toolkit.checks.catalogue import rule_catalogue, with_samples
    from toolkit.checks.findings import SEVERITY_WORDS
    from toolkit.forms.loader import bundled_forms

    forms = bundled_forms() if year is None and form_file is None else [form_of(year, form_file)]
    if output is not None:
        _write_points(output, forms, force)
        return
    catalogue = with_samples(rule_catalogue(forms), forms)
    if as_json:
        show_json(
            [
                {
                    "id": rule.id,
                    "title": rule.title,
                    "severity": rule.severity,
                    "sentence": rule.sentence,
                    "basis": rule.basis,
                    "example": rule.example,
                    "forms": [form.id for form in owners],
                }
                for rule, owners in catalogue
            ]
        )
        return
    for rule, owners in catalogue:
        where = f"（格式 {'、'.join(form.id for form in owners)}）" if owners else ""
        show(f"{rule.id}  {rule.title}  {SEVERITY_WORDS[rule.severity]}{where}")
        show(f"    {rule.sentence}\n    依据：{rule.basis}")
        show(f"    例：{rule.example}")


def _write_points(output: Path, forms: "Sequence[Form]", force: bool) -> None:
    """Write the points of a review as a Word document."""
    from toolkit.checks.review_points import TITLE, review_points_page
    from toolkit.files.write import refuse_existing, write_output
    from toolkit.reports.markdown_page import build_page

    if output.suffix.lower() != ".docx":
        raise Problem(f"{TITLE}是 Word 文档，-o 后面的文件名应以 .docx 结尾，现为 {output.name}。")
    refuse_existing([output], force)
    write_output(output, build_page(review_points_page(forms), TITLE, "review-points"), force)
    say(f"已写出 {output}。")
