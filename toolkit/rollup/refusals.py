"""Finds what stands in the way of a sum: returns (报送) that must not be added as they are, and agencies that would
count twice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from toolkit.characters import plain
from toolkit.rollup.gathering import Gathered, Return
from toolkit.rollup.sums import Share

COLUMN_LIMIT = 16_000
"""Agencies and groups that fit side by side on an Excel sheet, which has 16,384 columns."""
NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason not to add up. `message` says what is wrong and what to do; `lines` has one line for each case.
    `if_allowed` is the message if the user passes over it (--allow-failed): it says what was done instead. It is empty
    if the reason cannot be passed over."""

    message: str
    lines: tuple[str, ...] = ()
    if_allowed: str = ""


def refusals(gathered: Gathered) -> list[Refusal]:
    """Return everything that stands in the way, the gravest last."""
    found = [
        *_with_faults(gathered),
        *_not_on_roster(gathered),
        *_other_years_and_forms(gathered),
        *_repeated_agencies(gathered),
    ]
    if not gathered.counted and not any(not refusal.if_allowed for refusal in found):
        found.append(Refusal("没有可以汇总的报送。请检查路径、--year 和名册。"))
    if len(gathered.counted) + len(gathered.groups()) > COLUMN_LIMIT:
        found.append(
            Refusal(
                f"有 {len(gathered.counted)} 个机关，汇总表一行放不下（最多约 {COLUMN_LIMIT} 个）。"
                "请先分级汇总：各县汇总到县，再用各县的汇总结果汇总到市。"
            )
        )
    return found


def _refusal(message: str, lines: Iterable[str], if_allowed: str = "") -> Iterator[Refusal]:
    """Yield a refusal if there are any `lines`. In `message` and `if_allowed`, ``{}`` stands for the number of
    lines."""
    kept = tuple(lines)
    if kept:
        count = str(len(kept))
        yield Refusal(message.replace("{}", count), kept, if_allowed.replace("{}", count))


def _with_faults(gathered: Gathered) -> Iterator[Refusal]:
    yield from _refusal(
        "有误的 {} 份。请退回修改；加 --allow-failed 照样计入：",
        (f"{one.label}：{_first_fault(one)}" for one in gathered.of("有误")),
        if_allowed="有误的 {} 份，照样计入：",
    )
    yield from _refusal(
        "看不出是不是本机关报送的 {} 份（签名没有了、不符或是别的年度的）。请让机关用发给它的模板重新填报；"
        "加 --allow-failed 则不计这几份：",
        (f"{one.label}：{_first_fault(one)}" for one in gathered.of("签名不符")),
        if_allowed="看不出是不是本机关报送的 {} 份，没有计入：",
    )
    yield from _refusal(
        "有的格读不出数，{} 份。请退回修改；加 --allow-failed 则这些格不计：",
        (f"{one.label}：{misread_in(one, gathered)}" for one in gathered.of("通过") if one.share and one.share.misread),
        if_allowed="有的格读不出数，{} 份，这些格没有计入：",
    )
    yield from _refusal(
        "读不出来的 {} 份，没有数可计。请让报送单位重新发送；加 --allow-failed 则不计这几份：",
        (f"{one.path}：{one.fault}" for one in gathered.of("无法读取")),
        if_allowed="读不出来的 {} 份，没有计入：",
    )


def _first_fault(one: Return) -> str:
    more = f"（共 {one.errors} 处错误）" if one.errors > 1 else ""
    return one.fault + more


def misread_in(one: Return, gathered: Gathered) -> str:
    """Return in words the cells of a return that hold a text in place of a number; empty if there are none."""
    misread = one.share.misread if one.share else {}
    cells = gathered.form.cells if gathered.form else {}
    named = [f"{cells[cell].place}填的是“{text}”" for cell, text in misread.items() if cell in cells]
    more = f"等 {len(named)} 格" if len(named) > NAMES_SHOWN else ""
    return "、".join(named[:NAMES_SHOWN]) + more


def _not_on_roster(gathered: Gathered) -> Iterator[Refusal]:
    yield from _refusal(
        "不在名册上的 {} 份。请核对机关名称，或补进名册；加 --allow-failed 则不计这几份：",
        (one.label for one in gathered.of("不在名册") if not _is_own(one, gathered)),
        if_allowed="不在名册上的 {} 份，没有计入：",
    )
    if not gathered.has_roster:
        yield from _refusal(
            "没有填过的空白模板 {} 份。请移走；加 --allow-failed 则不计这几份：",
            (one.label for one in gathered.of("空白")),
            if_allowed="没有填过的空白模板 {} 份，没有计入：",
        )
    yield from _refusal(
        "没有填机关全称的 {} 份，不知道是谁的数。请补填：",
        (one.path for one in gathered.counted if not one.agency),
    )


def _other_years_and_forms(gathered: Gathered) -> Iterator[Refusal]:
    others = gathered.of("其他年度")
    if others and gathered.asked_year is None:
        yield from _refusal(
            f"年度不同：多数是 {gathered.year} 年的，以下 {{}} 份不是。请移走，或用 --year 指明汇总哪一年的：",
            (f"{one.label}：{one.year} 年" for one in others),
        )
    form_id = gathered.form.id if gathered.form else ""
    yield from _refusal(
        f"格式不同：其余是格式 {form_id} 的，以下 {{}} 份不是，不能相加。请换用同一格式重填：",
        (f"{one.label}：格式 {one.share.form}" for one in gathered.counted if one.share and one.share.form != form_id),
    )


def _repeated_agencies(gathered: Gathered) -> Iterator[Refusal]:
    yield from _refusal(
        "同一机关报了几份，不知道以哪份为准。请各留一份，或用 --roster 以最近的一份计：", _returned_twice(gathered)
    )
    yield from _refusal("同一机关的几份改动时间相同，分不出先后。请各留一份：", _undecided(gathered))
    yield from _refusal("同一机关有汇总的，又有不是汇总的。请各留一份：", _sum_and_own(gathered))
    yield from _refusal(
        f"{gathered.agency}以前的汇总结果也在要汇总的文件里，再加一遍就重复了。请移走：",
        (one.label for one in gathered.returns if _is_own(one, gathered)),
    )
    yield from _refusal(
        f"以下汇总数里已有{gathered.agency}，不能再汇总进来。请移走：",
        (one.label for one in gathered.counted if _includes(one, gathered.agency)),
    )
    yield from _refusal(
        "会重复计算：汇总数和它的组成部分不能一起加。请各留一处；同名的不同机关，请把全称写完整：",
        counted_twice(gathered.shares),
    )


def _is_own(one: Return, gathered: Gathered) -> bool:
    """Return True if a return is an earlier result of the same sum. The office's own (本级) return may have the same
    name, but is no sum."""
    same_year = one.state != "其他年度"
    return same_year and bool(one.share and one.share.is_sum) and plain(one.agency) == plain(gathered.agency)


def _includes(one: Return, agency: str) -> bool:
    """Return True if a return is the sum of other agencies and `agency` is one of them."""
    parts = one.share.parts if one.share and plain(one.agency) != plain(agency) else ()
    return plain(agency) in map(plain, parts)


def _returned_twice(gathered: Gathered) -> Iterator[str]:
    by_name: dict[str, list[Return]] = {}
    for one in gathered.counted:
        by_name.setdefault(plain(one.agency), []).append(one)
    for name, returns in by_name.items():
        if name and len(returns) > 1:
            yield f"{returns[0].agency}：{'、'.join(one.path for one in returns)}"


def _superseded(gathered: Gathered) -> Iterator[tuple[Return, Return]]:
    """Yield each return that counts for an agency of the roster, with each other filled-in return of that agency."""
    counted = {one.entry: one for one in gathered.counted if one.entry is not None}
    for other in gathered.of("重复"):
        if other.entry in counted and other.share and not other.empty:
            yield counted[other.entry], other


def _undecided(gathered: Gathered) -> Iterator[str]:
    """Yield a line for each agency of the roster without a return that counts, because the newest one cannot be
    determined."""
    decided = {one.entry for one in gathered.returns if one.state != "重复"}
    undecided: dict[int, list[Return]] = {}
    for one in gathered.of("重复"):
        if one.entry is not None and one.entry not in decided:
            undecided.setdefault(one.entry, []).append(one)
    for returns in undecided.values():
        yield f"{returns[0].agency}：{'、'.join(one.path for one in returns)}"


def _sum_and_own(gathered: Gathered) -> Iterator[str]:
    for one, other in _superseded(gathered):
        if one.share and other.share and one.share.is_sum != other.share.is_sum:
            yield f"{one.agency}：{one.path}、{other.path}"


def counted_twice(shares: Sequence[Share]) -> list[str]:
    """Return a line for each case of double counting: an agency that is added itself and is part of a sum, or agencies
    that are parts of two sums."""
    own = {plain(name): share for share in shares for name in share.names if name}
    lines = list[str]()
    seen = set[tuple[int, int]]()
    holders: dict[str, Share] = {}
    common: dict[tuple[int, int], tuple[Share, Share, list[str]]] = {}
    for share in shares:
        for part in share.parts:
            key = plain(part)
            other = own.get(key)
            if other is share:
                continue
            if other:
                pair = id(share), id(other)
                if pair not in seen:
                    lines.append(f"{_label(share)}的汇总数里已有{part}，又有{_label(other)}")
                seen |= {pair, pair[::-1]}
            holder = holders.setdefault(key, share)
            if holder is not share:
                common.setdefault((id(holder), id(share)), (holder, share, []))[2].append(part)
    for pair, (one, other, parts) in common.items():
        if pair not in seen:
            more = f" 等 {len(parts)} 个机关" if len(parts) > NAMES_SHOWN else ""
            lines.append(f"{'、'.join(parts[:NAMES_SHOWN])}{more}在{_label(one)}和{_label(other)}的汇总数里都有")
    return lines


def _label(share: Share) -> str:
    """Return the agency of a share and its file, for messages."""
    return f"{share.agency}（{share.source}）" if share.source else share.agency
