"""Reads a form definition, checks it, and resolves it into a `Form`.

Every fault is a `FormProblem` that names the file, the key and what is wrong.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from toolkit.characters import without_forbidden
from toolkit.files.read import read_whole
from toolkit.forms import declaration as declared
from toolkit.forms.grid import natural_width
from toolkit.forms.kinds import KINDS, YES_NO
from toolkit.forms.model import (
    CarryOver,
    CarryOverCase,
    Case,
    Cell,
    Chart,
    Form,
    InfoField,
    Kind,
    Line,
    Point,
    Relation,
    Section,
    Sentence,
    Side,
    Table,
    Term,
    line_place,
)
from toolkit.forms.readings import Readings
from toolkit.forms.relations import PRECISION
from toolkit.forms.texts import resolve_texts
from toolkit.problems import FormProblem, Problem
from toolkit.resources import resource

ID = re.compile(r"[a-z][a-z0-9_]*\Z")
RELATION_ID = re.compile(r"[a-z][a-z0-9-]*\Z")
SECTION_ID = re.compile(r"(?!(?i:history)\Z)[^\[\]:*?/\\'!\s]{1,20}\Z")

LABEL_LIMIT = 200
MIN_WIDTH, MAX_WIDTH = 2, 200
"""Of a column, in characters."""
CHART_LIMIT = 40
"""Characters of a chart's title and of its points' names: what fits in a line of it."""
PROMPT_LIMIT = 200
"""Help and basis together: what a spreadsheet's input prompt can show."""


def load_form(path: Path) -> Form:
    """Read one form definition.

    Raises FormProblem with the file, the key and the fault.
    """
    try:
        text = read_whole(path).decode("utf-8-sig")
    except FileNotFoundError:
        raise Problem(f"找不到格式定义 {path}。请检查 --form 后面的路径。") from None
    except (OSError, UnicodeDecodeError):
        raise Problem(f"格式定义 {path} 打不开或不是 UTF-8 文本。请用文本编辑器另存为 UTF-8 后再试。") from None
    return parse_form(text, path.name)


def parse_form(text: str, name: str) -> Form:
    """Like `load_form`, from the TOML text; `name` is what messages call the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"第 {found[1]} 行第 {found[2]} 列附近" if found else "文件末尾"
        raise FormProblem(
            f"格式定义 {name}：{where}不合 TOML 写法。请检查引号、括号和等号是否成对，有没有重复的键。"
        ) from None
    _refuse_control_characters(data, name)
    try:
        form = msgspec.convert(data, declared.DeclaredForm)
    except msgspec.ValidationError as error:
        raise FormProblem(f"格式定义 {name}：{_translate(str(error), data)}") from None
    return _FormResolver(name, form).form()


@cache
def bundled_form(form_id: str) -> Form | None:
    """The bundled form of this id, or None."""
    path = resource(f"templates/{form_id}.toml")
    return load_form(path) if form_id in bundled_ids() else None


@cache
def bundled_ids() -> tuple[str, ...]:
    """Ids of the bundled forms, oldest first."""
    return tuple(sorted(path.stem for path in resource("templates").glob("*.toml")))


def bundled_forms() -> list[Form]:
    """The bundled forms, oldest first."""
    return [form for form_id in bundled_ids() if (form := bundled_form(form_id))]


@dataclass(frozen=True)
class FormLookup:
    """Finds a form by its id: a form of one's own first, then the bundled ones."""

    own: Form | None = None

    def __call__(self, form_id: str) -> Form | None:
        return self.own if self.own is not None and self.own.id == form_id else bundled_form(form_id)

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every form that there is, the one of one's own first."""
        own = (self.own,) if self.own else ()
        return (*own, *(form for form in bundled_forms() if not self.own or form.id != self.own.id))


def form_lookup(own: Form | None = None) -> FormLookup:
    """Finds a form by its id: a form of one's own first, then the bundled ones."""
    return FormLookup(own)


def form_for_year(year: int) -> Form:
    """The bundled edition that a report year is made on.

    Raises Problem when no edition serves that year.
    """
    forms = bundled_forms()
    for form in reversed(forms):
        if form.serves(year):
            return form
    served = "；".join(f"格式 {form.id} 用于 {form.years_text}" for form in forms)
    raise Problem(f"没有适用于报告年度 {year} 的格式（{served}）。请检查 --year，应为四位报告年度。")


def _refuse_control_characters(data: Any, name: str) -> None:
    """Neither a workbook nor a Word file can hold them."""
    if isinstance(data, str) and without_forbidden(data) != data:
        raise FormProblem(f"格式定义 {name}：“{without_forbidden(data)[:40]}”里有看不见的控制字符，请删去。")
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        _refuse_control_characters(item, name)


_FAULTS = (
    (r"Object missing required field `(?P<a>.+?)`", "缺少 {a}"),
    (r"Object contains unknown field `(?P<a>.+?)`", "不认识的键 {a}，请检查拼写"),
    (r"Expected `(?P<a>.+?)`, got `(?P<b>.+?)`", "应为 {a}，现为 {b}"),
    (r"Invalid enum value (?P<a>.+)", "不能是 {a}"),
)
_TYPE_WORDS = {
    "str": "文字",
    "int": "整数",
    "float": "数",
    "bool": "true 或 false",
    "array": "数组",
    "object": "表",
    "null": "空",
}


def _translate(message: str, data: Any) -> str:
    """A validation message in words, its path with ids in place of positions."""
    fault, _, path = message.partition(" - at ")
    for pattern, words in _FAULTS:
        if found := re.match(pattern, fault):
            parts = {key: _words_of_types(value) for key, value in found.groupdict().items()}
            fault = words.format(**parts)
            break
    where = _named_path(path.strip("`").removeprefix("$").removeprefix("."), data)
    return f"{where}：{fault}。" if where else f"{fault}。"


def _words_of_types(value: str) -> str:
    return " 或 ".join(_TYPE_WORDS.get(word, word) for word in value.split(" | "))


def _named_path(path: str, data: Any) -> str:
    words = ""
    for key, position in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        try:
            data = data[key or int(position)]
        except (KeyError, IndexError, TypeError):
            data = None
        if position:
            name = data.get("id") if isinstance(data, dict) else None
            words += f"[{name if isinstance(name, str) else int(position) + 1}]"
        else:
            words += f".{key}" if words else key
    return words


class _FormResolver:
    """Turns one declaration into a Form; holds the file's name for messages."""

    def __init__(self, name: str, form: declared.DeclaredForm) -> None:
        self.name = name
        self.source = form

    def fail(self, key: str, fault: str) -> NoReturn:
        raise FormProblem(f"格式定义 {self.name}：{key}：{fault}。")

    def form(self) -> Form:
        source = self.source
        self.check_head()
        tables = {table.id: self.table(table) for table in source.tables}
        sections = tuple(self.section(section, tables) for section in source.sections)
        cells = {cell.id: cell for table in source.tables for cell in self.cells(table, tables, sections)}
        relations = tuple(self.relation(relation) for relation in source.relations)
        cases = [
            case
            for relation, declaration in zip(relations, source.relations, strict=True)
            for case in self.cases(relation, declaration, tables, cells)
        ]
        parts = self.definitions(cases)
        cells = {key: replace(cell, parts=parts.get(key, ())) for key, cell in cells.items()}
        resolved = tuple(_with_inputs(case, parts) for case in cases)
        carry_overs = tuple(case for item in source.carry_overs for case in self.carry_over_cases(item, tables, cells))
        rule_ids = [relation.id for relation in source.relations] + [item.id for item in source.carry_overs]
        rule_ids += [content.id for content in source.texts.contents]
        self.check_unique("relations、carry_overs、texts.contents", rule_ids)
        readings = Readings(source.texts.sums, cells, self.fail)
        return Form(
            id=source.id,
            layout=source.layout,
            name=source.name,
            title=source.title,
            basis=source.basis,
            first_year=source.years.first,
            last_year=source.years.last,
            instructions=tuple(source.instructions),
            info=tuple(
                InfoField(field.id, field.label, field.help, tuple(field.options), field.layout)
                for field in source.info
            ),
            sections=sections,
            cells=cells,
            relations=relations,
            cases=resolved,
            carry_overs=carry_overs,
            preface=tuple(self.sentence("preface", sentence) for sentence in source.preface),
            signature=tuple(self.sentence("signature", sentence) for sentence in source.signature),
            boilerplate=tuple(source.boilerplate),
            texts=resolve_texts(source.texts, sections, readings, self.fail),
            charts=self.charts(readings),
            filled=tuple(cell for cell in cells.values() if not cell.computed),
            computed=tuple(cell for cell in cells.values() if cell.computed),
        )

    def check_unique(self, key: str, names: Iterable[str]) -> None:
        for name, count in Counter(names).items():
            if count > 1:
                self.fail(key, f"{name} 出现了 {count} 次，应各不相同")

    def check_id(self, key: str, name: str, pattern: re.Pattern[str] = ID) -> None:
        if not pattern.match(name):
            self.fail(key, f"id「{name}」只能用小写英文字母、数字和下划线，以字母开头")

    def check_head(self) -> None:
        source = self.source
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", source.id):
            self.fail("id", f"「{source.id}」只能用英文字母、数字、下划线和短横")
        if source.layout < 1:
            self.fail("layout", "版式号应为 1 以上的整数")
        years = source.years
        if years.last is not None and years.last < years.first:
            self.fail("years", f"last（{years.last}）早于 first（{years.first}）")
        if set(re.findall(r"\{.*?\}|[{}]", source.title)) != {"{agency}", "{year}"}:
            self.fail("title", "应当并且只能含有 {agency} 和 {year}")
        for pattern in source.boilerplate:
            try:
                re.compile(pattern)
            except re.error:
                self.fail("boilerplate", f"「{pattern}」不是合格的正则表达式")
        self.check_unique("info", [field.id for field in source.info])
        if "agency" not in {field.id for field in source.info}:
            self.fail("info", "缺少 id 为 agency 的一项（机关全称）")
        self.check_unique("tables", [table.id for table in source.tables])
        self.check_unique("sections", [section.id.casefold() for section in source.sections])

    def section(self, section: declared.DeclaredSection, tables: dict[str, Table]) -> Section:
        key = f"sections[{section.id}]"
        if not SECTION_ID.match(section.id):
            self.fail(key, "id 要用作工作表名：1 至 20 个字，不含空格和 [ ] : * ? / \\ ' !，不能是 History")
        if not section.title.strip() or len(section.title) > LABEL_LIMIT:
            self.fail(f"{key}.title", f"应有 1 至 {LABEL_LIMIT} 个字")
        if not all(MIN_WIDTH <= width <= MAX_WIDTH for width in section.widths):
            self.fail(f"{key}.widths", f"每列的宽度应在 {MIN_WIDTH} 至 {MAX_WIDTH} 之间")
        mine = tuple(table for table in tables.values() if table.section == section.id)
        if section.text and mine:
            self.fail(key, f"是文字部分，表 {mine[0].id} 不能放在这里")
        if not section.text and not mine:
            self.fail(key, "没有表；文字部分请写 text = true")
        for table in mine:
            if natural_width(table) > len(section.widths):
                self.fail(
                    f"{key}.widths",
                    f"有 {len(section.widths)} 列，表 {table.id} 需要 {natural_width(table)} 列",
                )
            if table.across and natural_width(table) != len(section.widths):
                self.fail(f"{key}.widths", f"表 {table.id} 横排，列数应正好是 {natural_width(table)}")
        return Section(
            section.id,
            section.title,
            section.name or section.title,
            section.text,
            section.help,
            section.basis,
            tuple(section.widths),
            section.landscape,
            mine,
            tuple(section.also),
        )

    def sentence(self, key: str, sentence: declared.DeclaredSentence) -> Sentence:
        known = {field.id: field for field in self.source.info}
        quoted = re.findall(r"\{(.*?)\}", sentence.text)
        for name in (*quoted, *sentence.when):
            if name not in known and name not in ("agency", "year"):
                self.fail(key, f"「{sentence.text}」用到的 {name} 不是 info 里的项目，也不是 agency、year")
        for name in sentence.when:
            if name not in known or tuple(known[name].options) not in ((), YES_NO):
                self.fail(f"{key}.when", f"{name} 应为 info 里的项目，有选项的只能是“{'”“'.join(YES_NO)}”")
        fields = tuple(name for name in quoted if name not in ("agency", "year"))
        return Sentence(sentence.text, tuple(sentence.when), fields)

    def table(self, table: declared.DeclaredTable) -> Table:
        key = f"tables[{table.id}]"
        self.check_id(key, table.id)
        if table.section not in {section.id for section in self.source.sections}:
            self.fail(f"{key}.section", f"没有 id 为「{table.section}」的 sections")
        rows = self.lines(f"{key}.rows", table.rows)
        columns = self.lines(f"{key}.columns", table.columns)
        return Table(table.id, table.section, table.caption, table.corner, table.across, rows, columns)

    def lines(self, key: str, lines: Sequence[declared.DeclaredLine]) -> tuple[Line, ...]:
        if not lines:
            self.fail(key, "至少要有一项")
        self.check_unique(key, [line.id for line in lines])
        self.check_unique(key, [" › ".join(line.label) for line in lines])
        for line in lines:
            self.check_id(f"{key}[{line.id}]", line.id)
            if not line.label or not all(word.strip() and len(word) <= LABEL_LIMIT for word in line.label):
                self.fail(f"{key}[{line.id}].label", f"至少一级，每级 1 至 {LABEL_LIMIT} 个字")
        return tuple(
            Line(
                line.id,
                tuple(line.label),
                line.short or line.label[-1],
                line.help,
                line.basis,
                line.needs,
                tuple(line.also),
            )
            for line in lines
        )

    def cells(
        self, source: declared.DeclaredTable, tables: dict[str, Table], sections: Sequence[Section]
    ) -> Iterator[Cell]:
        table = tables[source.id]
        section = next(section for section in sections if section.id == table.section)
        for row, row_source in zip(table.rows, source.rows, strict=True):
            for column, column_source in zip(table.columns, source.columns, strict=True):
                key = f"tables[{table.id}] 的 {row.id}.{column.id}"
                if sum(map(len, (row.help, row.basis, column.help))) > PROMPT_LIMIT:
                    self.fail(key, f"行列说明（help、basis）合计超过 {PROMPT_LIMIT} 字，输入提示放不下")
                path = " › ".join((*row.label[:-1], row.short))
                yield Cell(
                    id=f"{table.id}.{row.id}.{column.id}",
                    table=table.id,
                    section=table.section,
                    row=row,
                    column=column,
                    kind=self.kind(key, source, row_source, column_source),
                    place=f"{section.name}{table.caption}「{path}」{column.short}列",
                )

    def kind(
        self, key: str, table: declared.DeclaredTable, row: declared.DeclaredLine, column: declared.DeclaredLine
    ) -> Kind:
        """The nearest declaration wins: column, then row, then table. A kind starts afresh, without the unit,
        decimals and options of the kind that it replaces."""
        name, unit, decimals, options = table.kind, table.unit, table.decimals, tuple(table.options)
        for line in (row, column):
            if line.kind is not None:
                name, unit, decimals, options = line.kind, "", 0, ()
            unit = unit if line.unit is None else line.unit
            decimals = decimals if line.decimals is None else line.decimals
            options = options if line.options is None else tuple(line.options)
        record = KINDS.get(name)
        if record is None:
            self.fail(key, f"没有「{name}」这种格，kind 可以是 {'、'.join(KINDS)}")
        if record.is_number and not record.is_whole and not 0 <= decimals <= PRECISION:
            self.fail(key, f"decimals 应在 0 至 {PRECISION} 之间")
        options = record.options or options
        if record.needs_options and (not options or len(",".join(options)) > 255 or "," in "".join(options)):
            self.fail(key, f"{name} 要有 options，各项不含英文逗号，合计不超过 255 字")
        return Kind(name, unit, decimals, options)

    def relation(self, relation: declared.DeclaredRelation) -> Relation:
        self.check_id(f"relations[{relation.id}]", relation.id, RELATION_ID)
        for key in ("sentence", "basis", "advice"):
            if len(getattr(relation, key)) > LABEL_LIMIT:
                self.fail(f"relations[{relation.id}].{key}", f"最多 {LABEL_LIMIT} 个字")
        return Relation(
            relation.id,
            relation.operator,
            relation.severity,
            relation.sentence,
            relation.basis,
            relation.advice,
            relation.per,
            relation.table,
            relation.defines,
        )

    def cases(
        self,
        relation: Relation,
        source: declared.DeclaredRelation,
        tables: dict[str, Table],
        cells: dict[str, Cell],
    ) -> Iterator[Case]:
        key = f"relations[{relation.id}]"
        if source.defines and (source.operator != "=" or len(source.left) != 1 or source.left[0].startswith("-")):
            self.fail(key, "defines = true 时，左边只能有一格，运算符为 =")
        if source.per == "form":
            yield self.case(key, relation, source, None, "{}", cells)
            return
        table = tables.get(source.table)
        if table is None:
            self.fail(f"{key}.table", f"没有 id 为「{source.table}」的表")
        lines = table.rows if source.per == "row" else table.columns
        unknown = set(source.only) - {line.id for line in lines}
        if unknown:
            self.fail(f"{key}.only", f"表 {table.id} 没有 {'、'.join(sorted(unknown))}")
        for line in lines:
            if not source.only or line.id in source.only:
                pattern = f"{table.id}.{line.id}.{{}}" if source.per == "row" else f"{table.id}.{{}}.{line.id}"
                yield self.case(key, relation, source, line, pattern, cells)

    def case(
        self,
        key: str,
        relation: Relation,
        source: declared.DeclaredRelation,
        line: Line | None,
        pattern: str,
        cells: dict[str, Cell],
    ) -> Case:
        def side(name: str, terms: Sequence[str]) -> Side:
            if not terms:
                self.fail(f"{key}.{name}", "至少要有一项")
            result = []
            for term in terms:
                cell = cells.get(pattern.format(term.removeprefix("-")))
                if cell is None:
                    self.fail(f"{key}.{name}", f"没有 {pattern.format(term.removeprefix('-'))} 这一格")
                if not cell.kind.is_number:
                    self.fail(f"{key}.{name}", f"{cell.id} 不是数字格，不能参加勾稽")
                result.append(Term(-1 if term.startswith("-") else 1, cell.id))
            return Side(tuple(result), ())

        left, right = side("left", source.left), side("right", source.right)
        case_id = f"{relation.id}.{line.id}" if line else relation.id
        return Case(case_id, relation, cells[left.terms[0].cell].section, line, left, right)

    def carry_over_cases(
        self, source: declared.DeclaredCarryOver, tables: dict[str, Table], cells: dict[str, Cell]
    ) -> Iterator[CarryOverCase]:
        key = f"carry_overs[{source.id}]"
        self.check_id(key, source.id, RELATION_ID)
        table = tables.get(source.table)
        if table is None:
            self.fail(f"{key}.table", f"没有 id 为「{source.table}」的表")
        carry_over = CarryOver(source.id, source.severity, source.sentence, source.basis, source.advice, source.prefill)
        for line in table.rows if source.per == "row" else table.columns:
            pattern = f"{table.id}.{line.id}.{{}}" if source.per == "row" else f"{table.id}.{{}}.{line.id}"

            def cell(name: str, term: str, pattern: str = pattern) -> str:
                found = cells.get(pattern.format(term.removeprefix("-")))
                if found is None or not found.kind.is_number:
                    self.fail(f"{key}.{name}", f"没有 {pattern.format(term.removeprefix('-'))} 这一数字格")
                return found.id

            this, last = cell("this", source.this), cell("last", source.last)
            changes = [Term(-1 if term.startswith("-") else 1, cell("changes", term)) for term in source.changes]
            place = line_place(line, source.per)
            yield CarryOverCase(f"{source.id}.{line.id}", carry_over, table.section, place, this, last, tuple(changes))

    def charts(self, readings: Readings) -> tuple[Chart, ...]:
        self.check_unique("charts", [chart.id for chart in self.source.charts])
        return tuple(self.chart(chart, readings) for chart in self.source.charts)

    def chart(self, chart: declared.DeclaredChart, readings: Readings) -> Chart:
        key = f"charts[{chart.id}]"
        self.check_id(key, chart.id)
        if not chart.points:
            self.fail(f"{key}.points", "至少要有一项")
        self.check_unique(f"{key}.points", [point.name for point in chart.points])
        for name, words in (("title", chart.title), *(("points.name", point.name) for point in chart.points)):
            if not words.strip() or len(words) > CHART_LIMIT:
                self.fail(f"{key}.{name}", f"应有 1 至 {CHART_LIMIT} 个字")
        points = [
            Point(point.name, readings.reading(f"{key}.points[{point.name}].reading", point.reading).terms)
            for point in chart.points
        ]
        return Chart(chart.id, chart.title, chart.unit, chart.shape, tuple(points))

    def definitions(self, cases: Sequence[Case]) -> dict[str, tuple[Term, ...]]:
        """The parts of every computed cell, as filled cells only."""
        defining: dict[str, list[Case]] = {}
        for case in cases:
            if case.relation.defines:
                defining.setdefault(case.total, []).append(case)
        parts: dict[str, tuple[Term, ...]] = {}

        def resolve(cell: str, path: tuple[str, ...]) -> tuple[Term, ...]:
            if cell in path:
                self.fail("relations", f"{cell} 由自己算出（{' → '.join((*path, cell))}）")
            if cell not in parts:
                ways = [expand(case, (*path, cell)) for case in defining[cell]]
                if any(way != ways[0] for way in ways):
                    ids = "、".join(case.relation.id for case in defining[cell])
                    self.fail("relations", f"{cell} 由 {ids} 算出，几种算法用到的格不同")
                parts[cell] = ways[0]
            return parts[cell]

        def expand(case: Case, path: tuple[str, ...]) -> tuple[Term, ...]:
            weights: Counter[str] = Counter()
            for term in case.right.terms:
                inner = resolve(term.cell, path) if term.cell in defining else (Term(1, term.cell),)
                for part in inner:
                    weights[part.cell] += term.sign * part.sign
            if any(abs(weight) > 1 for weight in weights.values()):
                self.fail(f"relations[{case.relation.id}]", f"{case.total} 把同一格加了两次")
            return tuple(Term(weight, cell) for cell, weight in sorted(weights.items()) if weight)

        for cell in defining:
            resolve(cell, ())
        return parts


def _with_inputs(case: Case, parts: dict[str, tuple[Term, ...]]) -> Case:
    def resolved(side: Side) -> Side:
        inputs = [
            Term(term.sign * part.sign, part.cell)
            for term in side.terms
            for part in parts.get(term.cell, (Term(1, term.cell),))
        ]
        return Side(side.terms, tuple(inputs))

    return Case(case.id, case.relation, case.section, case.line, resolved(case.left), resolved(case.right))
