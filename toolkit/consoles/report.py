"""What `gknb report` prints, and the order in which it writes: Word reports and pages, then PDF files of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.characters import printable
from toolkit.console import Progress, say
from toolkit.consoles.batch import (
    NAMES_SHOWN,
    made_of,
    priors_of,
    require_all_written,
    require_none_kept,
    write_and_tell,
)

if TYPE_CHECKING:
    from toolkit.batch.crew import Crew
    from toolkit.batch.making import Made
    from toolkit.batch.sources import Reading
    from toolkit.prose.folder import TextFiles


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for besides the Word reports, see `gknb report --help`."""

    texts: Path | None = None
    style: Path | None = None
    html: bool = False
    pdf: bool = False
    appendix: bool = False
    prior: Path | None = None


def write_reports(
    paths: Sequence[Path], output: Path, order: Order, crew: "Crew", reading: "Reading", force: bool
) -> int:
    """Write the reports and say so; gives how many things could not be made.

    Raises Problem when one was there already, and when there is no LibreOffice for PDF files.
    """
    from toolkit.batch.making import Report
    from toolkit.prose.folder import find_text_files

    texts = find_text_files(order.texts) if order.texts else None
    tell_style(order.style)
    written, used = list[Path](), set[str]()
    with priors_of(order.prior, reading, crew, output) as (priors, unreadable):
        style = str(order.style) if order.style else ""
        work = Report(reading, style, texts, order.html, order.appendix, priors)
        made = _noting_texts(made_of(paths, work, crew), used)
        failed = write_and_tell(output, made, force, written)
    if texts:
        tell_unused(texts, used)
    if order.pdf:
        failed += write_pdfs([path for path in written if path.suffix == ".docx"], force)
    return failed + unreadable


def tell_style(style: Path | None) -> None:
    """Say what an office's base document lacks, which is then taken from our own."""
    if style is None:
        return
    from toolkit.reports.base import base_of

    base = base_of(str(style))
    if base.missing:
        say(f"{style} 里没有这些样式，用的是工具自带的：{'、'.join(base.missing)}。")
    if base.had_text:
        say(f"{style} 里的文字没有写入报告，只用它的页面、页眉页脚和样式。")


def _noting_texts(everything: "Iterator[Made]", used: set[str]) -> "Iterator[Made]":
    for made in everything:
        used.update(made.texts)
        yield made


def tell_unused(texts: "TextFiles", used: set[str]) -> None:
    """Say which text files belong to no report."""
    unused = sorted(texts.paths() - used)
    if unused:
        names = "、".join(printable(str(Path(path).relative_to(texts.folder))) for path in unused[:NAMES_SHOWN])
        more = f" 等 {len(unused)} 个" if len(unused) > NAMES_SHOWN else ""
        say(f"有 {len(unused)} 个文字文件没有用上，对不上任何一份报告的机关和年度：{names}{more}。")
        say("文件名应写机关全称；写了年度的，年度要对。")


def write_pdfs(documents: Sequence[Path], force: bool) -> int:
    """Write a PDF file beside each report and say so; gives how many could not be made.

    Raises Problem when there is no LibreOffice, and when a file was there already.
    """
    from toolkit.faults import Unwritable
    from toolkit.outputs import write_output
    from toolkit.reports.pdf import to_pdf

    targets = {document: document.with_suffix(".pdf") for document in documents}
    kept = [target for target in targets.values() if target.exists() and not force]
    free = [document for document, target in targets.items() if target not in kept]
    bar, failed, missed = Progress(), 0, list[Unwritable]()
    contents = ((str(document), document.read_bytes()) for document in free)
    for number, (name, pdf) in enumerate(to_pdf(contents), 1):
        bar.clear()
        if pdf.problem:
            failed += 1
            say(f"【没有生成】{name}：{pdf.problem}")
        else:
            try:
                say(f"{name} → {write_output(targets[Path(name)], pdf.content, force)}")
            except Unwritable as problem:
                if problem.everywhere:
                    raise
                missed.append(problem)
        bar.at(number, len(free), name)
    require_all_written(missed)
    require_none_kept(kept)
    return failed
