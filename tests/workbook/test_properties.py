"""Properties: any submission survives, and no bytes whatever make the toolkit fall over."""

import io
import json
import zipfile
from decimal import Decimal

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit import LOOKUP, REPORT_DATA, submission_of

from toolkit.batch.received.files import Item
from toolkit.batch.sources import read_item
from toolkit.checks.review import check
from toolkit.forms.loader import form_for_year
from toolkit.forms.model import Cell
from toolkit.reports.word_report import build_report
from toolkit.submission.json_csv import paragraphs_of, to_data
from toolkit.submission.model import Submission, Value
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_workbook

SLOW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufffe\uffff\x85"),
    min_size=1,
).filter(str.strip)
ODD = st.sampled_from(["12件", "１２", "1,234", "—", "/", "无", "251000元", "? 0", "见附件"])


def value_of(cell: Cell) -> st.SearchStrategy[Value]:
    if cell.kind.is_number and not cell.kind.is_whole:
        numbers: st.SearchStrategy[Value] = st.decimals(0, 10**9, places=4)
    else:
        numbers = st.integers(-(10**9) if cell.kind.is_signed else 0, 10**11)
    return st.one_of(st.none(), numbers, ODD)


@st.composite
def submissions(draw: st.DrawFn) -> Submission:
    form = form_for_year(draw(st.sampled_from([2020, 2024])))
    seeds = draw(st.lists(st.sampled_from(form.filled), max_size=30, unique=True))
    values: dict[str, Value] = {cell.id: 0 if cell.kind.is_whole else Decimal(0) for cell in form.filled}
    values |= {cell.id: draw(value_of(cell)) for cell in seeds}
    texts = {section.id: tuple(draw(st.lists(XML_TEXT, max_size=4))) for section in form.text_sections}
    texts = {key: paragraphs for key, paragraphs in texts.items() if paragraphs}
    return Submission(form, draw(XML_TEXT.map(str.strip)), form.first_year, values, texts)


@pytest.mark.slow
@SLOW
@given(submissions())
def test_any_submission_survives_workbook_and_word(submission: Submission) -> None:
    returned = read_workbook_bytes(build_workbook(submission), LOOKUP)
    assert to_data(returned) == to_data(submission)
    assert returned.shown == {}
    assert [f.rule for f in check(returned)] == [f.rule for f in check(submission)]
    paragraphs = [paragraph.text for paragraph in Document(io.BytesIO(build_report(returned))).paragraphs]
    expected = [submission.title]
    for section in submission.form.sections:
        expected.append(section.title)
        if section.text:
            expected += submission.texts.get(section.id, ("无",))
    assert paragraphs == expected


@SLOW
@given(submissions())
def test_any_submission_survives_json(tmp_path_factory: pytest.TempPathFactory, submission: Submission) -> None:
    path = tmp_path_factory.mktemp("any") / "any.json"
    path.write_text(json.dumps(to_data(submission), ensure_ascii=False), encoding="utf-8")
    assert to_data(submission_of(path)) == to_data(submission)


@given(st.lists(st.text(max_size=20), max_size=5))
def test_paragraphs_lose_no_word(texts: list[str]) -> None:
    assert "".join("".join(paragraphs_of(texts)).split()) == "".join("".join(texts).split())


@settings(max_examples=75, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=300), st.binary(max_size=300).map(lambda b: b"PK\x03\x04" + b), st.text().map(str.encode)
    )
)
def test_no_bytes_make_reading_fall_over(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "any.xlsx"
    path.write_bytes(content)
    (source,) = read_item(Item(str(path)))
    assert source.submission is None
    assert source.problem
    assert "超出了预料" not in source.problem, "an exception that nobody foresaw"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["form", "agency", "year", "values", "texts", "info"]), JSON_VALUES, st.data())
def test_no_json_makes_reading_fall_over(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: object, draw: st.DataObject
) -> None:
    data = json.loads(REPORT_DATA["suqian-2024"].read_text(encoding="utf-8"))
    if key == "values" and draw.draw(st.booleans()):
        data["values"][draw.draw(st.sampled_from(sorted(data["values"])))] = value
    else:
        data[key] = value
    path = tmp_path_factory.mktemp("any") / "any.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    (source,) = read_item(Item(str(path)))
    assert "超出了预料" not in source.problem, "an exception that nobody foresaw"
    if source.submission:
        check(source.submission)
        build_workbook(source.submission)
        build_report(source.submission)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_workbook_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Parts of a good workbook cut, emptied or scrambled."""
    good = build_workbook(submission_of(REPORT_DATA["suqian-2024"]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(out, "w") as target:
        names = source.namelist()
        victim = data.draw(st.sampled_from(names))
        for name in names:
            content = source.read(name)
            if name == victim:
                cut = data.draw(st.integers(0, len(content)))
                content = content[:cut] + data.draw(st.binary(max_size=8)) + content[cut + 3 :]
            target.writestr(name, content)
    path = tmp_path_factory.mktemp("any") / "any.xlsx"
    path.write_bytes(out.getvalue())
    (source_,) = read_item(Item(str(path)))
    assert "超出了预料" not in source_.problem, "an exception that nobody foresaw"
    if source_.submission:
        check(source_.submission)
