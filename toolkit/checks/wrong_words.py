"""The rules on single words (写错的词): words that are wrong in any official text, and words that stand twice in a row.

The words are declared in `templates/shared/confusions.toml`.
"""

from collections.abc import Iterator

from toolkit.checks.findings import Finding, Rule, finding
from toolkit.checks.text_sentences import TextSentence, quoted, sentences, whole_text
from toolkit.forms.wrong_words import Wrong
from toolkit.submission.model import Submission

CONFUSED = Rule(
    "confused-words",
    "肯定写错的词",
    "warning",
    "文字里没有在任何公文里都肯定写错的词，如“布署”“帐号”“不子公开”。",
    "只提词表里肯定写错的；在有些句子里是对的词，那些句子不提。词表可以增减，见自定格式。",
    "{place}{spots}：{quoted}。请更正；所引文件、名称原来就这样写的，请说明。",
    {
        "place": "「一、某部分」第 2 段",
        "spots": "“布署”应为“部署”",
        "quoted": "“认真落实上级的工作布署。”",
    },
    identified_by=("spots", "quoted"),
)
DOUBLED = Rule(
    "doubled-words",
    "词写了两遍",
    "warning",
    "文字里没有紧接着写了两遍的词，如“审核审核”“2024年2024年”。",
    "只提词表里不会连写两遍的；“本规定规定的”“县政府政府信息公开”“公告公告栏”这样的不算。",
    "{place}{spots}：{quoted}。请删去多写的；没有多写的，请在中间加上标点。",
    {
        "place": "「一、某部分」第 2 段",
        "spots": "“审核审核”写了两遍",
        "quoted": "“规范审核审核发布机制。”",
    },
    identified_by=("spots", "quoted"),
)
RULES = (CONFUSED, DOUBLED)


def word_findings(submission: Submission) -> Iterator[Finding]:
    """Yield one finding of a rule for each sentence with wrong words."""
    words = submission.form.texts.wrong
    standing = words.standing_in(whole_text(submission))
    if not standing:
        return
    for sentence in sentences(submission):
        found = list(dict.fromkeys(words.in_text(sentence.plain, standing)))
        doubled = [one for one in found if one.written == one.right * 2]
        confused = [one for one in found if one not in doubled]
        if confused:
            yield _finding(CONFUSED, sentence, confused, [f"“{one.written}”应为“{one.right}”" for one in confused])
        if doubled:
            yield _finding(DOUBLED, sentence, doubled, [f"“{one.written}”写了两遍" for one in doubled])


def _finding(rule: Rule, sentence: TextSentence, found: list[Wrong], spots: list[str]) -> Finding:
    first = found[0]
    quote = quoted(sentence.text, first.written)
    return finding(
        rule,
        None,
        (),
        first.right,
        first.written,
        at=[sentence.at],
        place=sentence.place,
        spots="，".join(spots),
        quoted=quote,
    )
