"""What a batch keeps of each submission (报送数据): its result, and the data for comparing all results."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from toolkit.checks.alike import Profile
from toolkit.checks.findings import Finding
from toolkit.checks.registry import is_refused
from toolkit.checks.result import Result
from toolkit.checks.signature import GENUINE

UNPROVEN = 2
"""The doubt of a return whose signature proves nothing; one more if the signature is refused."""


@dataclass(frozen=True, slots=True)
class SectionText:
    """The text of one section: its paragraphs and their places; a digest of what is compared with other agencies' texts
    (`essence`, empty if it is too short); and the data that finds similar texts: its profile, or sketches of it
    (`bands`)."""

    section: str
    paragraphs: tuple[str, ...]
    places: tuple[str, ...]
    essence: str
    profile: Profile
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FileResult(Result):
    """The result of one submission of a batch, or of a file without one, and what the batch needs besides.

    `issued` is the id that the template was issued with, `digest` the SHA-256 of the file, `suffix` separates several
    submissions in one file, `own_digest` is then the SHA-256 of the submission. `texts` is compared with other
    agencies' texts. `without_power` are the findings if the agency lacks a power (权力). `empty`: nothing was filled in
    yet. `final`: the same content gives the same result another time. `doubt` ranks returns of one agency by their
    signature, see `signature_doubt`. `cells` has the figures as text; they are written to the ledger and not read with
    the result. `explanations` has what the agency wrote, by the fingerprint of the finding. `changed` is when the file
    was changed (seconds), `received` when it came and `received_by` what shows that, `entry` the agency's place on the
    roster.
    """

    issued: str = ""
    digest: str = ""
    suffix: str = ""
    texts: tuple[SectionText, ...] = ()
    without_power: tuple[Finding, ...] = ()
    empty: bool = False
    final: bool = True
    doubt: int = 0
    own_digest: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)
    changed: float = 0.0
    received: float = 0.0
    received_by: str = ""
    entry: int | None = None
    id: int = 0
    item: int = 0


@dataclass(frozen=True, slots=True)
class Contender:
    """One of several returns of an agency of which one counts. `merit` goes before time: filled in, readable, without
    doubt about the signature; smaller is better. `content` is the same for copies."""

    id: int
    entry: int | None
    name: str
    agency: str
    status: str
    changed: float
    received: float
    is_in_archive: bool
    content: tuple[str, str]
    merit: tuple[int, int, int]

    @property
    def is_empty(self) -> bool:
        """Return True if nothing was filled in."""
        return bool(self.merit[0])

    @property
    def is_genuine(self) -> bool:
        """Return True if its signature proves that it is on the agency's own template."""
        return self.merit[2] < UNPROVEN

    @property
    def is_return(self) -> bool:
        """Return True if it can be read and was filled in."""
        return self.merit[:2] == (0, 0)


def signature_doubt(findings: Collection[Finding]) -> int:
    """Return how doubtful it is by its signature (签名) that a return is the agency's own: 0 if the signature proves
    it, larger if less is known."""
    is_proven = any(found.rule == GENUINE.id for found in findings)
    return (0 if is_proven else UNPROVEN) + is_refused(findings)
