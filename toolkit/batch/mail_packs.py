"""Mail packs (邮寄包): one archive for each agency of a roster, ready to be attached: its form, the guide (填报须知),
and a covering text.

A pack carries a mark that no program shows: the id of the agency and a digest of what is inside. A pack that somebody
has changed is not touched.
"""

import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Literal

from toolkit.batch.distribution import Issued
from toolkit.batch.received.file_names import OUR_NOTES
from toolkit.batch.roster import RosterEntry
from toolkit.files.read import read_bytes
from toolkit.files.write import require_folder, write_output
from toolkit.files.write_errors import Unwritable, in_words
from toolkit.forms.model import Form
from toolkit.problems import Unreadable

PACK_FOLDER = "邮寄包"
GUIDE_NAME, COVER_NAME = OUR_NOTES
PackDone = Literal["written", "same", "altered", "none", "unwritable"]
PACK_WORDS: dict[PackDone, str] = {
    "written": "写出",
    "same": "未变",
    "altered": "已有人改动（没有覆盖）",
    "none": "没有打包（模板已有人填写、改动或没有生成）",
    "unwritable": "写不进",
}
_HEADER = struct.Struct("<HH16s32s")
_MARK_ID = 0x4B47
"""The number of our mark among the extra fields of an archive; programs skip numbers that they do not know."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """What goes to every agency: `title` is that of the report, `deadline` a date in words, `guide` the bytes of the
    guide, None if there is none for this form. The files in a pack are dated at the end of `year`."""

    title: str
    year: int
    office: str = ""
    deadline: str = ""
    guide: bytes | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """What was done with the pack of an agency, `problem` says why it could not be written."""

    issued: Issued
    done: PackDone
    problem: str = ""


def mailing_of(form: Form, year: int, office: str, deadline: date | None, with_guide: bool) -> Mailing:
    """Return what goes to every agency. The guide explains the official form only."""
    from toolkit.reports.guide import build_guide
    from toolkit.reports.reminder import day_in_words

    by = day_in_words(deadline) if deadline else ""
    return Mailing(form.report_title("", year), year, office, by, build_guide(office, by) if with_guide else None)


def pack_each(folder: Path, issued: Iterable[Issued], mailing: Mailing, force: bool = False) -> Iterator[Pack]:
    """Write the pack of each agency whose template has just been issued, unless it is there already, and yield what was
    done. A pack that somebody has changed is not touched, unless `force` is given."""
    packs = folder / PACK_FOLDER
    require_folder(packs)
    for item in issued:
        try:
            yield Pack(item, _write_pack(folder, packs / pack_name(item), item, mailing, force))
        except Unwritable as problem:
            if problem.everywhere:
                raise
            yield Pack(item, "unwritable", problem.message)


def pack_name(item: Issued) -> str:
    """Return the file name of an agency's pack: that of its template with another ending."""
    return f"{item.file.removesuffix('.xlsx')}.zip"


def _write_pack(folder: Path, target: Path, item: Issued, mailing: Mailing, force: bool) -> PackDone:
    try:
        form = read_bytes(folder / item.file)
    except Unreadable:
        return "none"
    if item.done == "lost" or sha256(form).hexdigest() != item.digest:
        return "none"
    content = build_pack(item.entry, item.file, form, mailing)
    there = _content(target)
    if there == content:
        return "same"
    if there is not None and not force and not agency_of_pack(there):
        return "altered"
    write_output(target, content, force=True)
    return "written"


def build_pack(entry: RosterEntry, form_name: str, form: bytes, mailing: Mailing) -> bytes:
    """Return an agency's pack as the bytes of a .zip file, the same bytes for the same content. Nothing is compressed:
    the files in it are compressed already, and so the bytes do not depend on the version of a library."""
    members = {form_name: form}
    if mailing.guide is not None:
        members[GUIDE_NAME] = mailing.guide
    members[COVER_NAME] = covering_text(entry.name, form_name, mailing).encode("utf-8-sig", errors="replace")
    mark = _HEADER.pack(_MARK_ID, _HEADER.size - 4, entry.id.encode(), _digest(members))
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (mailing.year + 1, 1, 1, 0, 0, 0))  # the name is marked as UTF-8
            info.create_system, info.external_attr = 3, 0o100644 << 16
            info.extra, mark = mark, b""
            archive.writestr(info, content)
    return out.getvalue()


def covering_text(agency: str, form_name: str, mailing: Mailing) -> str:
    """Return what an agency reads first: what is in the pack, what to do, by when, and whom to ask."""
    inside = [f"{form_name}：本单位的填报表"]
    inside += [f"{GUIDE_NAME}：怎样填，一页纸"] if mailing.guide is not None else []
    by = f"请于 {mailing.deadline} 前，" if mailing.deadline else "请"
    steps = [
        "先把压缩包解压到一个文件夹，不要直接在压缩包里打开填写。",
        "用 Excel 或 WPS 打开填报表，填好，看「自查」全部相符。"
        + (f"怎样填见“{GUIDE_NAME}”。" if mailing.guide is not None else ""),
        f"{by}把填好的填报表交回：文件名不改，仍是“{form_name}”，格式仍是 .xlsx。"
        "不要另存成别的格式，不要截图、扫描，也不要贴到 Word 里。",
    ]
    lines = [
        f"{agency}：",
        "",
        f"请填报《{mailing.title}》。压缩包里有：",
        *(f"  {number}. {line}" for number, line in enumerate(inside, 1)),
        "",
        "请这样做：",
        *(f"  {number}. {line}" for number, line in enumerate(steps, 1)),
        "",
        *([f"不清楚的，请问{mailing.office}。"] if mailing.office else []),
    ]
    return "\r\n".join(lines) + "\r\n"


def agency_of_pack(content: bytes) -> str:
    """Return the id of the agency for which a pack was made; empty if the archive is no pack of ours, or somebody has
    changed it."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            infos = archive.infolist()
            if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
                return ""
            number, _, agency, digest = _HEADER.unpack(infos[0].extra)
            members = {info.filename: archive.read(info) for info in infos}
    except Exception:  # whatever the bytes hold, the library may raise on them
        return ""
    return agency.decode("ascii", "replace") if number == _MARK_ID and digest == _digest(members) else ""


def remove_outdated(folder: Path, issued: Iterable[Issued]) -> list[str]:
    """Remove packs under a name that their agency does not have any more: it has another place on the roster, or
    another name. Return the names of the other archives in the folder that belong to no agency on the roster."""
    packs = folder / PACK_FOLDER
    known = {pack_name(item): item for item in issued}
    agencies = {one for item in known.values() for one in item.entry.ids}
    others = []
    for path in sorted(packs.glob("*.zip")) if packs.is_dir() else ():
        if path.name in known:
            continue
        there = _content(path)
        if there is None or agency_of_pack(there) not in agencies:
            others.append(path.name)
            continue
        try:
            with in_words(path, one_file=True):
                path.unlink()
        except Unwritable:
            others.append(path.name)
    return others


def _content(path: Path) -> bytes | None:
    """Return the bytes of a file; None if there is none. Nothing is known of a file that cannot be read."""
    if not path.exists():
        return None
    try:
        return read_bytes(path)
    except Unreadable:
        return b""


def _digest(members: dict[str, bytes]) -> bytes:
    code = sha256()
    for name, content in members.items():
        code.update(f"{name}\n{len(content)}\n".encode(errors="surrogatepass"))
        code.update(content)
    return code.digest()
