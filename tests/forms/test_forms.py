"""The form as data: both editions hold what the contract names, and a wrong definition is told what is wrong."""

from collections import Counter
from pathlib import Path

import pytest
from places import TEMPLATES

from toolkit.checks.catalogue import require_own_ids
from toolkit.forms.grid import section_grids
from toolkit.forms.loader import bundled_form, form_for_year, load_form, parse_form
from toolkit.forms.model import Form
from toolkit.problems import FormProblem, Problem
from toolkit.workbook.layout import layout_of

REQUEST_ROWS = (
    "received carried_in granted partial "
    "state_secret forbidden_by_law security third_party internal_affairs process enforcement_files admin_query "
    "not_held needs_creation unclear petition repeated publication excessive reissue"
)
APPLICANTS = "natural enterprise research charity legal other total"
RESULTS = "upheld corrected other pending total"
EDITIONS = {
    "2019": {
        "documents": ("regulations normative", "made disclosed public"),
        "services": ("licensing other", "prior change decisions"),
        "enforcement": ("penalty coercion", "prior change decisions"),
        "fees": ("fees", "prior change"),
        "procurement": ("central", "projects amount"),
        "requests": (f"{REQUEST_ROWS} other handled carried_out", APPLICANTS),
        "disputes": ("review direct_suit suit_after_review", RESULTS),
    },
    "2021": {
        "documents": ("regulations normative", "issued repealed effective"),
        "services": ("licensing", "decisions"),
        "enforcement": ("penalty coercion", "decisions"),
        "fees": ("fees", "amount"),
        "requests": (f"{REQUEST_ROWS} not_corrected fee_unpaid other handled carried_out", APPLICANTS),
        "disputes": ("review direct_suit suit_after_review", RESULTS),
    },
}


def form_of(form_id: str) -> Form:
    form = bundled_form(form_id)
    assert form is not None
    return form


@pytest.mark.parametrize("form_id", EDITIONS)
def test_cell_ids_are_those_of_the_contract(form_id: str) -> None:
    expected = [
        f"{table}.{row}.{column}"
        for table, (rows, columns) in EDITIONS[form_id].items()
        for row in rows.split()
        for column in columns.split()
    ]
    assert list(form_of(form_id).cells) == expected


@pytest.mark.parametrize("form_id", EDITIONS)
def test_totals_and_relations_of_the_official_form(form_id: str) -> None:
    form = form_of(form_id)
    rows = len(EDITIONS[form_id]["requests"][0].split())
    computed = {cell.id for cell in form.computed}
    assert computed == {
        *(cell for cell in form.cells if cell.startswith("requests.") and cell.endswith(".total")),
        *(cell for cell in form.cells if cell.startswith("requests.handled.")),
        *(cell for cell in form.cells if cell.startswith("disputes.") and cell.endswith(".total")),
    }
    # H1 each row, H2 and H3 each of seven columns, H4 three groups
    assert len(form.cases) == rows + 7 + 7 + 3
    leaves = rows - 4
    assert len(form.cells["requests.handled.total"].parts) == leaves * 6


@pytest.mark.parametrize(
    ("year", "form_id"), [(2019, "2019"), (2020, "2019"), (2021, "2021"), (2024, "2021"), (2031, "2021")]
)
def test_the_year_picks_the_edition(year: int, form_id: str) -> None:
    assert form_for_year(year).id == form_id


def test_a_year_without_an_edition_is_refused() -> None:
    with pytest.raises(Problem, match=r"没有适用于报告年度 2018 的格式"):
        form_for_year(2018)


@pytest.mark.parametrize("form_id", EDITIONS)
def test_every_grid_is_covered_exactly_once(form_id: str) -> None:
    for section in form_of(form_id).table_sections:
        for grid in section_grids(section):
            covered = [
                (row, column)
                for box in grid.boxes
                for row in range(box.row, box.row + box.height)
                for column in range(box.column, box.column + box.width)
            ]
            assert sorted(covered) == [(r, c) for r in range(grid.height) for c in range(grid.width)]


@pytest.mark.parametrize("form_id", EDITIONS)
def test_spans_are_those_of_the_published_tables(form_id: str) -> None:
    """Compared with the pages of 上海 2019 and the 2025 fixture: row and column spans of table 3 and 4."""
    (requests,) = section_grids(form_of(form_id).section("三"))
    spans = {box.text: (box.height, box.width) for box in requests.boxes if box.text}
    assert spans["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"] == (3, 3)
    assert spans["申请人情况"] == (1, 7)
    assert spans["自然人"] == (2, 1)
    assert spans["法人或其他组织"] == (1, 5)
    assert spans["一、本年新收政府信息公开申请数量"] == (1, 3)
    assert spans["三、本年度办理结果"] == ({"2019": 20, "2021": 22}[form_id], 1)
    assert spans["（一）予以公开"] == (1, 2)
    assert spans["（三）不予公开"] == (8, 1)
    (disputes,) = section_grids(form_of(form_id).section("四"))
    spans4 = [(box.text, box.height, box.width) for box in disputes.boxes if box.text]
    assert spans4[:3] == [("行政复议", 1, 5), ("行政诉讼", 1, 10), ("结果维持", 2, 1)]


FAULTS = [
    ("layout = 3", "layout = ", "第 5 行"),
    ('id = "natural"', 'idd = "natural"', "tables[requests].columns[1]：不认识的键 idd"),
    ("years = { first = 2021 }", 'years = { first = "x" }', "years.first：应为 整数，现为 文字"),
    ("years = { first = 2021 }", "years = { first = 2021, last = 2020 }", "last（2020）早于 first（2021）"),
    ('name = "政府信息公开', 'names = "政府信息公开', "names"),
    ('title = "{agency}{year}年', 'title = "{agency}年', "title：应当并且只能含有"),
    ('per = "row"', 'per = "rows"', "relations[requests-row-total].per"),
    ('"handled", "carried_out"', '"handled", "carried"', "没有 requests.carried.natural 这一格"),
    ('"legal", "other"]', '"legal", "total"]', "由自己算出"),
    ("widths = [30, 18, 18, 18]", "widths = [30]", "sections[二].widths：有 1 列"),
    ('section = "三"', 'section = "七"', "tables[requests].section：没有 id 为「七」的"),
    ('id = "received"', 'id = "granted"', "granted 出现了 2 次"),
    ('id = "received"', 'id = "Received"', "只能用小写英文字母"),
    ("decimals = 6", "decimals = 9", "decimals 应在 0 至 6 之间"),
    ('id = "agency"\nlabel', 'id = "agent"\nlabel', "缺少 id 为 agency"),
    ('title = "{agency}{year}年', 'title = "{agency}{year:zz}年', "title：应当并且只能含有"),
    ('title = "{agency}{year}年', 'title = "{agency!x}{year}年', "title：应当并且只能含有"),
    ('id = "五"', 'id = "history"', "id 要用作工作表名"),
    ("widths = [30, 18, 18, 18]", "widths = [30, 18, 18, nan]", "sections[二].widths：每列的宽度"),
    ("widths = [30, 18, 18, 18]", "widths = [30, 18, 18, 0]", "sections[二].widths：每列的宽度"),
    ('label = ["规章"]', 'label = [" "]', "rows[regulations].label[1]：应有 1 至 200 个字"),
    ('label = ["规章"]', 'label = ["规\\u0001章"]', "“规章”里有看不见的控制字符"),
    ('id = "2021"', 'id = "2021"\nid = "2021"', "有没有重复的键"),
    ('sentence = "', f'sentence = "{"长" * 200}', "relations[requests-row-total].sentence：最多 200 个字"),
    ('id = "applicants"', 'id = "results"', "charts：results 出现了 2 次"),
    ('id = "applicants"', 'id = "申请人"', "charts[申请人]：id「申请人」只能用小写英文字母"),
    ('title = "申请办理结果"', 'title = " "', "charts[results].title：应有 1 至 40 个字"),
    ('shape = "bars"', 'shape = "pie"', "charts[results].shape：不能是"),
    ('name = "部分公开", reading', 'name = "予以公开", reading', "charts[results].points：予以公开 出现了 2 次"),
    ('{ name = "部分公开", reading = ', '{ name = "部分公开", cell = ', "charts[results].points[2]：不认识的键 cell"),
    ('name = "部分公开", reading', 'name = "", reading', "charts[results].points[2].name：应有 1 至 40 个字"),
    (
        'reading = "refused"',
        'reading = "refuse"',
        "charts[results].points[不予公开].reading：没有 refuse 这一数字格，也没有这样一个 texts.sums",
    ),
    ("layout = 3", "layout = 0", "layout：应为 1 以上的整数"),
    ("oldest_layout = 2", "oldest_layout = 4", "oldest_layout：不能大于 layout（3）"),
    ('id = "2021"', 'id = "2021 年"', "id：「2021 年」只能用英文字母、数字、下划线和短横"),
    ('id = "requests-balance"', 'id = "balance!"', "relations[balance!]：id「balance!」只能用小写英文字母、数字和短横"),
    ('left = ["received", "carried_in"]', "left = []", "relations[requests-balance].left：至少要有一项"),
    ('reading = "unhandled"', 'reading = "unhandled +"', "「unhandled +」应写成 甲 + 乙 - 丙"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_wrong_definition_is_told_file_key_and_fault(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "mine.toml"
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FormProblem) as caught:
        load_form(broken)
    assert "mine.toml" in caught.value.message
    assert said in caught.value.message


def test_a_chart_needs_something_to_draw() -> None:
    text = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
    with pytest.raises(FormProblem, match=r"mine\.toml：charts\[empty\]\.points：至少要有一项"):
        parse_form(f'{text}\n[[charts]]\nid = "empty"\ntitle = "空"\npoints = []\n', "mine.toml")


@pytest.mark.parametrize("form_id", EDITIONS)
def test_the_results_of_the_chart_are_those_of_the_table(form_id: str) -> None:
    """Every result is in one bar and none in two, so that the bars add up to （七）总计."""
    form = form_of(form_id)
    results, applicants = form.charts
    bars = [term.cell for point in results.points for term in point.terms]
    drawn = Counter(part for cell in bars for part in form.cells[cell].parts)
    assert drawn == Counter(form.cells["requests.handled.total"].parts)
    columns = Counter(term for point in applicants.points for term in point.terms)
    assert columns == Counter(form.cells["requests.received.total"].parts)


def test_a_row_added_to_the_definition_is_in_everything_derived() -> None:
    text = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
    anchor = '  { id = "penalty", label = ["行政处罚"]'
    form = parse_form(text.replace(anchor, '  { id = "extra", label = ["行政检查"] },\n' + anchor), "more.toml")
    assert "enforcement.extra.decisions" in form.cells
    boxes = [box for grid in section_grids(form.section("二")) for box in grid.boxes]
    assert "行政检查" in {box.text for box in boxes}
    assert "enforcement.extra.decisions" in {box.cell for box in boxes}


def test_a_section_may_not_take_the_name_of_another_sheet() -> None:
    text = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
    with pytest.raises(FormProblem, match="自查"):
        layout_of(parse_form(text.replace('"三"', '"自查"'), "mine.toml"))


def test_unit_and_decimals_may_stand_on_a_line_and_the_kind_on_the_table() -> None:
    text = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
    line = 'label = ["本年收费金额（单位：万元）"]'
    form = parse_form(text.replace(line, line + ', unit = "元", decimals = 2'), "mine.toml")
    kind = form.cells["fees.fees.amount"].kind
    assert (kind.name, kind.unit, kind.decimals) == ("money", "元", 2)


def test_a_relation_may_not_take_the_id_of_a_general_rule() -> None:
    text = (TEMPLATES / "2021.toml").read_text(encoding="utf-8")
    with pytest.raises(FormProblem, match="blank"):
        require_own_ids(parse_form(text.replace('id = "disputes-total"', 'id = "blank"'), "mine.toml"))
