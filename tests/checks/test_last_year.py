"""Against last year's report: what is carried over follows from it, jumps are asked about, the template knows."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from command_line import Gknb
from hypothesis import given
from hypothesis import strategies as st
from kit import LOOKUP, read, report, write
from office import recalculate
from openpyxl import load_workbook

from toolkit.batch.ledger.priors import Priors, write_priors
from toolkit.checks.findings import Finding
from toolkit.checks.last_year import no_prior_finding
from toolkit.checks.review import check
from toolkit.checks.settings import Settings
from toolkit.excel.addresses import address
from toolkit.forms.loader import form_for_year
from toolkit.submission.carry_overs import shared_numbers
from toolkit.submission.json_csv import to_data
from toolkit.submission.model import Submission
from toolkit.workbook.layout import CHECK_VERDICT, FAILS, SELF_CHECK, STATUS_ROW, layout_of
from toolkit.workbook.reader import read_workbook_bytes
from toolkit.workbook.template import build_template, build_workbook

THEN, NOW = report("suqian-2023"), report("suqian-2024")
COLUMNS = ("natural", "enterprise", "research", "charity", "legal", "other", "total")


def against(prior: Submission, rule: str, **changed: object) -> list[Finding]:
    values = {**NOW.values, **{key.replace("__", "."): value for key, value in changed.items()}}
    now = replace(NOW, values=values, places=layout_of(NOW.form).places, shown={})
    return [found for found in check(now, prior) if found.rule == rule]


def test_two_real_years_carry_over_exactly() -> None:
    for rule in ("carried-in-last-year", "effective-last-year"):
        assert against(THEN, rule) == []


def test_a_carry_over_that_does_not_agree_is_found_in_its_column_and_in_total() -> None:
    found = against(THEN, "carried-in-last-year", requests__carried_in__natural=117)
    assert [f.cells for f in found] == [("requests.carried_in.natural",), ("requests.carried_in.total",)]
    assert [(f.actual, f.expected) for f in found] == [("117", "118"), ("120", "121")]
    assert {f.severity for f in found} == {"error"}
    assert found[0].message == (
        "表三「二、上年结转」自然人列（三!D8）：填报 117，按“上年结转等于上年报告中结转下年度继续办理的件数”应为 118"
        "（上年报告 118，差 1）。请照上年报告更正；上年报告更正过，或因机构改革并入、划出的，请在退回意见的答复中说明。"
    )


def test_what_is_in_force_follows_from_last_year() -> None:
    (found,) = against(THEN, "effective-last-year", documents__normative__effective=421)
    assert found.severity == "warning"
    assert (found.actual, found.expected) == ("421", "420")
    assert set(found.cells) == {f"documents.normative.{name}" for name in ("effective", "issued", "repealed")}
    assert "上年报告 597 ＋ 本年制发件数 50 － 本年废止件数 227 ＝ 420" in found.message


@pytest.mark.slow
@given(st.sampled_from(COLUMNS[:-1]), st.integers(1, 10**6))
def test_any_change_of_what_was_carried_in_is_found(column: str, change: int) -> None:
    cell = f"requests.carried_in.{column}"
    value = NOW.values[cell]
    assert isinstance(value, int)
    found = against(THEN, "carried-in-last-year", **{cell.replace(".", "__"): value + change})
    assert [f.cells[0] for f in found] == [cell, "requests.carried_in.total"]


def test_jumps_are_one_question_a_table_with_all_cells() -> None:
    found = against(
        THEN, "jump-since-last-year", services__licensing__decisions=157317, documents__regulations__issued=0
    )
    assert {f.severity for f in found} == {"warning"}
    assert len({f.message[:2] for f in found}) == len(found)
    (table2,) = (f for f in found if f.message.startswith("表二"))
    assert set(table2.cells) == {
        "services.licensing.decisions",
    }
    assert "上年 1808595、本年 157317" in table2.message
    assert not any("carried_in" in cell for f in found for cell in f.cells), "the carry-over has a rule of its own"


@pytest.mark.parametrize(
    ("now", "jumps"), [(157317, True), (180860, False), (0, True)], ids=["ten times", "9.999 times", "nothing left"]
)
def test_near_misses_of_a_jump(now: int, jumps: bool) -> None:
    found = against(THEN, "jump-since-last-year", services__licensing__decisions=now)
    assert any("services.licensing.decisions" in f.cells for f in found) == jumps


@pytest.mark.parametrize(("then", "now", "jumps"), [(0, 19, False), (0, 20, True), (19, 0, False), (20, 0, True)])
def test_small_figures_are_no_jump(then: int, now: int, jumps: bool) -> None:
    """Every report has cells in which some cases came or went: the table's floor is declared, nothing counts as one."""
    cell = "services.licensing.decisions"
    last = replace(THEN, values={**THEN.values, cell: then})
    found = against(last, "jump-since-last-year", **{cell.replace(".", "__"): now})
    assert any(cell in f.cells for f in found) == jumps


def test_an_office_sets_the_floor_of_jumps() -> None:
    last = replace(THEN, values={**THEN.values, "services.licensing.decisions": 0})
    now = replace(NOW, values={**NOW.values, "services.licensing.decisions": 12})
    for floor, jumps in ((12, True), (13, False)):
        settings = Settings(thresholds={"jump-since-last-year-floor": Decimal(floor)})
        cells = [cell for f in check(now, last, settings) if f.rule == "jump-since-last-year" for cell in f.cells]
        assert ("services.licensing.decisions" in cells) == jumps


def intake(year: Submission, received: int, cell: str, number: int) -> Submission:
    """A report with an intake of applications from natural persons, and a figure in one cell."""
    nothing = {one.id: 0 for one in year.form.filled if one.table in ("requests", "disputes")}
    return replace(year, values={**year.values, **nothing, "requests.received.natural": received, cell: number})


@pytest.mark.parametrize(
    ("cell", "then", "now", "jumps"),
    [
        ("requests.not_held.natural", (81, 0), (218, 32), False),  # grew with the intake
        ("requests.not_held.natural", (81, 0), (85, 32), True),
        ("requests.not_held.natural", (218, 0), (81, 32), True),  # against it
        ("requests.not_held.natural", (3000, 0), (3010, 32), False),  # one in a hundred
        ("disputes.review.upheld", (81, 0), (218, 32), False),
        ("disputes.review.upheld", (81, 0), (81, 32), True),
    ],
)
def test_jumps_are_weighed_against_the_intake(
    cell: str, then: tuple[int, int], now: tuple[int, int], jumps: bool
) -> None:
    last, this = intake(THEN, then[0], cell, then[1]), intake(NOW, now[0], cell, now[1])
    assert any(cell in f.cells for f in check(this, last) if f.rule == "jump-since-last-year") == jumps


def test_the_intake_itself_is_not_weighed_against_itself() -> None:
    last, this = (intake(year, number, "requests.granted.natural", 0) for year, number in ((THEN, 30), (NOW, 3000)))
    assert [f.cells for f in check(this, last) if f.rule == "jump-since-last-year"] == [("requests.received.natural",)]


def test_figures_that_the_stock_proves_are_no_news() -> None:
    """227 repealed after 3, and 420 = 597 + 50 - 227; 行政强制 0 after 42 stays a question."""
    repealed, coercion = "documents.normative.repealed", "enforcement.coercion.decisions"
    last = replace(THEN, values={**THEN.values, repealed: 3, coercion: 42})
    (found,) = against(last, "jump-since-last-year", enforcement__coercion__decisions=0)
    assert found.cells == (coercion,)
    (found,) = against(
        last, "jump-since-last-year", enforcement__coercion__decisions=0, documents__normative__effective=421
    )
    assert found.cells == (repealed, coercion)


def test_across_editions_only_what_both_share_is_compared() -> None:
    """2020 on the old form, 2021 on the new one: the applications are shared, table 2 and 其他处理 are not."""
    old, new = form_for_year(2020), form_for_year(2021)
    then = Submission(old, "某局", 2020, dict.fromkeys((cell.id for cell in old.filled), 5), {})
    shared = shared_numbers(new, then)
    assert "requests.carried_out.natural" in shared
    assert "requests.other.natural" not in shared, "（六）其他处理 and 3.其他 have one id and two meanings"
    assert not any(cell.startswith(("documents.", "fees.", "services.")) for cell in shared)
    now = Submission(new, "某局", 2021, {**dict.fromkeys((cell.id for cell in new.filled), 5)}, {})
    wrong = replace(now, values={**now.values, "requests.carried_in.legal": 6})
    assert not [f for f in check(now, then) if f.rule == "carried-in-last-year"]
    assert [f.cells for f in check(wrong, then) if f.rule == "carried-in-last-year"] == [
        ("requests.carried_in.legal",),
        ("requests.carried_in.total",),
    ]


def test_blanks_of_last_year_are_not_zeros() -> None:
    unknown = replace(THEN, values={**THEN.values, "requests.carried_out.legal": None})
    assert "requests.carried_out.legal" not in shared_numbers(NOW.form, unknown)
    assert not against(unknown, "carried-in-last-year", requests__carried_in__legal=0)[:-1]


def test_priors_are_matched_by_agency_and_year(tmp_path: Path) -> None:
    def priors(name: str, *submissions: Submission) -> Priors:
        write_priors(tmp_path / name, submissions)
        return Priors(str(tmp_path / name))

    other = replace(THEN, agency="另一机关")
    wider = replace(NOW, agency="宿迁市（测试）人民政府")
    found = priors("a", other, THEN, NOW, replace(THEN, agency="宿迁市(测试) 人民政府"))
    then, _ = found.of(NOW, LOOKUP)
    assert then is not None
    assert (then.values, then.texts, then.agency, then.year) == (THEN.values, THEN.texts, THEN.agency, THEN.year)
    then, _ = found.of(wider, LOOKUP)
    assert then is not None
    assert then.agency == "宿迁市(测试) 人民政府"
    renamed, _ = found.of(replace(NOW, agency="新名称"), LOOKUP, ["别的名称", THEN.agency])
    assert renamed is not None
    none, why = found.of(replace(NOW, year=2026), LOOKUP)
    assert none is None
    assert "只有 2023、2024 年的" in why
    differing = priors("b", THEN, replace(THEN, values={**THEN.values, "fees.fees.amount": 1}))
    none, why = differing.of(NOW, LOOKUP)
    assert none is None
    assert "有几份而且内容不同" in why


@pytest.mark.libreoffice
def test_the_template_is_filled_in_and_says_when_it_no_longer_agrees(tmp_path: Path) -> None:
    template = write(tmp_path / "t.xlsx", build_template(NOW.form, 2024, NOW.agency, prior=THEN))
    given = read(template)
    assert [given.values.get(f"requests.carried_in.{name}") for name in COLUMNS[:-1]] == [118, 3, 0, 0, 0, 0]
    assert sum(value is not None for value in given.values.values()) == 6
    layout = layout_of(NOW.form)
    sheet, row, column = layout.positions["requests.carried_in.enterprise"]
    book = load_workbook(template)
    book[sheet][address(row, column)] = 4
    (tmp_path / "foreign").mkdir()
    book.save(tmp_path / "foreign" / "changed.xlsx")
    files = [template, tmp_path / "foreign" / "changed.xlsx"]
    same, changed = (load_workbook(file, data_only=True) for file in recalculate(files, tmp_path / "foreign" / "saved"))
    verdicts = {
        book: [
            book[SELF_CHECK].cell(row, CHECK_VERDICT + 1).value
            for row in range(layout.check_last_row + 3, layout.check_last_row + 10)
        ]
        for book in (same, changed)
    }
    assert FAILS not in verdicts[same]
    assert [verdict == FAILS for verdict in verdicts[changed]] == [name in ("enterprise", "total") for name in COLUMNS]
    before, after = (str(book["三"].cell(STATUS_ROW + 1, 1).value) for book in (same, changed))
    assert before != after


def test_a_prior_does_not_change_what_the_reader_finds() -> None:
    content = build_workbook(NOW, last_year={case.id: 1 for case in NOW.form.carry_overs if case.carry_over.prefill})
    assert read_workbook_bytes(content, LOOKUP).values == NOW.values


@pytest.mark.slow
def test_the_commands_take_last_years_reports(gknb: Gknb, tmp_path: Path) -> None:
    now = replace(NOW, values={**NOW.values, "enforcement.coercion.decisions": 0})
    for name, submission in (("then", THEN), ("now", now)):
        data = to_data(submission)
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    checked = json.loads(gknb("check", "in/now.json", "--prior", "in", "--json").stdout)
    (file,) = checked["files"]
    assert {"jump-since-last-year"} <= {found["rule"] for found in file["findings"]}
    alone = json.loads(gknb("check", "in/then.json", "--prior", "in", "--json").stdout)
    (missing,) = (f for f in alone["files"][0]["findings"] if f["rule"] == "no-report-of-last-year")
    assert "2022 年的报告" in missing["message"]
    assert missing["severity"] == "info"
    made = gknb("template", "--year", 2024, "--prior", "in/then.json", "-o", "t.xlsx")
    assert made.returncode == 0, made.stderr
    assert read(tmp_path / "t.xlsx").agency == THEN.agency
    refused = gknb("template", "--year", 2026, "--prior", "in", "-o", "u.xlsx")
    assert refused.returncode == 2
    assert "没有 2025 年的报告" in refused.stderr
    for name, changed in (("same", {}), ("other", {"fees.fees.amount": "1"})):
        data = to_data(THEN)
        data["values"] |= changed
        (tmp_path / "in" / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
        twice = gknb("template", "--year", 2024, "--prior", "in", "-o", f"{name}.xlsx")
        assert twice.returncode == (2 if changed else 0), "the same report twice is one report"
    assert "内容不同" in twice.stderr


def test_what_is_advised_fits_a_missing_report_and_two_that_differ(tmp_path: Path) -> None:
    other = replace(THEN, values={**THEN.values, "requests.carried_out.natural": 1})
    write_priors(tmp_path / "priors", [THEN, other])
    _, why = Priors(str(tmp_path / "priors")).of(NOW, LOOKUP)
    message = no_prior_finding(why).message
    assert "有几份而且内容不同" in message
    assert "请给出正确的一份上年报告" in message
