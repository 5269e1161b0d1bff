"""`gknb status`: who stands where, and the rounds (轮次) of one agency."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.characters import one_line
from toolkit.cli.arguments import lookup_of
from toolkit.cli.console import show, show_piece
from toolkit.cli.options import AsJson, FormFile, OptionalYear, Results
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.batch.agency_history import AgencyHistory, AgencyRound
    from toolkit.batch.results.reader import AgencyLine
    from toolkit.checks.findings import Finding


def status(
    agency: Annotated[str, typer.Argument(metavar="机关", help="只看这个机关历次报送；不写的，看全部机关")] = "",
    results: Results = None,
    year: OptionalYear = None,
    as_json: AsJson = False,
    form_file: FormFile = None,
) -> None:
    """各机关报到哪一步了；写上机关名称的，列出它历次报送、改了什么、还有什么要改。只看上次校验的结果，不读收回的表。

    例：
    gknb status
    gknb status 甲县教育局
    gknb status --json > 历次报送.json
    """
    if results is None:
        raise Problem("请用 --results 写明结果文件夹，或在有 gknb.toml 的项目文件夹里运行。")
    if agency:
        _show_agency(results, agency, year, as_json, form_file)
    elif as_json:
        _show_all_as_json(results, year, form_file)
    else:
        _show_overview(results, year)


def _show_agency(results: Path, agency: str, year: int | None, as_json: bool, form_file: Path | None) -> None:
    from toolkit.batch.agency_history import history_of
    from toolkit.files.write import json_text

    found = history_of(results, agency, year, lookup_of(form_file))
    if as_json:
        show_piece(json_text(found.data()))
        return
    show(f"{found.agency}（{found.year} 年），报送 {len(found.rounds)} 次：")
    for one in found.rounds:
        _show_round(one)
    _show_findings(found)


def _show_round(one: "AgencyRound") -> None:
    from toolkit.batch.deadline import moment_of
    from toolkit.checks.result import STATUS_WORDS

    this, comparison = one.round, one.comparison
    moment = moment_of(this.received)
    when = f"{moment:%Y-%m-%d %H:%M}（{this.received_by}）" if moment else "时间不明"
    show(f"  第 {this.number} 次  {when}  {STATUS_WORDS[this.status]}  {this.path}")
    if comparison.number > 1:
        show(f"    与上次相比：{comparison.counts_in_words}")
    for word, findings in (("已改", comparison.fixed), ("新出现", comparison.new)):
        for found in findings if comparison.number > 1 else ():
            show(f"    {word}：{found.message}")
    for change in comparison.changes:
        show(f"    改动：{change.in_words}")


def _show_findings(history: "AgencyHistory") -> None:
    if not history.asked:
        show("没有要改的，也没有要核实的。")
        return
    number_of = history.last.round.number if history.last else 0
    show(f"对第 {number_of} 次报送的意见（序号与批注件的一样，gknb refuse 用）：")
    for number, found in enumerate(history.asked, 1):
        _show_finding(number, found)


def _show_finding(number: int, found: "Finding") -> None:
    from toolkit.checks.findings import SEVERITY_WORDS

    word = "已说明" if found.is_explained else SEVERITY_WORDS[found.severity]
    show(f"  {number}. {word}：{found.message}  [{found.fingerprint}]")
    if found.explanation:
        show(f"     说明：{one_line(found.explanation)}")
    if found.refusal:
        show(f"     没有接受：{one_line(found.refusal)}")


def _show_all_as_json(results: Path, year: int | None, form_file: Path | None) -> None:
    from toolkit.batch.agency_history import histories
    from toolkit.files.write import json_text

    show_piece(json_text([one.data() for one in histories(results, year, lookup_of(form_file))]))


def _show_overview(results: Path, year: int | None) -> None:
    """Show every agency that is not through, and how many are in which state."""
    from toolkit.batch.results.reader import read_results
    from toolkit.batch.states import STATES

    found = read_results(results, year)
    lines = list(found.of_roster())
    for line in lines:
        if line.state != "通过":
            show(_line(line))
    counts = Counter(line.state for line in lines)
    words = "，".join(f"{state} {counts[state]}" for state in STATES if counts[state])
    year_words = f"{found.year} 年度，" if found.year else ""
    show(f"{year_words}名册 {len(lines) + len(found.undecided())} 个机关：{words}。")
    if undecided := found.undecided():
        show(f"报了几份、分不出先后：{'、'.join(undecided)}。请各只留一份，再校验。")


def _line(line: "AgencyLine") -> str:
    """Return the line of an agency."""
    words = [f"【{line.state}】{line.agency}"]
    if line.received:
        words.append(f"{line.received:%m月%d日}收到{'，逾期' if line.is_late else ''}")
    elif line.is_late:
        words.append("已逾期")
    if line.round > 1:
        words.append(f"第 {line.round} 次：{line.progress_in_words}")
    if line.to_mend or line.to_explain:
        words.append(f"错误 {line.to_mend}，提醒 {line.to_explain}")
    return "  ".join(filter(None, (*words, line.note)))
