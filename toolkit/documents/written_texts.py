"""The texts of a file as those of a submission (报送数据)."""

from collections.abc import Mapping
from dataclasses import replace

from toolkit.documents.blocks import Block, all_paragraphs
from toolkit.documents.sections import SectionTexts
from toolkit.submission.model import BEFORE, UNDERNEATH, Submission

Texts = dict[str, tuple[str, ...]]


def paragraphs_in(written: SectionTexts) -> tuple[Texts, Texts]:
    """Return the paragraphs of the text sections, and the other ones (`Submission.other_texts`). Those in tables
    count."""
    others = {BEFORE: written.preface, **written.others}
    return _texts(written.texts), {
        **_texts(others),
        **({UNDERNEATH: written.signature} if written.signature else {}),
    }


def _texts(blocks: Mapping[str, tuple[Block, ...]]) -> Texts:
    found = {
        key: tuple(text for one in all_paragraphs(part) if (text := one.text.strip())) for key, part in blocks.items()
    }
    return {key: texts for key, texts in found.items() if texts}


def with_written(submission: Submission, written: SectionTexts, place: str) -> Submission:
    """Return a submission with the texts of its text file in place of its own, section by section, as its report has
    them. `place` says in messages where they stand."""
    texts, others = paragraphs_in(written)
    places = {key: (place,) * len(found) for key, found in (*texts.items(), *others.items())}
    return replace(
        submission,
        texts={**submission.texts, **texts},
        other_texts={**submission.other_texts, **others},
        text_places={**submission.text_places, **places},
    )
