"""Text that XML can hold: Word and web pages are XML, and some characters are not allowed there."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def without_forbidden(text: str) -> str:
    """The text without characters that XML forbids."""
    return _FORBIDDEN.sub("", text)
