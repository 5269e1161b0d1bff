"""Rules on the texts against the law (文字与法规): documents cited by a wrong name, requests that were all closed
although some were carried over, and fees for requests (信息处理费).

The words are declared in `templates/shared/law.toml`.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from toolkit.checks.findings import Finding, Rule, finding, place_of
from toolkit.checks.text_sentences import TextSentence, quoted, sentences, whole_text
from toolkit.forms.law_words import AllDone, Document, Fees
from toolkit.submission.model import Submission
from toolkit.submission.spelling import number_text

DOCUMENT = Rule(
    "document-name-differs",
    "文件名称和文号不配",
    "warning",
    "引用文件时，名称和文号是同一个文件的，机关代字写对。",
    "只看格式里列出的几个文件。沿用旧报告时往往只改了文号，没有改名称。",
    "{place}{written} 前面写的是{title}：{quoted}。{right}",
    {
        "place": "「一、某部分」第 1 段",
        "written": "某函〔2021〕3号",
        "title": "《甲通知》",
        "quoted": "“根据《甲通知》（某函〔2021〕3号）编制。”",
        "right": "《甲通知》是某函〔2019〕6号，某函〔2021〕3号是《乙通知》，请更正。",
    },
    variants={"code": "{place}{title}的文号写的是“{written}”，应为“{right}”：{quoted}。请更正机关代字。"},
    identified_by=("written", "quoted"),
)
ALL_DONE = Rule(
    "all-done-but-carried",
    "写全部办结，表中有结转",
    "info",
    "文字里写申请全部办结、办结率100%的，表中没有结转下年度的。",
    "写按期答复、到期的全部办结不算；同一句里写明结转的不算。",
    "{place}写的是全部办结，{cell}是 {left}：{quoted}。请核对；没有办结的是结转下年度的，请写明，如“按期办结率100%”。",
    {
        "place": "「一、某部分」第 2 段",
        "cell": "表三「结转下年度」",
        "left": "1",
        "quoted": "“所有申请均已办理完成。”",
    },
    identified_by=("quoted",),
)
FEE_TWICE = Rule(
    "fee-contradicts",
    "收取信息处理费前后矛盾",
    "warning",
    "收取信息处理费的情况前后一致。",
    "一处写收取了多少元、另一处写没有收取的才提；写往年、标准、下属单位的不算。",
    "{place}写的是收取信息处理费 {amount} 元，{other}写的是没有收取：{quoted}。请核对哪一处是对的。",
    {
        "place": "「一、某部分」第 2 段",
        "amount": "380",
        "other": "「六、某部分」第 1 段",
        "quoted": "“本年度未收取信息处理费。”",
    },
    identified_by=("quoted",),
)
FEE_SCALE = Rule(
    "fee-off-scale",
    "信息处理费不合收费标准",
    "info",
    "信息处理费的金额合收费标准：按件每件 100 元起，按量每页 10 元、20 元、40 元，总是 10 元的整数倍。",
    "《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）；写着邮寄、复制等费用的不看。",
    "{place}写的是收取信息处理费 {amount} 元，按收费标准应是 {step} 元的整数倍：{quoted}。"
    "请核对金额，或看是否含有别的费用。",
    {
        "place": "「六、某部分」第 1 段",
        "amount": "385",
        "step": "10",
        "quoted": "“全年收取信息处理费385元。”",
    },
    identified_by=("quoted",),
)
FEE_UNPAID = Rule(
    "fee-notice-unmentioned",
    "逾期未缴费没有写收费通知",
    "info",
    "表中有逾期未按收费通知缴费的，文字里不只写没有收取，还写明发出的收费通知。",
    "逾期未缴费的申请，之前一定发出过收费通知。",
    "{cell}是 {number}，说明发出过收费通知，{place}只写没有收取：{quoted}。"
    "请核对该行是不是填错了；没有填错的，请写明收费通知的件数和金额。",
    {
        "place": "「六、某部分」第 1 段",
        "cell": "表三「逾期不缴费」",
        "number": "2",
        "quoted": "“本年度未收取信息处理费。”",
    },
    identified_by=("quoted",),
)
RULES = (DOCUMENT, ALL_DONE, FEE_TWICE, FEE_SCALE, FEE_UNPAID)

_NUMBER = re.compile(r"(?P<code>[一-鿿]{2,9})(?P<rest>〔\d{4}〕\d+号)")
_BEFORE_NUMBER = re.compile(r"《[^。；]{4,90}》(?:的?通知》?|文件|等)?（\Z")
"""The title of a document, directly before the bracket with its number."""
_CLAUSE_ENDS = re.compile(r"[，；。]")


def law_findings(submission: Submission) -> Iterator[Finding]:
    """Yield where the texts are at odds with the law, as far as the form says what it is."""
    law = submission.form.texts.law
    whole = whole_text(submission)
    if law.documents and "〔" in whole:
        for sentence in sentences(submission):
            if "（" in sentence.plain and "〔" in sentence.plain:
                yield from _documents(submission, law.documents, sentence)
    if law.done and submission.standing.get(law.done.left) and law.done.words.search(whole):
        yield from _all_done(submission, law.done)
    if law.fees and law.fees.about in whole:
        yield from _fees(submission, law.fees, bool(law.fees.notice and law.fees.notice.search(whole)))


def _documents(submission: Submission, documents: tuple[Document, ...], sentence: TextSentence) -> Iterator[Finding]:
    """Yield a finding for each known document that stands with the number of another one, or with a wrong code of the
    office that issued it (机关代字)."""
    for match in _NUMBER.finditer(sentence.plain):
        before = _BEFORE_NUMBER.search(sentence.plain[: match.start()])
        if not before:
            continue
        title = before[0][before[0].rfind("、《") + 1 :]  # of several titles in a row, the last one has the number
        named = [one for one in documents if one.title.search(title)]
        owners = [one for one in documents if one.number == match[0]]
        facts = {"place": sentence.place, "quoted": quoted(sentence.text, match["rest"]), "written": match[0]}
        if len(named) != 1 or named[0] in owners:
            continue
        (document,) = named
        if owners and not _is_cited_wrongly(submission, sentence, match[0]):
            facts["title"] = document.name
            facts["right"] = f"{document.name}是{document.number}，{match[0]}是{owners[0].name}，请更正。"
            yield finding(DOCUMENT, None, (), document.number, match[0], at=[sentence.at], **facts)
        elif document.number.endswith(match["rest"]) and not document.number.endswith(match[0]):
            if submission.form.texts.wrong.standing_in(match[0]):
                continue  # the rule on wrong words says it (国办公开办涵)
            facts |= {"title": document.name, "right": document.number}
            yield finding(DOCUMENT, None, (), document.number, match[0], at=[sentence.at], variant="code", **facts)


def _is_cited_wrongly(submission: Submission, sentence: TextSentence, number: str) -> bool:
    """Return True if the rule on citations says already that this number is wrong here."""
    return any(
        match[1] == number != citation.right
        for citation in submission.form.texts.citations
        for pattern in citation.patterns
        for match in pattern.finditer(sentence.plain)
    )


def _all_done(submission: Submission, words: AllDone) -> Iterator[Finding]:
    """Yield the first sentence that says that all requests were closed."""
    for sentence in sentences(submission):
        match = words.words.search(sentence.plain)
        if not match or not words.within.search(sentence.last + sentence.whole):
            continue
        start = max((found.end() for found in _CLAUSE_ENDS.finditer(sentence.plain, 0, match.start())), default=0)
        end = _CLAUSE_ENDS.search(sentence.plain, match.end())
        clause = sentence.plain[start : end.start() if end else len(sentence.plain)]
        if (words.unless and words.unless.search(clause)) or (
            words.elsewhere and words.elsewhere.search(sentence.whole)
        ):
            continue
        left = number_text(submission.standing[words.left])
        facts = {"place": sentence.place, "cell": place_of(submission, words.left), "left": left}
        quote = quoted(sentence.text, match[0])
        yield finding(ALL_DONE, submission, [words.left], "0", left, at=[sentence.at], quoted=quote, **facts)
        return


def _fees(submission: Submission, words: Fees, is_asked: bool) -> Iterator[Finding]:
    """Yield what is wrong with the fees for requests that the texts state. `is_asked` is True if a text says that fees
    were asked for."""
    charged: list[tuple[TextSentence, Decimal]] = []
    none: list[TextSentence] = []
    for sentence in sentences(submission):
        if words.about not in sentence.plain or (words.unless and words.unless.search(sentence.whole)):
            continue
        for match in words.charged.finditer(sentence.plain):
            amount = Decimal(match["yuan"] or match["sum"])
            if amount:
                charged.append((sentence, amount))
        if words.none.search(sentence.plain):
            none.append(sentence)
    if charged and none:
        yield _fee_twice(*charged[0], none[0])
    for sentence, amount in charged:
        if amount % words.step and submission.year >= words.since:
            facts = {"place": sentence.place, "amount": number_text(amount), "step": str(words.step)}
            yield finding(FEE_SCALE, None, (), "", str(amount), at=[sentence.at], quoted=quoted(sentence.text), **facts)
    unpaid = submission.standing.get(words.unpaid)
    if none and unpaid and not charged and not is_asked:
        yield _fee_unpaid(submission, words.unpaid, none[0])


def _fee_twice(sentence: TextSentence, amount: Decimal, other: TextSentence) -> Finding:
    facts = {"place": sentence.place, "amount": number_text(amount), "other": other.place}
    quote = quoted(other.text)
    return finding(FEE_TWICE, None, (), "", str(amount), at=[sentence.at, other.at], quoted=quote, **facts)


def _fee_unpaid(submission: Submission, cell: str, sentence: TextSentence) -> Finding:
    number = number_text(submission.standing[cell])
    facts = {"place": sentence.place, "cell": place_of(submission, cell), "number": number}
    return finding(FEE_UNPAID, submission, [cell], "", number, at=[sentence.at], quoted=quoted(sentence.text), **facts)
