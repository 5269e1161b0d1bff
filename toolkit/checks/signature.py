"""Rules on the signature (签名) of a template: to whom it was issued, and whether its identity (模板标识) was altered.

Only the key (密钥) of the office can tell.
"""

from collections.abc import Collection, Iterable, Iterator

from toolkit.characters import one_line, plain
from toolkit.checks.findings import Finding, Rule, finding
from toolkit.checks.integrity import NAME_SHORT, OTHER_AGENCY, name_short_facts
from toolkit.submission.model import Identity, Submission
from toolkit.submission.signing import Key, verify

NAME_SHOWN = 100
"""Characters; the names of agencies are no longer, but an altered file may say anything."""

GENUINE = Rule(
    "template-genuine",
    "签名相符",
    "info",
    "报送的表是发给本机关的模板。",
    "给了密钥（--key）才核对。签名只认模板是发给谁的，不认里面填的数。",
    "签名相符：是发给{agency}的 {year} 年模板。",
    {"agency": "甲局", "year": "2024"},
    "signature",
)
OF_OTHER = Rule(
    "template-of-other",
    "用了发给别的机关的模板",
    "error",
    "不用发给别的机关的模板填报。",
    "给了密钥（--key）才核对。签名相符的，模板确实是发给另一个机关的。机关改了名的，写进名册的“曾用名”就认得。",
    "模板是发给{issued}的（签名相符），「基本信息」填的机关是{filled}。请用发给{filled}的模板重新填报，或更正机关名称；"
    "是{issued}改了名的，请告知审核机关。",
    {"issued": "甲局", "filled": "乙局"},
    "signature",
    variants={
        "unclear": "模板是发给{issued}的（签名相符），「基本信息」填的机关是{filled}，看不出是哪个机关。"
        "请改填全称“{issued}”；不是{issued}的，请用发给本机关的模板重新填报。"
    },
    other_template=True,
    refuses=True,
)
ALTERED = Rule(
    "identity-altered",
    "模板标识有改动",
    "error",
    "模板里记的格式、年度、机关和编号不改动。",
    "给了密钥（--key）才核对。签名与这四项不符，就是发放后改过，或是用另一个密钥签的。",
    "隐藏的模板标识写的是：格式 {form}，{year} 年，{agency}，{serial}。它与签名不符，发放后被改过，"
    "或是用另一个密钥签的。请用发给本机关的模板重新填报。",
    {"form": "2021", "year": "2024", "agency": "甲局", "serial": "编号 0f3a"},
    "signature",
    other_template=True,
    refuses=True,
)
MISSING = Rule(
    "signature-missing",
    "模板没有了签名",
    "error",
    "发放时签了名的模板，交回来时签名还在。",
    "给了密钥（--key）才核对。模板有发放编号（gknb distribute 给的）而没有签名，是签名被去掉了，或是没有用密钥发放的，"
    "都不算已报。没有用密钥发放的，请用 gknb distribute --key 重新发放；这一批要照收的，"
    "请在 gknb.toml 的 [rules] 里把这条规则调为 warning。",
    "{what}，看不出是不是发给本机关的，不算已报。请用审核机关发放的、没有动过的模板重新填报；"
    "发放时就没有签名的，请告知审核机关。",
    {"what": "模板有发放编号 0f3a，没有签名"},
    "signature",
    refuses=True,
)
OLD_FORM = Rule(
    "template-of-other-year",
    "不是本次年度的模板",
    "error",
    "在发给本机关的、本次年度的模板上填报。",
    "给了密钥（--key）而没有名册时才核对。本次年度是 --year 写的，没有写的是多数文件的年度；"
    "有名册的见 return-of-other-year。",
    "模板是发给{agency}的 {year} 年模板（签名相符），本次报送的是 {wanted} 年，不算已报。"
    "请在 {wanted} 年的模板上填报。",
    {"agency": "甲局", "year": "2023", "wanted": "2024"},
    "batch",
    refuses=True,
)
UNSIGNED = Rule(
    "template-unsigned",
    "模板没有签名",
    "warning",
    "在审核机关发放的、有签名的模板上填报。",
    "给了密钥（--key）才核对。没有签名、也没有发放编号的，看不出是不是本机关报送的；数据文件和已公布的报告都没有签名。",
    "填报表没有签名，看不出是不是发给本机关的模板。请用审核机关发放的模板填报；发放时没有用密钥的，不用改。",
    {},
    "signature",
    variants={
        "no-template": "是数据文件或已公布的报告，没有签名，看不出是谁报送的。请核对来源，或请机关在模板上填报。"
    },
    other_template=True,
)

UNCHECKED = Rule(
    "signature-unchecked",
    "没有核对签名",
    "info",
    "发放时签了名的，收回时核对签名。",
    "没有给密钥（--key）时才提示。",
    "模板有签名，这次没有给密钥，没有核对是不是发给本机关的。要核对请加 --key。",
    {},
    "signature",
)


def signed_findings(
    submission: Submission, key: Key | None, also_called: Collection[str] = (), own_names: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield what the key says of the template of a submission, and of the agency that was filled in there.

    `also_called` has the other names of the agency. `own_names` has names of agencies that are also short forms of the
    names of others. Without a key, yield that the signature was not checked.
    """
    if key is None:
        if submission.signature:
            yield finding(UNCHECKED)
        return
    names = {plain(name) for name in (submission.agency, *also_called)}
    short = next((met for met in submission.irregularities if met.kind == NAME_SHORT.id), None)
    if short and plain(short.found) in own_names:
        short = None
    found = _signed_finding(submission, key, short is not None, names, own_names)
    yield found
    if short and found.rule == GENUINE.id and plain(short.wanted) not in names:
        facts = name_short_facts(short, "（签名相符）")
        yield finding(NAME_SHORT, None, (), short.wanted, short.found, at=short.places, **facts)


def _signed_finding(
    submission: Submission, key: Key, is_short: bool, names: Collection[str], own_names: Collection[str]
) -> Finding:
    """Return what the key says of the template of a submission."""
    identity = submission.identity
    if identity is None:
        return finding(UNSIGNED, variant="no-template")
    if not submission.signature:
        if identity.serial or submission.signature_gone:
            issued = f"模板有发放编号 {_shown(identity.serial)}，没有签名"
            return finding(MISSING, what=issued if identity.serial else "模板里签名的格是空的")
        return finding(UNSIGNED)
    if not verify(key, identity, submission.signature):
        return finding(ALTERED, **_identity_facts(identity))
    if is_short or plain(identity.agency) in names:
        return finding(GENUINE, agency=_shown(identity.agency), year=str(identity.year))
    issued, filled = _shown(identity.agency), _shown(submission.agency)
    unclear = plain(issued).endswith(plain(filled)) and plain(filled) not in own_names
    variant = "unclear" if unclear else ""
    facts = {"issued": issued, "filled": filled}
    return finding(OF_OTHER, None, (), identity.agency, submission.agency, variant=variant, **facts)


def old_form_finding(agency: str, year: int, wanted: int) -> Finding:
    """Return the finding on a return on a signed template of another year than the office asked for."""
    facts = {"agency": _shown(agency), "year": str(year), "wanted": str(wanted)}
    return finding(OLD_FORM, None, (), str(wanted), str(year), **facts)


def with_signed(findings: Iterable[Finding], signed: Collection[Finding]) -> Iterator[Finding]:
    """Yield what the key says, then the other findings. If the key says whose template it is, leave out what the
    workbook itself says of that, because anybody can change it."""
    yield from signed
    known = any(found.rule in (GENUINE.id, OF_OTHER.id, NAME_SHORT.id) for found in signed)
    yield from (found for found in findings if not (known and found.rule in (OTHER_AGENCY.id, NAME_SHORT.id)))


def _identity_facts(identity: Identity) -> dict[str, str]:
    """Return the facts on a template whose identity was altered."""
    return {
        "form": identity.form,
        "year": str(identity.year),
        "agency": _shown(identity.agency) or "没有机关",
        "serial": f"编号 {_shown(identity.serial)}" if identity.serial else "没有编号",
    }


def _shown(text: str) -> str:
    """Return a name on one line, cut if it is very long."""
    text = one_line(text)
    return text if len(text) <= NAME_SHOWN else f"{text[:NAME_SHOWN]}……"
