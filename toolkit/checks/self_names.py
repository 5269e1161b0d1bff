"""The rule on what an agency calls itself (自称): 我委 in the report of a 局 was copied from a 委.

The words are declared in `templates/shared/law.toml`.
"""

import re
from collections.abc import Iterator

from toolkit.checks.findings import Finding, Rule, finding
from toolkit.checks.text_sentences import TextSentence, plain, quoted, sentences
from toolkit.submission.model import Submission

SELF_NAME = Rule(
    "self-name-of-other-kind",
    "自称别的一种机关",
    "warning",
    "文字里的自称与填报机关是同一种：局自称“我局”，镇自称“我镇”。",
    "自称别的一种机关，往往是照抄其他机关的报告时没有改。上级地方（县局写“我市”）、引号里的不算。",
    "{place}自称“{name}”，填报机关是“{agency}”{count}：{quoted}。请核对文字是不是本机关的，并更正自称。",
    {
        "place": "「一、某部分」第 2 段",
        "name": "我委",
        "agency": "甲县某局",
        "count": "",
        "quoted": "“我委高度重视政府信息公开工作。”",
    },
    identified_by=("name",),
)
RULES = (SELF_NAME,)

_QUOTED = re.compile(r"“[^“”]*”|《[^《》]*》|「[^「」]*」|‘[^‘’]*’")


def self_name_findings(submission: Submission) -> Iterator[Finding]:
    """Yield one finding for each name by which the agency cannot call itself, where it stands first."""
    agency = plain(submission.agency)
    patterns = [
        one.words
        for one in submission.form.texts.law.self_names
        if one.agency.search(agency) and not (one.unless and one.unless.search(agency))
    ]
    if not patterns:
        return
    found: dict[str, list[TextSentence]] = {}
    for sentence in sentences(submission):
        if not any(pattern.search(sentence.plain) for pattern in patterns):
            continue
        spoken = _QUOTED.sub("", sentence.plain)
        for name in dict.fromkeys(match[0] for pattern in patterns for match in pattern.finditer(spoken)):
            found.setdefault(name, []).append(sentence)
    for name, places in found.items():
        count = f"，共 {len(places)} 句" if len(places) > 1 else ""
        facts = {"name": name, "agency": submission.agency, "count": count}
        quote = quoted(places[0].text, name)
        yield finding(
            SELF_NAME,
            None,
            (),
            submission.agency,
            name,
            at=[one.at for one in places],
            place=places[0].place,
            quoted=quote,
            **facts,
        )
