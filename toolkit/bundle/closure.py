"""Follows what wheels need, and says what is missing on the target machine.

pip evaluates the markers of requirements (only on Windows, only with Python 3.11) for the machine that it runs on, not
for the one that it downloads for. Here they are evaluated for the target.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from toolkit.bundle.targets import Target
from toolkit.bundle.wheels import Wheel


@dataclass(frozen=True, slots=True)
class Fault:
    """A requirement that the wheels do not fulfil. `missing` is True if another download may help."""

    message: str
    requirement: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Closure:
    """The wheels that are needed, and what is wrong."""

    needed: tuple[Wheel, ...]
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _RequirementWalk:
    wheels: dict[NormalizedName, Wheel]
    environment: dict[str, str]
    queue: deque[tuple[str, Requirement]]
    seen: set[tuple[NormalizedName, str]] = field(default_factory=set)
    faults: dict[str, Fault] = field(default_factory=dict)

    def visit(self, asker: str, requirement: Requirement) -> None:
        """Look for the wheel that a requirement names, and queue what that wheel needs."""
        name = canonicalize_name(requirement.name)
        asked = without_marker(requirement)
        wheel = self.wheels.get(name)
        if wheel is None:
            self.faults[asked] = Fault(f"缺 {asked}（{asker} 要用）", asked, missing=True)
            return
        if not requirement.specifier.contains(wheel.version, prereleases=True):
            words = f"{asker} 要 {asked}，下载到的是 {wheel.version}"
            self.faults[asked] = Fault(words, asked, missing=True)
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) in self.seen:
                continue
            self.seen.add((name, extra))
            self.queue.extend((wheel.name, one) for one in wheel.requires if self._applies(one, extra))

    def _applies(self, requirement: Requirement, extra: str) -> bool:
        return requirement.marker is None or requirement.marker.evaluate({**self.environment, "extra": extra})


def follow(roots: Iterable[Requirement], wheels: Sequence[Wheel], target: Target, version: str) -> Closure:
    """Return which of the wheels are needed for `roots` on the target with Python `version`, and every fault: what is
    missing, of the wrong version, for another machine, for another Python, or there twice."""
    by_name = {wheel.name: wheel for wheel in wheels}
    walk = _RequirementWalk(by_name, target.environment(version), deque(("本工具", root) for root in roots))
    while walk.queue:
        walk.visit(*walk.queue.popleft())
    names = {name for name, _ in walk.seen}
    needed = tuple(wheel for wheel in wheels if wheel.name in names)
    return Closure(needed, (*walk.faults.values(), *_unfit(needed, target, version)))


def _unfit(needed: Sequence[Wheel], target: Target, version: str) -> Iterable[Fault]:
    """Yield a fault for each wheel that does not run on the target, or is there in two versions."""
    tags, seen = target.tags(version), set[NormalizedName]()
    for wheel in needed:
        if not wheel.tags & tags:
            yield Fault(f"{wheel.path.name} 不能用在 {target.words}、Python {version} 上", wheel.pin)
        if not wheel.requires_python.contains(f"{version}.99"):
            yield Fault(f"{wheel.path.name} 要求 Python {wheel.requires_python}，不是 {version}", wheel.pin)
        if wheel.name in seen:
            yield Fault(f"{wheel.name} 有两个版本", wheel.pin)
        seen.add(wheel.name)


def without_marker(requirement: Requirement) -> str:
    """Return a requirement without its marker, which has been evaluated already."""
    plain = Requirement(str(requirement))
    plain.marker = None
    return str(plain)
