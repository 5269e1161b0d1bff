"""Reports whose texts are made of the sentences of real ones, some copied from others."""

import random
import re
from dataclasses import replace

from kit import REPORT_DATA, report

from toolkit.submission.model import Submission

BASE = report("suqian-2024")
SENTENCES = sorted(
    {
        sentence
        for name in REPORT_DATA
        for texts in report(name).texts.values()
        for paragraph in texts
        for sentence in re.split(r"(?<=[。；])", paragraph)
        if len(sentence) > 20
    }
)


def with_text(agency: str, *paragraphs: str, year: int = 2024) -> Submission:
    return replace(BASE, agency=agency, year=year, texts={"一": paragraphs})


def generated(number: int, rng: random.Random, copied: float = 0) -> list[Submission]:
    """Agencies with texts of some 1,000 characters; a share of them copied from one before, slightly changed."""
    made: list[Submission] = []
    for index in range(number):
        if made and rng.random() < copied:
            text = rng.choice(made).texts["一"][0]
            text = re.sub(r"\d+", lambda _: str(rng.randrange(1000)), text).replace("，", "、")
        else:
            text = "".join("".join(rng.sample(part, len(part))) for part in rng.sample(SENTENCES, 14))
        made.append(with_text(f"机关{index}", text))
    return made
