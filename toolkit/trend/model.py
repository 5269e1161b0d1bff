"""A trend (历年数据): the reports of one agency side by side by year, as plain data.

The lines of the newest report's form come first. A line of an older edition stands beside the newest one if both mean
the same (`toolkit.submission.carry_overs.same_cell`); if not, it stands in a part under the name of its edition. So no
number and no text of any year is lost.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from toolkit.characters import plain
from toolkit.forms.model import Cell, Form, Kind, Number, Section, Table, Term
from toolkit.forms.relations import total
from toolkit.problems import Problem
from toolkit.submission.carry_overs import own_numbers, same_cell, same_points
from toolkit.submission.changes import change_of, percent_of
from toolkit.submission.model import NO_NAME, Submission, Value
from toolkit.submission.spelling import number_text

NAMED_AT_MOST = 12
QUOTED = 40


@dataclass(frozen=True, slots=True)
class NamedReport:
    """A report and the name of its file."""

    name: str
    submission: Submission


@dataclass(frozen=True, slots=True)
class Chosen:
    """The reports of one agency, one for each year, the oldest first. `sources` has the files of each year, `others` is
    the number of reports of other agencies, which are not used."""

    submissions: tuple[Submission, ...]
    sources: Mapping[int, tuple[str, ...]]
    others: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """The change from the year `last` to the year `this`."""

    last: int
    this: int
    amount: Number | None
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A cell of the form over the years. `cells` is its id in each year that has it. `values` is what stood there: a
    number (odd spellings as they were understood), None for a blank, or a text. `is_total` is True if it is the total
    of its row; `parts` has, by year, the terms that a total is the sum of."""

    row: str
    column: str
    kind: Kind
    is_total: bool
    cells: Mapping[int, str]
    values: Mapping[int, Value]
    parts: Mapping[int, tuple[Term, ...]]

    def number(self, year: int) -> Number | None:
        """Return the number of a year, None if there is none."""
        value = self.values.get(year)
        return None if isinstance(value, str) else value

    def change(self, last: int, this: int) -> Change | None:
        """Return the change from one year to another, None unless both years have the line and it holds numbers."""
        if last not in self.values or this not in self.values or not self.kind.is_number:
            return None
        pair = self.number(last), self.number(this)
        return Change(last, this, change_of(*pair), percent_of(*pair))


@dataclass(frozen=True, slots=True)
class TrendBlock:
    """The lines of a table. `edition` names its form if that is not the newest one."""

    caption: str
    edition: str
    lines: tuple[TrendLine, ...]


@dataclass(frozen=True, slots=True)
class TrendSection:
    """A section of tables."""

    id: str
    title: str
    landscape: bool
    blocks: tuple[TrendBlock, ...]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text section: the paragraphs of each year."""

    title: str
    edition: str
    texts: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PointLine:
    """A point of a chart over the years: the terms that it is the sum of in each year, and the sums."""

    name: str
    terms: Mapping[int, tuple[Term, ...]]
    numbers: Mapping[int, Number]


@dataclass(frozen=True, slots=True)
class ChartLines:
    """A chart of the newest form over the years."""

    title: str
    unit: str
    points: tuple[PointLine, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """A form, and those of the compared years that were reported on it."""

    name: str
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """The years of one agency; `remarks` are what a reader has to know about the numbers."""

    agency: str
    years: tuple[int, ...]
    sources: Mapping[int, tuple[str, ...]]
    editions: tuple[Edition, ...]
    pages: tuple[TrendSection, ...]
    texts: tuple[TextPart, ...]
    charts: tuple[ChartLines, ...]
    remarks: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Return each year with the year before it, the earlier one first."""
        return tuple(zip(self.years, self.years[1:], strict=False))

    @property
    def lines(self) -> Iterable[TrendLine]:
        """Return all lines of all tables."""
        return (line for page in self.pages for block in page.blocks for line in block.lines)


# ---------------------------------------------------------------- choosing the reports


def choose(found: Sequence[NamedReport], agency: str = "") -> Chosen:
    """Return the reports of one agency by year. The same report in several files counts once.

    Raise Problem when there are several agencies and none was named, none of that name, two different reports of one
    year, or fewer than two years.
    """
    key = _the_agency(found, agency)
    own_reports = [one for one in found if plain(one.submission.agency) == key]
    by_year: dict[int, list[NamedReport]] = {}
    for one in own_reports:
        by_year.setdefault(one.submission.year, []).append(one)
    for year, several in by_year.items():
        if any(not _same_report(several[0].submission, other.submission) for other in several[1:]):
            names = _listed([one.name for one in several], "份")
            raise Problem(f"{year} 年有 {len(several)} 份报告，内容不同：{names}。请只留一份。")
    years = sorted(by_year)
    if len(years) < 2:
        have = f"只有 {years[0]} 年一年的报告" if years else "没有读出报告"
        raise Problem(f"{have}，至少要有两个年度才能比较。请把其他年度的表也写在命令里。")
    return Chosen(
        tuple(by_year[year][0].submission for year in years),
        {year: tuple(one.name for one in by_year[year]) for year in years},
        len(found) - len(own_reports),
    )


def _the_agency(found: Sequence[NamedReport], agency: str) -> str:
    names = {plain(one.submission.agency): one.submission.agency or NO_NAME for one in found}
    listed = _listed(list(names.values()), "个机关")
    if agency:
        if found and plain(agency) not in names:
            raise Problem(f"没有「{agency}」的报告，读到的是：{listed}。请检查 --agency。")
        return plain(agency)
    if len(names) > 1:
        raise Problem(f"有 {len(names)} 个机关的报告：{listed}。历年对比一次只做一个机关，请用 --agency 指明。")
    return next(iter(names), "")


def _listed(names: Sequence[str], measure: str) -> str:
    more = f" 等 {len(names)} {measure}" if len(names) > NAMED_AT_MOST else ""
    return "、".join(names[:NAMED_AT_MOST]) + more


def _same_report(one: Submission, other: Submission) -> bool:
    texts = [{key: text for key, text in each.texts.items() if text} for each in (one, other)]
    return one.form.id == other.form.id and one.all_values == other.all_values and texts[0] == texts[1]


# ---------------------------------------------------------------- building the trend


def trend_of(chosen: Chosen) -> Trend:
    """Return the trend of the chosen reports."""
    newest_first = chosen.submissions[::-1]
    newest = newest_first[0]
    years = tuple(submission.year for submission in chosen.submissions)
    editions = _editions(chosen.submissions)
    return Trend(
        newest.agency or NO_NAME,
        years,
        chosen.sources,
        editions,
        _pages(newest_first),
        _text_parts(newest_first),
        tuple(_chart_lines(newest_first)),
        tuple(_remarks(chosen.submissions, editions)),
    )


def _editions(submissions: Sequence[Submission]) -> tuple[Edition, ...]:
    by_form: dict[str, list[Submission]] = {}
    for submission in submissions:
        by_form.setdefault(submission.form.id, []).append(submission)
    return tuple(Edition(reports[0].form.name, tuple(one.year for one in reports)) for reports in by_form.values())


@dataclass(slots=True)
class _TrendLineDraft:
    """A line that is being built; `cell` is that of the newest edition that has it."""

    cell: Cell
    row: str
    column: str
    is_total: bool
    cells: dict[int, str] = field(default_factory=dict)
    values: dict[int, Value] = field(default_factory=dict)
    parts: dict[int, tuple[Term, ...]] = field(default_factory=dict)

    def line(self) -> TrendLine:
        """Return the finished line."""
        return TrendLine(self.row, self.column, self.cell.kind, self.is_total, self.cells, self.values, self.parts)


@dataclass(slots=True)
class _DraftPage:
    """A section that is being built."""

    section: Section
    blocks: dict[tuple[str, str], tuple[Table, str, list[_TrendLineDraft]]] = field(default_factory=dict)

    def page(self) -> TrendSection:
        """Return the finished section."""
        blocks = tuple(
            TrendBlock(table.caption, edition, tuple(draft.line() for draft in drafts))
            for table, edition, drafts in self.blocks.values()
        )
        return TrendSection(self.section.id, self.section.title, self.section.landscape, blocks)


def _pages(newest_first: Sequence[Submission]) -> tuple[TrendSection, ...]:
    """Return the sections of tables, those of the newest form first. Lines that the newest form does not have come
    after its own."""
    pages: list[_DraftPage] = []
    known: dict[str, list[_TrendLineDraft]] = {}
    for submission in newest_first:
        form, numbers = submission.form, own_numbers(submission)
        edition = _edition_name(form, newest_first[0].form)
        row_totals = {case.total for case in form.cases if case.relation.defines and case.relation.per == "row"}
        for cell in form.cells.values():
            draft = next((one for one in known.get(cell.id, ()) if _means_the_same(one.cell, cell)), None)
            if draft is None:
                section, table = _section_and_table(form, cell)
                page = _page_of(pages, section)
                draft = _TrendLineDraft(cell, *_names(cell, table), cell.id in row_totals)
                page.blocks.setdefault((form.id, table.id), (table, edition, []))[2].append(draft)
                known.setdefault(cell.id, []).append(draft)
            draft.cells[submission.year] = cell.id
            draft.values[submission.year] = _value(submission, cell, numbers)
            draft.parts[submission.year] = cell.parts
    return tuple(page.page() for page in pages)


def _edition_name(form: Form, newest: Form) -> str:
    return "" if form.id == newest.id else form.name


def _means_the_same(cell: Cell, other: Cell) -> bool:
    return same_cell(cell, other) and cell.kind.is_number == other.kind.is_number


def _section_and_table(form: Form, cell: Cell) -> tuple[Section, Table]:
    section = form.section(cell.section)
    return section, next(table for table in section.tables if table.id == cell.table)


def _page_of(pages: list[_DraftPage], section: Section) -> _DraftPage:
    for page in pages:
        if _same_section(page.section, section):
            return page
    pages.append(_DraftPage(section))
    return pages[-1]


def _same_section(section: Section, other: Section) -> bool:
    return section.id == other.id and plain(section.title) == plain(other.title)


def _names(cell: Cell, table: Table) -> tuple[str, str]:
    """Return short names of a cell's row and column that are unique in the table. For rows the last two label levels
    are used, all levels if these are not unique; for columns the full name if the short one is not unique."""
    two = Counter((*line.label[-2:-1], line.short) for line in table.rows)
    short = Counter(line.short for line in table.columns)
    row, column = cell.row, cell.column
    last_two = (*row.label[-2:-1], row.short)
    row_words = last_two if two[last_two] == 1 else row.label
    name = column.short if short[column.short] == 1 else " › ".join(column.label)
    unit = cell.kind.unit
    return " › ".join(row_words), f"{name}（{unit}）" if unit and unit not in name else name


def _value(submission: Submission, cell: Cell, numbers: Mapping[str, Number]) -> Value:
    """Return what a line shows: the number if there is one, otherwise what stood there. A total of blanks only is a
    blank."""
    if cell.id in numbers or cell.computed:
        return numbers.get(cell.id)
    return submission.values.get(cell.id)


def _text_parts(newest_first: Sequence[Submission]) -> tuple[TextPart, ...]:
    parts: list[tuple[Section, str, dict[int, tuple[str, ...]]]] = []
    for submission in newest_first:
        edition = _edition_name(submission.form, newest_first[0].form)
        for section in submission.form.text_sections:
            texts = next((texts for known, _, texts in parts if _same_section(known, section)), None)
            if texts is None:
                texts = {}
                parts.append((section, edition, texts))
            texts[submission.year] = tuple(submission.texts.get(section.id, ()))
    return tuple(TextPart(section.title, edition, texts) for section, edition, texts in parts)


def _chart_lines(newest_first: Sequence[Submission]) -> Iterable[ChartLines]:
    """Yield the charts of the newest form. A point of an older year is the sum of that year's own cells."""
    for chart in newest_first[0].form.charts:
        terms: list[dict[int, tuple[Term, ...]]] = [{} for _ in chart.points]
        sums: list[dict[int, Number]] = [{} for _ in chart.points]
        for submission in newest_first:
            numbers = own_numbers(submission)
            for place, own_reports in enumerate(same_points(chart, submission.form)):
                if any(term.cell in numbers for term in own_reports):
                    terms[place][submission.year] = own_reports
                    sums[place][submission.year] = total(own_reports, numbers)
        points = map(PointLine, (point.name for point in chart.points), terms, sums)
        yield ChartLines(chart.title, chart.unit, tuple(points))


def _remarks(submissions: Sequence[Submission], editions: Sequence[Edition]) -> Iterable[str]:
    years = [submission.year for submission in submissions]
    if missing := [str(year) for year in range(years[0], years[-1]) if year not in years]:
        yield f"缺 {'、'.join(missing)} 年的报告，其后一年与最近的一年比较。"
    if len(editions) > 1:
        yield "各年用的格式不同：两版相同的项目并排列出，只在旧格式中有的项目列在各表后面。"
    names = list(dict.fromkeys(submission.agency or NO_NAME for submission in submissions))
    if len(names) > 1:
        yield f"各年的机关名称写法不同：{'、'.join(names)}。"
    for submission in submissions:
        if not any(submission.texts.values()):
            yield f"{submission.year} 年的报告没有文字。"
    for submission in submissions:
        yield from _odd_spellings(submission)


def _odd_spellings(submission: Submission) -> Iterable[str]:
    for cell_id, value in submission.values.items():
        cell = submission.form.cells[cell_id]
        if isinstance(value, str) and cell.kind.is_number:
            number = submission.numbers.get(cell_id)
            read_as = "认不出是什么数，照原样列出" if number is None else f"按 {number_text(number)} 计"
            quoted = value if len(value) <= QUOTED else f"{value[:QUOTED]}……"
            yield f"{submission.year} 年 {cell.place}填的是“{quoted}”，{read_as}。"
