"""A short run of the fuzzer, and what its long runs found."""

import pytest
from fuzz import TARGETS, fuzz

pytestmark = pytest.mark.hostile

EXECUTIONS, SECONDS = 80, 10.0


@pytest.mark.parametrize("target", TARGETS)
def test_whatever_is_changed_is_read_or_told(target: str) -> None:
    outcomes, found = fuzz(target, range(90_000_000, 90_000_000 + EXECUTIONS), SECONDS)
    assert not found, "\n".join(one.what for one in found)
    assert outcomes["read"] > 0, "some are still read"
    assert len(outcomes) > 1, "some are not"
