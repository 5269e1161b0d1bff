"""The points of a review (审核要点), as a page for agencies: what each rule asks, its basis, an example, what to do."""

import re
from collections.abc import Iterator, Sequence

from toolkit.checks import published_report
from toolkit.checks.catalogue import rule_catalogue, with_samples
from toolkit.checks.families import FAMILY_NAMES, families
from toolkit.checks.findings import SEVERITY_WORDS, Rule
from toolkit.forms.model import Form

TITLE = "审核要点"
FORM_ITSELF, OTHERS = "表样", "文件和模板"
"""The headings that come last: a family of rules, and the rules that belong to no family."""
_PAGE = """# {title}

交表以前，照着看一遍：审核时看的就是这些。“错误”必须改；“提醒”要核对，写错的改正，属实的写明原因；“提示”只供参考。
例子里的地方、机关和数都是举例。标题后写着格式的，只用于那一版表样。

{groups}"""
_SENTENCE = re.compile(r"(?:“[^”]*”|「[^」]*」|[^。“「])+。?")
"""A sentence of a message. A full stop inside a quotation does not end it."""
_ASKS = re.compile("(?<!申)请")
"""What a message says when it asks the agency to do something."""


def review_points_page(forms: Sequence[Form]) -> str:
    """Return the page in Markdown: every rule on which an agency can act, by families, with examples on the newest of
    the forms."""
    groups: dict[str, list[str]] = {name: [] for name in (*FAMILY_NAMES, OTHERS)}
    groups |= {name: groups.pop(name) for name in (FORM_ITSELF, OTHERS)}
    owner_of = {rule: name for name, rules in families(forms).items() for rule in rules}
    for rule, owners in with_samples(rule_catalogue(forms), forms):
        if _is_for_agencies(rule):
            groups[owner_of.get(rule.id, OTHERS)] += _point(rule, owners)
    return _PAGE.format(
        title=TITLE, groups="\n".join(f"## {name}\n\n{''.join(points)}" for name, points in groups.items() if points)
    )


def _is_for_agencies(rule: Rule) -> bool:
    """Return False for a rule that tells the office something: what was read of a published page, that a file cannot be
    read, or information from a comparison that only the office can make."""
    told = rule.scope == "file" or (rule.severity == "info" and rule.scope != "submission")
    return not told and rule not in published_report.RULES


def _point(rule: Rule, owners: Sequence[Form]) -> Iterator[str]:
    """Yield a rule as a part of the page. Yield nothing if its message asks for nothing."""
    sentences = _SENTENCE.findall(rule.example)
    asked = next((number for number, sentence in enumerate(sentences) if _ASKS.search(sentence)), None)
    if asked is None:
        return
    where = f"，格式 {'、'.join(form.id for form in owners)}" if owners else ""
    yield f"### {rule.title}（{SEVERITY_WORDS[rule.severity]}{where}）\n\n"
    yield f"- 要求：{rule.sentence}\n- 依据：{rule.basis}\n"
    if asked:
        yield f"- 例：{''.join(sentences[:asked])}\n"
    yield f"- 怎么办：{''.join(sentences[asked:])}\n\n"
