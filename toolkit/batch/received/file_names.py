"""What the name of a file says (文件名): if it is read as a return, or why it is left out."""

import posixpath
from collections.abc import Iterable, Sequence

from toolkit.batch.received.archives import CONTAINERS
from toolkit.characters import printable

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".json")
"""Files in a folder that are read as returns (报送); the content shows if they can be read."""
PUBLISHED = (".docx", ".html", ".htm", ".pdf", ".txt")
"""Files that are read as published reports in a folder without returns. Beside returns they are something else."""
REPORTS = (".docx", ".html", ".htm")
"""Published reports that are read beside returns if the office asks for it (--accept-reports)."""
RETURNS = (*SUFFIXES, *CONTAINERS)
OWN_NAMES = ("findings.json", "校验结果.xlsx", "校验结果.html", "发放清单.xlsx", "汇总表.xlsx")
"""Names of our own outputs. Such a file is read like every other one, because a name is no proof; but it does not show
that a folder holds returns."""
OUR_NOTES = ("填报须知.docx", "报送说明.txt")
"""What goes out with a form (see `toolkit.batch.mail_packs`); agencies send it back beside the form."""
OUR_LETTERS = ("退回修改意见.docx", "核实意见.docx", "催报函.docx")
"""How the names of our own letters end."""
OWN_LETTER = "审核机关写的意见或催报函，不是填报表"
WITH_FORM = "随填报表发出的说明，不是填报表"
LOCK = "Excel、WPS 打开表格时留下的锁文件，不是填报表"
KEPT_BY_SYSTEM = "系统自己存的文件，不是填报表"
FROM_MAC = "macOS 附带的信息，不是填报表"
PROGRESS = "本工具记录进度的文件"
BESIDE = "像是已公布的报告，与填报表在一起时不读；要读，请直接写出文件名"
BESIDE_REPORT = f"{BESIDE}，完整的年报也可以加 --accept-reports"
OTHER_ARCHIVE = "这种压缩包打不开，里面的文件没有读；请解压后再放，或改用 .zip"
_OTHER_ARCHIVES = (".gz", ".tar", ".tgz", ".bz2", ".xz")
_OF_SYSTEM = (".ds_store", "thumbs.db", "desktop.ini")


def is_hidden(name: str) -> bool:
    """Return True if a file is hidden by its name."""
    return name.startswith(("~$", "."))


def endings_to_read(names: Iterable[str]) -> tuple[str, ...]:
    """Return the endings of files to read, given the names in a folder: those of returns if there are any, otherwise
    those of published reports."""
    published = False
    for name in names:
        suffix = ending_of(name)
        if not is_hidden(name) and name not in OWN_NAMES:
            if suffix in RETURNS:
                return RETURNS
            published = published or suffix in PUBLISHED
    return PUBLISHED if published else RETURNS


def ending_of(name: str) -> str:
    """Return the ending of a name. There may be many thousands, so `Path` is not used."""
    return posixpath.splitext(name)[1].lower()


def why_left_out(name: str, endings: Sequence[str]) -> str:
    """Return why a file with this name is left out; empty if it is to be read, whatever it holds."""
    suffix = ending_of(name)
    if suffix in endings or (name in OWN_NAMES and suffix in RETURNS):
        return ""
    if name.lower() in _OF_SYSTEM:
        return KEPT_BY_SYSTEM
    if name.startswith("._"):
        return FROM_MAC
    if name.startswith(".gknb-"):
        return PROGRESS
    if name in OUR_NOTES:
        return WITH_FORM
    if name.endswith(OUR_LETTERS):
        return OWN_LETTER
    if suffix in _OTHER_ARCHIVES:
        return OTHER_ARCHIVE
    if suffix in PUBLISHED and not is_hidden(name):
        return BESIDE_REPORT if suffix in REPORTS else BESIDE
    kind = f"扩展名是 {printable(suffix)}" if suffix else "没有扩展名"
    return f"{kind}，不是填报表（.xlsx 等）或数据文件（.json）"


def is_sent(name: str) -> bool:
    """Return True if a file with this name may be what somebody sent: systems and programs did not put it there."""
    is_ours = name in (*OWN_NAMES, *OUR_NOTES) or name.endswith(OUR_LETTERS)
    return not is_hidden(name) and name.lower() not in _OF_SYSTEM and not is_ours
