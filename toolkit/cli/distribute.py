"""`gknb distribute`: writes a prefilled template for each agency of a roster (名册)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.characters import printable
from toolkit.cli.arguments import form_of, key_of, pool_settings_for, reading_of
from toolkit.cli.batch_messages import SKIPPED_SHOWN, priors_of
from toolkit.cli.console import Progress, say
from toolkit.cli.options import Force, FormFile, KeyFile, Password, Prior, Scheduler, Workers, Year

if TYPE_CHECKING:
    from toolkit.batch.distribution import Issued
    from toolkit.batch.mail_packs import Pack


def distribute(
    roster_file: Annotated[Path, typer.Argument(metavar="名册", help="机关名册（.xlsx 或 .csv）", readable=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="文件夹", help="写到这个文件夹")],
    year: Year,
    prior: Prior = None,
    password: Password = "",
    key_file: KeyFile = None,
    packs: Annotated[
        bool | None,
        typer.Option(
            "--zip/--no-zip",
            help="每个机关另打一个邮寄包（填报表、填报须知、报送说明），或不打；两个都不写的，有期限或在项目里就打",
        ),
    ] = None,
    office: Annotated[str, typer.Option("--office", metavar="名称", help="邮寄包里写的审核机关，可不写")] = "",
    deadline: Annotated[
        str, typer.Option("--deadline", metavar="日期", help="邮寄包里写的报送期限，如 2025-01-20，可不写")
    ] = "",
    workers: Workers = None,
    scheduler: Scheduler = "",
    form_file: FormFile = None,
    force: Force = False,
) -> None:
    """按名册给每个机关生成一份预先填好名称、代码、年度的模板，并列出发放清单。

    再运行一次，只写缺少的和变了的；已有人填过的不覆盖（要覆盖加 --force）。

    “邮寄包”里每个机关一个压缩包：填报表、一页填报须知、写明期限和怎样交回的报送说明，一个机关发一个附件就行。

    例：
    gknb distribute 名册.xlsx --year 2024 -o 发放
    gknb distribute 名册.xlsx --year 2024 -o 发放 --deadline 2025-01-20 --office 青河县人民政府办公室
    gknb distribute 名册.xlsx --year 2024 --prior 上年的表 -o 发放
    gknb distribute 名册.xlsx --year 2024 --key office.key -o 发放
    """
    from toolkit.batch.deadline import deadline_in
    from toolkit.batch.distribution import LIST_NAME, Issue, distribute, unlisted_files, write_list
    from toolkit.batch.mail_packs import PACK_FOLDER, Pack, mailing_of, pack_each, remove_outdated
    from toolkit.batch.roster import read_roster
    from toolkit.excel.styles import check_password
    from toolkit.files.write import require_folder
    from toolkit.forms.powers import known_powers

    form = form_of(year, form_file)
    agencies = read_roster(roster_file, known_powers(form)).entries
    require_folder(output)
    by = deadline_in(deadline, year)
    with_packs = bool(deadline) if packs is None else packs
    mailing = mailing_of(form, year, office, by, form_file is None) if with_packs else None
    check_password(password)
    signing_key = key_of(key_file, scheduler, output)
    with priors_of(prior, reading_of(form_file), pool_settings_for(workers, scheduler), output) as (priors, unreadable):
        issue = Issue(form.id, year, password, priors, form_file, signing_key)
        bar = Progress()
        issued: list[Issued] = []
        packed: list[Pack] = []
        made = distribute(agencies, issue, output, pool_settings_for(workers, scheduler), force)
        for item in pack_each(output, made, mailing, force) if mailing else made:
            if isinstance(item, Pack):
                packed.append(item)
            issued.append(item.issued if isinstance(item, Pack) else item)
            bar.at(len(issued), len(agencies), issued[-1].file)
    write_list(output / LIST_NAME, issued, form, year)
    say_issued(issued, unlisted_files(output, issued), output / LIST_NAME)
    if mailing:
        say_packed(packed, remove_outdated(output, issued), output / PACK_FOLDER)
    if (
        unreadable
        or any(item.done in ("altered", "lost") for item in issued)
        or any(pack.done in ("altered", "unwritable") for pack in packed)
    ):
        raise typer.Exit(1)


def say_issued(issued: "Sequence[Issued]", unlisted: Sequence[str], list_file: Path) -> None:
    """Print what was issued, and what was not."""
    from toolkit.batch.distribution import DONE_WORDS

    for item in issued:
        if item.done == "lost":
            say(f"【{DONE_WORDS[item.done]}】{printable(item.file)}：{item.reason}")
    altered = [item.file for item in issued if item.done == "altered"]
    if altered:
        say(
            f"有 {len(altered)} 份模板应当更新，但文件已有人改动，没有覆盖：{_first_names(altered)}。"
            "确定不要其中所填的，请加 --force；否则请移走后再运行。"
        )
    if unlisted:
        say(
            f"文件夹里另有 {len(unlisted)} 个文件不在清单上，没有动：{_first_names(unlisted)}。不要的请删去，以免误发。"
        )
    without = [item.no_prior for item in issued if item.no_prior]
    if without:
        say(f"有 {len(without)} 个机关的上年结转没有预填：")
        for why in without[:SKIPPED_SHOWN]:
            say(f"  {why}。")
        if len(without) > SKIPPED_SHOWN:
            say("  ……全部见清单的“上年数据”一列，写“无”的就是。")
    counts = [(word, sum(item.done == done for item in issued)) for done, word in DONE_WORDS.items()]
    words = "，".join(f"{word} {count}" for word, count in counts if count)
    say(f"共 {len(issued)} 个机关：{words}。清单见 {list_file}。")


def say_packed(packed: "Sequence[Pack]", others: Sequence[str], folder: Path) -> None:
    """Print what was done with the mail packs."""
    from toolkit.batch.mail_packs import PACK_WORDS

    for pack in packed:
        if pack.problem:
            say(f"【{PACK_WORDS[pack.done]}】{printable(pack.issued.file)}：{pack.problem}")
    if altered := [pack.issued.entry.name for pack in packed if pack.done == "altered"]:
        say(
            f"有 {len(altered)} 个邮寄包应当更新，但已有人改动，没有覆盖：{_first_names(altered)}。要覆盖请加 --force。"
        )
    if others:
        say(f"{folder} 里另有 {len(others)} 个压缩包不在名册上，没有动：{_first_names(others)}。请移走，以免误发。")
    counts = [(word, sum(pack.done == done for pack in packed)) for done, word in PACK_WORDS.items()]
    words = "，".join(f"{word} {count}" for word, count in counts if count)
    say(f"邮寄包（{folder}）：{words}。")


def _first_names(names: Sequence[str]) -> str:
    from toolkit.batch.received.files import shown_name

    more = f" 等 {len(names)} 个" if len(names) > SKIPPED_SHOWN else ""
    return "、".join(map(shown_name, names[:SKIPPED_SHOWN])) + more
