"""`gknb remind`: writes a reminder (催报函) to each agency that has not returned or must still correct, and the lists
for calling them."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.batch.pool_settings import PoolSettings
from toolkit.cli.arguments import form_of, pool_settings_for, require_year
from toolkit.cli.batch_messages import NAMES_SHOWN, say_unread
from toolkit.cli.console import Progress, say, show
from toolkit.cli.options import FormFile
from toolkit.problems import Problem

if TYPE_CHECKING:
    from toolkit.batch.letters.folder import Sent
    from toolkit.batch.letters.reminder_folder import ReminderBatch
    from toolkit.batch.results.reader import Results

SEVERAL = 200
"""From so many letters on, they are made by several processes: starting these takes as long as 200 letters."""


def remind(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="文件夹", help="催报函和清单写到这个文件夹")],
    roster_file: Annotated[
        Path, typer.Option("--roster", metavar="名册", help="机关名册，联系人和电话从这里取", readable=False)
    ],
    results: Annotated[
        Path, typer.Option("--results", metavar="文件夹", help="gknb check 写的结果文件夹", readable=False)
    ],
    returned: Annotated[
        list[Path] | None,
        typer.Option("--returned", metavar="路径", help="收回的表：有比校验结果新的，先要再校验", readable=False),
    ] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="年度", help="报告年度，默认为校验结果的年度")] = None,
    office: Annotated[str, typer.Option("--office", metavar="名称", help="催报函的落款机关，可不写")] = "",
    deadline: Annotated[
        str, typer.Option("--deadline", metavar="日期", help="报送期限，如 2025-01-20，据此算逾期几天")
    ] = "",
    form_file: FormFile = None,
) -> None:
    """没有报、报得不对的机关，各写一份催报函（Word），另写一份催报清单（Excel，有联系人和电话）、一份催报短信（文本，可粘贴到微信）。

    谁没有报、谁有误，取自上一次 gknb check 的结果。逾期久的在前。在有 gknb.toml 的文件夹里，什么都不用写。

    催报的文件夹由本命令管理，再运行一次：变了的更新，没变的不动，已经报好的移到“已解决”。别人放进去的、写出后有人改动的从不动。

    例：
    gknb remind
    gknb remind -o 催报
    gknb remind -o 催报 --roster 名册.xlsx --results 校验结果 --deadline 2025-01-20 --office 青河县人民政府办公室
    """
    from toolkit.batch.deadline import deadline_in
    from toolkit.batch.letters.reminder_folder import ReminderBatch
    from toolkit.batch.letters.reminders import due_agencies
    from toolkit.batch.results.reader import read_results
    from toolkit.batch.roster import read_roster
    from toolkit.forms.powers import known_powers

    require_year(year)
    found = read_results(results, year, returned or ())
    of_year = year or found.year
    if of_year is None:
        raise Problem("校验结果里看不出是哪一年的。请用 --year 写明报告年度。")
    form = form_of(of_year, form_file)
    roster = read_roster(roster_file, known_powers(form))
    title, today = form.report_title("", of_year), date.today()
    due = due_agencies(found, roster, title, today, deadline_in(deadline, of_year))
    batch = ReminderBatch(due, roster, title, of_year, office, today)
    missed = _write_reminders(output, batch)
    _show_due(batch, found)
    if missed:
        more = f"另有 {len(missed) - 1} 个也是。" if len(missed) > 1 else ""
        raise Problem(f"{missed[0].message}{more}其余的都已写好；再运行一次就能补上。")


def _write_reminders(output: Path, batch: "ReminderBatch") -> "list[Problem]":
    """Write the letters and the lists, and print what was done. Return why some could not be written."""
    from toolkit.batch.letters.folder import DONE_WORDS
    from toolkit.batch.letters.reminder_folder import send_reminders, write_lists

    pool = pool_settings_for(None) if len(batch.due) >= SEVERAL else PoolSettings(0)
    counts, bar, missed = dict.fromkeys(DONE_WORDS, 0), Progress(), list[Problem]()
    done = 0
    for sent in send_reminders(output, batch, pool):
        counts[sent.done] += 1
        bar.clear()
        _say_kept(sent)
        if sent.problem:
            missed.append(sent.problem)
        done += sent.done not in ("settled", "left")
        if done:
            bar.at(done, len(batch.due), sent.source)
    if words := "，".join(f"{DONE_WORDS[state]} {count}" for state, count in counts.items() if count):
        say(f"催报函（{output}）：{words}。")
    for sent in write_lists(output, batch):
        _say_kept(sent)
        if sent.problem:
            missed.append(sent.problem)
        elif sent.file:
            say(f"{DONE_WORDS[sent.done]}：{sent.file}")
    return missed


def _say_kept(sent: "Sent") -> None:
    """Print which file was not touched, and why there is no letter."""
    if sent.made:
        say_unread(sent.made)
    elif sent.done == "altered":
        say(f"{sent.source}：内容没有变，{sent.kept} 写出后有人改动，没有动。")
    elif sent.done == "left":
        say(f"{sent.kept} 不再需要，但写出后有人改动，没有动。请自行移走，以免误发。")
    elif sent.kept:
        say(f"注意：{sent.kept} 不是本工具写的，或写出后有人改动，没有动；新的写在 {sent.file}。")


def _show_due(batch: "ReminderBatch", results: "Results") -> None:
    """Show how many agencies are reminded, and the first of them."""
    if undecided := results.undecided():
        more = f" 等 {len(undecided)} 个机关" if len(undecided) > NAMES_SHOWN else ""
        names = "、".join(undecided[:NAMES_SHOWN])
        say(f"{names}{more}报了几份、分不出先后，没有催。请各只留一份，再校验。")
    if not batch.due:
        show(f"名册 {len(batch.roster.entries)} 个机关：没有要催的。")
        return
    from toolkit.batch.letters.reminders import OPEN_STATES

    counts = Counter(one.reminder.state for one in batch.due)
    words = "，".join(f"{state} {counts[state]}" for state in OPEN_STATES.values() if counts[state])
    show(f"名册 {len(batch.roster.entries)} 个机关，要催的 {len(batch.due)} 个：{words}。")
