"""`gknb rules`: the rule catalogue."""

from toolkit.cli.arguments import form_of
from toolkit.cli.console import show, show_json
from toolkit.cli.options import AsJson, FormFile, OptionalYear


def rules(year: OptionalYear = None, as_json: AsJson = False, form_file: FormFile = None) -> None:
    """列出全部校验规则：编号、名称、轻重、要求、依据和一个例子。

    例：
    gknb rules
    gknb rules --year 2024
    """
    from toolkit.checks.catalogue import rule_catalogue, with_samples
    from toolkit.checks.findings import SEVERITY_WORDS
    from toolkit.forms.loader import bundled_forms

    forms = bundled_forms() if year is None and form_file is None else [form_of(year, form_file)]
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
