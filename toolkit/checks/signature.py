"""Rules on the signature of a template: who was it issued to, and was its identity altered. Only a key can tell."""

from collections.abc import Collection, Iterable, Iterator

from toolkit.characters import one_line, plain
from toolkit.checks.findings import Finding, Rule
from toolkit.checks.integrity import NAME_SHORT, OTHER_AGENCY, name_short_message
from toolkit.submission.model import Identity, Submission
from toolkit.submission.signing import Key, verify

NAME_SHOWN = 100
"""Characters; the names of agencies are no longer, but an altered file may say anything."""

GENUINE = Rule(
    "template-genuine",
    "info",
    "报送的表是发给本机关的模板。",
    "给了密钥（--key）才核对。签名只认模板是发给谁的，不认里面填的数。",
    "签名相符：是发给甲局的 2024 年模板。",
)
OF_OTHER = Rule(
    "template-of-other",
    "error",
    "不用发给别的机关的模板填报。",
    "给了密钥（--key）才核对。签名相符的，模板确实是发给另一个机关的。机关改了名的，写进名册的“曾用名”就认得。",
    "模板是发给甲局的（签名相符），「基本信息」填的机关是乙局。请用发给乙局的模板重新填报，或更正机关名称；"
    "是甲局改了名的，请告知审核机关。",
)
ALTERED = Rule(
    "identity-altered",
    "error",
    "模板里记的格式、年度、机关和编号不改动。",
    "给了密钥（--key）才核对。签名与这四项不符，就是发放后改过，或是用另一个密钥签的。",
    "隐藏的模板标识写的是：格式 2021，2024 年，甲局，编号 0f3a。它与签名不符，发放后被改过，或是用另一个密钥签的。"
    "请用发给本机关的模板重新填报。",
)
MISSING = Rule(
    "signature-missing",
    "error",
    "发放时签了名的模板，交回来时签名还在。",
    "给了密钥（--key）才核对。模板有发放编号（gknb distribute 给的）而没有签名，是签名被去掉了，或是没有用密钥发放的，"
    "都不算已报。没有用密钥发放的，请用 gknb distribute --key 重新发放；这一批要照收的，"
    "请在 gknb.toml 的 [rules] 里把这条规则调为 warning。",
    "模板有发放编号 0f3a，没有签名，看不出是不是发给本机关的，不算已报。请用审核机关发放的、没有动过的模板重新填报；"
    "发放时就没有签名的，请告知审核机关。",
)
OLD_FORM = Rule(
    "template-of-other-year",
    "error",
    "在发给本机关的、本次年度的模板上填报。",
    "给了密钥（--key）而没有名册时才核对。本次年度是 --year 写的，没有写的是多数文件的年度；"
    "有名册的见 return-of-other-year。",
    "模板是发给甲局的 2023 年模板（签名相符），本次报送的是 2024 年，不算已报。请在 2024 年的模板上填报。",
)
UNSIGNED = Rule(
    "template-unsigned",
    "warning",
    "在审核机关发放的、有签名的模板上填报。",
    "给了密钥（--key）才核对。没有签名、也没有发放编号的，看不出是不是本机关报送的；数据文件和已公布的报告都没有签名。",
    "填报表没有签名，看不出是不是发给本机关的模板。请用审核机关发放的模板填报；发放时没有用密钥的，不用改。",
)

UNCHECKED = Rule(
    "signature-unchecked",
    "info",
    "发放时签了名的，收回时核对签名。",
    "没有给密钥（--key）时才提示。",
    "模板有签名，这次没有给密钥，没有核对是不是发给本机关的。要核对请加 --key。",
)

RULES = (GENUINE, OF_OTHER, ALTERED, MISSING, OLD_FORM, UNSIGNED, UNCHECKED)
REFUSING = (MISSING.id, ALTERED.id, OF_OTHER.id, OLD_FORM.id)
"""A return with one of these as an error is not known to be the agency's: whatever else it holds, it does not count."""


def is_refused(findings: Iterable[Finding]) -> bool:
    """Whether a return with these findings does not count, as it is not known to come from its agency."""
    return any(found.rule in REFUSING and found.severity == "error" for found in findings)


def signed_findings(
    submission: Submission, key: Key | None, also_called: Collection[str] = (), own_names: Collection[str] = ()
) -> Iterator[Finding]:
    """What the key says of the template in which a submission was filled, and of the name that was filled in there;
    `also_called` are the agency's other names, `own_names` those that are short forms of others' names and some
    agency's own. Without a key, that a signature was not looked at."""
    if key is None:
        if submission.signature:
            yield _found(UNCHECKED, UNCHECKED.example)
        return
    names = {plain(name) for name in (submission.agency, *also_called)}
    short = next((met for met in submission.irregularities if met.kind == NAME_SHORT.id), None)
    if short and plain(short.found) in own_names:
        short = None
    found = _signed_finding(submission, key, short is not None, names, own_names)
    yield found
    if short and found.rule == GENUINE.id and plain(short.wanted) not in names:
        message = name_short_message(short, "（签名相符）")
        yield Finding(NAME_SHORT.id, NAME_SHORT.severity, message, (), short.places, short.wanted, short.found)


def _signed_finding(
    submission: Submission, key: Key, is_short: bool, names: Collection[str], own_names: Collection[str]
) -> Finding:
    identity = submission.identity
    if identity is None:
        return _found(
            UNSIGNED, "是数据文件或已公布的报告，没有签名，看不出是谁报送的。请核对来源，或请机关在模板上填报。"
        )
    if not submission.signature:
        if identity.serial or submission.signature_gone:
            return _found(MISSING, _missing_message(identity))
        return _found(UNSIGNED, UNSIGNED.example)
    if not verify(key, identity, submission.signature):
        return _found(ALTERED, _altered_message(identity))
    if is_short or plain(identity.agency) in names:
        return _found(GENUINE, f"签名相符：是发给{_shown(identity.agency)}的 {identity.year} 年模板。")
    message = _of_other_message(_shown(identity.agency), _shown(submission.agency), own_names)
    return Finding(OF_OTHER.id, OF_OTHER.severity, message, expected=identity.agency, actual=submission.agency)


def _of_other_message(issued: str, filled: str, own_names: Collection[str]) -> str:
    said = f"模板是发给{issued}的（签名相符），「基本信息」填的机关是{filled}"
    if plain(issued).endswith(plain(filled)) and plain(filled) not in own_names:
        return f"{said}，看不出是哪个机关。请改填全称“{issued}”；不是{issued}的，请用发给本机关的模板重新填报。"
    return f"{said}。请用发给{filled}的模板重新填报，或更正机关名称；是{issued}改了名的，请告知审核机关。"


def _missing_message(identity: Identity) -> str:
    where = f"模板有发放编号 {_shown(identity.serial)}，没有签名" if identity.serial else "模板里签名的格是空的"
    return (
        f"{where}，看不出是不是发给本机关的，不算已报。请用审核机关发放的、没有动过的模板重新填报；"
        "发放时就没有签名的，请告知审核机关。"
    )


def old_form_finding(agency: str, year: int, wanted: int) -> Finding:
    """What is said of a return on a signed template of another year than the one that is asked for."""
    message = (
        f"模板是发给{_shown(agency)}的 {year} 年模板（签名相符），本次报送的是 {wanted} 年，不算已报。"
        f"请在 {wanted} 年的模板上填报。"
    )
    return Finding(OLD_FORM.id, OLD_FORM.severity, message, expected=str(wanted), actual=str(year))


def with_signed(findings: Iterable[Finding], signed: Collection[Finding]) -> Iterator[Finding]:
    """The findings with what the key says before them. Where it says whose template it is, the workbook's own word on
    that, which anybody can change, need not be heard."""
    yield from signed
    known = any(found.rule in (GENUINE.id, OF_OTHER.id, NAME_SHORT.id) for found in signed)
    yield from (found for found in findings if not (known and found.rule in (OTHER_AGENCY.id, NAME_SHORT.id)))


def _altered_message(identity: Identity) -> str:
    serial = f"编号 {_shown(identity.serial)}" if identity.serial else "没有编号"
    agency = _shown(identity.agency) or "没有机关"
    return (
        f"隐藏的模板标识写的是：格式 {identity.form}，{identity.year} 年，{agency}，{serial}。它与签名不符，"
        "发放后被改过，或是用另一个密钥签的。请用发给本机关的模板重新填报。"
    )


def _found(rule: Rule, message: str) -> Finding:
    return Finding(rule.id, rule.severity, message)


def _shown(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= NAME_SHOWN else f"{text[:NAME_SHOWN]}……"
