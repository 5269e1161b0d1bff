"""Facts for the examples in the catalogue (规则目录), taken from a form.

A rule has a sample of its own that fits every form. On a given form, its place and its labels come from that form.
"""

from collections.abc import Mapping

from toolkit.forms.model import Form
from toolkit.submission.model import Submission, Value

Samples = Mapping[str, Mapping[str, str]]
"""Facts by the id of the rule. A fact that is not here stays as the rule has it."""

AGENCY = "某机关"


def no_samples(_form: Form) -> Samples:
    """Return nothing: the samples of these rules are the same on every form."""
    return {}


def sample_submission(
    form: Form, values: Mapping[str, Value] | None = None, shown: Mapping[str, Value] | None = None
) -> Submission:
    """Return a submission on a form in which only these values stand."""
    return Submission(form, AGENCY, form.first_year + 1, values or {}, {}, shown=shown or {})
