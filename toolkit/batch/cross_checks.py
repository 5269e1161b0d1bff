"""Checks across the files of a batch: agencies that reported more than once, and alike texts (雷同)."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from toolkit.batch.ledger.file_result import Contender
from toolkit.batch.ledger.ledger import Ledger
from toolkit.batch.ties import tied
from toolkit.checks.alike import ALIKE, Profile, essence, find_alike, likeness, profile, sketches
from toolkit.checks.duplicates import DUPLICATE
from toolkit.checks.registry import ALIKE_TEXTS, DUPLICATES
from toolkit.checks.settings import Settings
from toolkit.checks.signature import ALTERED, GENUINE, OF_OTHER
from toolkit.forms.model import Form
from toolkit.submission.model import Submission

FindForm = Callable[[str], Form | None]
"""Finds a form by its id."""
EXACT_LIMIT = 3000
"""Up to this many different texts, every pair is compared. If there are more, sketches propose the pairs."""
NAMES_SHOWN = 5
NEIGHBOURS = 8
"""The number of texts with the same sketch that each text is compared with."""


def find_across(ledger: Ledger, form_of: FindForm, settings: Settings, on_roster: bool = False) -> None:
    """Add to the results in the ledger what is found across files. With a roster, the newest return of an agency
    counts."""
    if settings.is_used(DUPLICATE.id):
        _duplicates(ledger, settings, on_roster)
    if settings.is_used(ALIKE.id):
        _alike(ledger, form_of, settings)
    ledger.save()


def of_another_key(ledger: Ledger, settings: Settings) -> tuple[str, ...]:
    """Return a note if not one signature agrees with the key. Then the key is probably wrong: not every agency has
    altered its template."""
    answers = (GENUINE.id, OF_OTHER.id, ALTERED.id)
    if not all(map(settings.is_used, answers)):
        return ()
    counts = ledger.count_findings_of(answers)
    if counts.keys() != {ALTERED.id} or counts[ALTERED.id] < 2:
        return ()
    return (
        f"带签名的 {counts[ALTERED.id]} 份没有一份与给的密钥相符，多半是密钥给错了。"
        "请用发放时的密钥再校验，核对之前不要退回",
    )


def _duplicates(ledger: Ledger, settings: Settings, on_roster: bool) -> None:
    for key, year, count in ledger.names_with_several_returns():
        rows = ledger.contenders_by_name(key, year)
        which = _which(rows) if on_roster else None
        rows.sort(key=lambda one: one.id)
        names = [one.name for one in rows[:NAMES_SHOWN]]
        for one in rows:
            finding = DUPLICATES.find(one.agency, year, names, count, which)
            if which and which[0]:  # a correction came, and it is known that it counts: nobody has to do anything
                finding = replace(finding, severity="info")
            ledger.add_findings(one.id, settings.applied([finding]))


def _which(rows: Sequence[Contender]) -> tuple[str, Sequence[str]]:
    """Return why one of the returns of an agency counts, and which one. The reason is empty if nobody can tell which of
    the named returns is the newest."""
    if rivals := tied(rows):
        return "", [one.name for one in rivals]
    if all(rows[0].changed >= other.changed for other in rows):
        return "最近改动的", [rows[0].name]
    return "签名相符的" if rows[0].is_genuine else "填过、签名没有疑问的", [rows[0].name]


def _alike(ledger: Ledger, form_of: FindForm, settings: Settings) -> None:
    """Add one finding for each return and section with an alike text: the other agency with the most alike text, how
    much is the same, and which passages. Equal texts are compared once, however many agencies have them."""
    threshold = float(settings.threshold(ALIKE))
    texts = _LedgerTexts(ledger, form_of)
    for section in ledger.texts.sections():
        kin: dict[str, list[tuple[float, str]]] = {}
        for one, other, ratio in _pairs(ledger, texts, section, threshold):
            kin.setdefault(one, []).append((-ratio, other))
            kin.setdefault(other, []).append((-ratio, one))
        for digest in sorted({*kin, *ledger.texts.shared(section)}):
            groups = [(-1.0, digest), *sorted(kin.get(digest, ()))]
            _tell(ledger, texts, section, groups, settings)


def _tell(
    ledger: Ledger, texts: "_LedgerTexts", section: str, groups: list[tuple[float, str]], settings: Settings
) -> None:
    """Add a finding for every return with the first text in `groups`: which other agency has the most alike text.
    `groups` has the alike texts, the most alike first."""
    nearest: dict[str, tuple[float, int]] = {}
    for ratio, digest in groups:
        for _, key, content in ledger.texts.holders(section, digest):
            nearest.setdefault(key, (-ratio, content))
    for number, key, content in ledger.texts.holders(section, groups[0][1]):
        other = next((whose for whose in nearest if whose != key), None)
        if other is not None:
            ratio, their = nearest[other]
            more = len(nearest.keys() - {key}) - 1
            finding = ALIKE_TEXTS.find(texts.submission(content), section, texts.submission(their), ratio, more)
            ledger.add_findings(number, settings.applied([finding]))


def _pairs(ledger: Ledger, texts: "_LedgerTexts", section: str, threshold: float) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of different texts of a section that are alike: both digests, and how much is the same."""
    if ledger.texts.count(section) <= EXACT_LIMIT:
        rows = list(ledger.texts.different(section))
        profiles = [
            Profile(length, int.from_bytes(bits)) if bits else profile(texts.essence(content, section))
            for _, content, length, bits, _ in rows
        ]
        for one, other, ratio in find_alike(profiles, lambda at: texts.essence(rows[at][1], section), threshold):
            yield rows[one][0], rows[other][0], ratio
        return
    for (digest, content), (other_digest, other_content) in _proposed(ledger, texts, section):
        mine, theirs = texts.essence(content, section), texts.essence(other_content, section)
        ratio = likeness(mine, theirs, threshold)
        if ratio >= threshold:
            yield digest, other_digest, ratio


def _proposed(ledger: Ledger, texts: "_LedgerTexts", section: str) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Yield the pairs of different texts that have a sketch in common: digest and content of each. If many texts share
    a sketch, each is paired with a few of them. That is enough to find that it is alike, but not all texts that it is
    like."""
    with ledger.texts.pairing() as pairing:
        for text in ledger.texts.different(section):
            pairing.add_sketches(text.content, text.bands or sketches(texts.essence(text.content, section)))
        for _, group in groupby(pairing.by_sketch(), key=itemgetter(0)):
            near: deque[int] = deque(maxlen=NEIGHBOURS)
            for _, content in group:
                for other in near:
                    pairing.add(other, content)
                near.append(content)
        yield from pairing.pairs(section)


class _LedgerTexts:
    """The texts in a ledger, as submissions that hold nothing else. The last ones are kept in memory."""

    def __init__(self, ledger: Ledger, form_of: FindForm) -> None:
        self.submission = lru_cache(512)(lambda content: _submission(ledger, form_of, content))
        self.essence = lru_cache(4096)(lambda content, section: essence(self.submission(content), section))


def _submission(ledger: Ledger, form_of: FindForm, content: int) -> Submission:
    form_id, agency, year = ledger.texts.whose(content)
    form = form_of(form_id)
    assert form is not None, "a ledger has results of known forms only"
    texts = ledger.texts.paragraphs(content)
    return Submission(
        form=form,
        agency=agency,
        year=year,
        values={},
        texts={section: paragraphs for section, (paragraphs, _) in texts.items()},
        text_places={section: places for section, (_, places) in texts.items()},
    )
