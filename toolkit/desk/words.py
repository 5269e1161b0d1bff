"""What a command prints, in the words of the page: a clerk has buttons in front of her and no command line."""

import re

from toolkit.batch import progress_line

_REPLACED = (
    (r"请先运行 gknb check，再运行本命令", "请先到“审表”点“校验”"),
    (r"再运行 gknb check", "再点“校验”"),
    (r"再运行 gknb distribute \S+", "再点“生成模板”"),
    (r"(要看全部，请用 gknb check 加 -o，见其中的|全部见 .{1,200}? 里的) ", "全部见结果文件夹里的 "),
    (r"(填好后用|请用) gknb roster (-o )?\S+ ?(检查|生成空白名册)", r"请到“名册”\3"),
    (r"，?用 gknb status \S+ 查看", "到“审表”里查看"),
    (r"（?序号与批注件的一样，gknb refuse 用）?", "（序号与批注件的一样）"),
    (r"用 gknb key 生成", "已经生成"),
    (r"(之后)?加 --resume 再运行一次", "再点一次"),
    (r"可?用 --resume 接着做", "再点一次就接着做"),
    (r"(之后|再运行时)?加 --force(再运行)? ?", "勾选“覆盖已有的”"),
    (r"加 --allow-failed ?", "勾选“有误的也出”"),
    (r"[，。]?加大 --(seconds|limit|memory)( 再试)?", "联系维护人员放宽上限"),
    (r"再运行一次", "再点一次"),
    (r"本命令", "这一项"),
    (r"gknb distribute", "“发表”"),
    (r"gknb check", "“校验”"),
    (r"gknb report", "“出报告”"),
    (r"gknb rollup", "“汇总”"),
    (r"gknb remind", "“催报”"),
    (r"gknb status", "“审表”"),
    (r"gknb roster", "“名册”"),
)


def for_page(said: str) -> str:
    """Return a sentence of a command as a page says it."""
    if "gknb" in said or "--" in said or "运行" in said or "本命令" in said:
        for pattern, words in _REPLACED:
            said = re.sub(pattern, words, said)
    return said


def time_left(seconds: float | None) -> str:
    """Return in words how long something still takes, empty if that is not known."""
    return "" if seconds is None else progress_line.time_left(max(seconds, 1))
