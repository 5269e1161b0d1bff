"""The powers (权力, such as 规章制定权) that an agency must have to report anything in some rows or columns."""

from functools import cache

import msgspec

from toolkit.forms.include import shared
from toolkit.forms.model import Form, Power
from toolkit.forms.patterns import GENERAL_WORDS, Patterns


@cache
def shared_powers() -> tuple[Power, ...]:
    """Return the powers that come with the toolkit."""
    return msgspec.convert(shared("powers")["powers"], tuple[Power, ...], dec_hook=Patterns(GENERAL_WORDS))


def known_powers(form: Form | None = None) -> tuple[Power, ...]:
    """Return the powers that come with the toolkit, and those that a form adds or declares in other words."""
    own = {power.id: power for power in form.powers} if form else {}
    return tuple({**{power.id: power for power in shared_powers()}, **own}.values())
