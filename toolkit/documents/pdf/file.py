"""The file of a PDF. It is checked before any parser opens it, and its pages are read within limits, so that no strange
file takes all the time or memory. Imported only if pdfplumber is installed."""

import logging
import re
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pdfminer.ascii85 import ascii85decode, asciihexdecode
from pdfminer.layout import LTPage
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdffont import PDFFont
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream, resolve1, stream_value
from pdfplumber.page import Page, PDFPageAggregatorWithMarkedContent
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import PdfminerException

from toolkit.problems import Unreadable

FILE_LIMIT = 50 * 2**20
PAGES_LIMIT = 300
OBJECTS_LIMIT = 50_000
"""Characters and strokes on a page. A page full of small print has 5,000."""
CONTENT_LIMIT = 4 * 2**20
"""Unpacked bytes of what is drawn on a page. A page full of small print has 100,000."""
WHOLE_LIMIT = 32 * 2**20
"""Unpacked bytes of what is drawn on all pages."""
_UNPACKED_LIMIT = 64 * 2**20
_ALL_UNPACKED_LIMIT = 256 * 2**20
_OLD_PACKED_LIMIT = 100_000
"""Bytes that are packed in old ways. These are unpacked slowly and to any size."""
_DAMAGED_LIMIT = 200_000
"""Bytes of a damaged stream. pdfminer recovers what it can from it byte by byte."""
_STEP = 2**16
_DEEPEST = 500
_WIDEST_RANGE = 65_536
_DRAWING_COST = 500
"""The cost in bytes of starting a drawing that a page uses. An empty drawing that is used a million times also takes
time."""

OTHERWISE = "请改用网页、Word 版。"
NOT_PDF = f"不是 PDF 文件，可能传输时损坏，或是改了扩展名的其他文件。请重新下载后再试，或{OTHERWISE[1:]}"
DAMAGED = f"不是完整的 PDF 文件，可能传输时损坏。请重新下载后再试，或{OTHERWISE[1:]}"
ENCRYPTED = "是加密的 PDF，读不了。请取消密码后再试，或改用网页、Word 版。"
TOO_BIG = f"超过 {FILE_LIMIT // 2**20} MB，没有读。请只保留年度报告部分，另存后再试，或{OTHERWISE[1:]}"
TOO_MANY_PAGES = f"超过 {PAGES_LIMIT} 页，没有读。请只保留年度报告部分，另存后再试，或{OTHERWISE[1:]}"
TOO_MUCH_ON_PAGE = f"第 {{page}} 页上的文字和线条太多（可能是图纸或地图），没有读。{OTHERWISE}"
TOO_MUCH = f"里面的内容太多，不像年度报告，没有读。{OTHERWISE}"

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_RANGES = re.compile(rb"<([0-9A-Fa-f\s]*)>\s*<([0-9A-Fa-f\s]*)>")


def pages_of(content: bytes) -> tuple[list[Page], object]:
    """Return the pages of a PDF and the raw title in it.

    Raise Unreadable if the file is no PDF, is damaged or encrypted, or goes over a limit.
    """
    _check_file(content)
    with _quiet():
        try:
            pdf = PDF.open(BytesIO(content))
            fonts, whole = _Fonts(), _Budget(WHOLE_LIMIT)
            pages = list[Page]()
            for number, page in enumerate(PDFPage.create_pages(pdf.doc), 1):
                if number > PAGES_LIMIT:
                    raise Unreadable(TOO_MANY_PAGES)
                pages.append(_BoundPage(pdf, page, number, fonts, whole))
        except (PdfminerException, PDFPasswordIncorrect, PDFEncryptionError) as error:
            cause = error.args[0] if error.args else None
            is_locked = isinstance(
                cause if isinstance(cause, Exception) else error, PDFPasswordIncorrect | PDFEncryptionError
            )
            raise Unreadable(ENCRYPTED if is_locked else DAMAGED) from error
    if not pages:
        raise Unreadable(DAMAGED)
    return pages, next((info["Title"] for info in pdf.doc.info if "Title" in info), b"")


def objects_of(page: Page) -> Mapping[str, list[dict[str, Any]]]:
    """Return all objects that are drawn on a page.

    Raise Unreadable if there are too many or the page is damaged.
    """
    with _quiet():
        return page.objects


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the messages of pdfminer about errors in a file: they are of no use to the user."""
    for name in ("pdfminer", "pdfplumber"):
        if not logging.getLogger(name).handlers:
            logging.getLogger(name).addHandler(logging.NullHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check_file(content: bytes) -> None:
    if len(content) > FILE_LIMIT:
        raise Unreadable(TOO_BIG)
    if b"%PDF-" not in content[:1024]:
        raise Unreadable(NOT_PDF)
    total = 0
    for mark in _STREAM.finditer(content):
        # Pictures are never unpacked, so they do not count.
        if b"/Image" not in content[max(content.rfind(b"obj", 0, mark.start()), mark.start() - 2000) : mark.start()]:
            total += len(_inflated(memoryview(content)[mark.end() :])[0])
        if total > _ALL_UNPACKED_LIMIT:
            raise Unreadable(TOO_MUCH)


def _inflated(data: bytes | memoryview) -> tuple[bytes, bool]:
    """Return the unpacked data, and True if it was undamaged.

    Raise Unreadable if it becomes too large.
    """
    if not data or data[0] & 0x0F != 8:
        return b"", False
    worker, out, position = zlib.decompressobj(), bytearray(), 0
    try:
        while not worker.eof and (worker.unconsumed_tail or position < len(data)):
            piece = worker.unconsumed_tail or data[position : position + _STEP]
            position += 0 if worker.unconsumed_tail else _STEP
            out += worker.decompress(piece, _UNPACKED_LIMIT + 1 - len(out))
            if len(out) > _UNPACKED_LIMIT:
                raise Unreadable(TOO_MUCH)
    except zlib.error:
        return bytes(out), False
    return bytes(out), worker.eof


def _check_stream(stream: PDFStream) -> int:
    """Return the unpacked length of a stream, before pdfminer unpacks it.

    Raise Unreadable if it is too large.
    """
    if stream.rawdata is None:
        return len(stream.get_data())
    data = stream.rawdata
    if stream.decipher and stream.objid is not None and stream.genno is not None:
        data = stream.decipher(stream.objid, stream.genno, data, stream.attrs)
    for packing, _ in stream.get_filters():
        name = getattr(packing, "name", "")
        if name in ("FlateDecode", "Fl"):
            packed = data
            data, whole = _inflated(packed)
            if not whole and max(len(data), len(packed)) > _DAMAGED_LIMIT:
                raise Unreadable(DAMAGED)
        elif name in ("ASCII85Decode", "A85"):
            data = ascii85decode(data)
        elif name in ("ASCIIHexDecode", "AHx"):
            data = asciihexdecode(data)
        elif len(data) > _OLD_PACKED_LIMIT:
            raise Unreadable(TOO_MUCH)
    return max(len(data), len(stream.rawdata))


class _Budget:
    """How much may still be drawn."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, amount: int) -> bool:
        """Subtract an amount. Return False if the budget is used up."""
        self.left -= amount
        return self.left >= 0


class _Fonts(PDFResourceManager):
    """Fonts whose tables describe a reasonable number of characters."""

    def get_font(self, objid: object, spec: Mapping[str, object]) -> PDFFont:
        """Return a font.

        Raise Unreadable if one of its tables is too large.
        """
        for key in ("W", "W2"):
            _check_widths(resolve1(spec.get(key)), 3 if key == "W" else 5)
        for key in ("ToUnicode", "Encoding"):
            table = resolve1(spec.get(key))
            if isinstance(table, PDFStream):
                _check_table(table)
        descriptor = resolve1(spec.get("FontDescriptor"))
        if isinstance(descriptor, dict):
            for key in ("FontFile", "FontFile2", "FontFile3"):
                file = resolve1(descriptor.get(key))
                if isinstance(file, PDFStream):
                    _check_stream(file)
        return super().get_font(objid, spec)


def _check_widths(widths: object, step: int) -> None:
    """Raise Unreadable if an entry `first last width` covers too many characters: it means all from first to last."""
    numbers = list[float]()
    for item in widths if isinstance(widths, list) else []:
        value = resolve1(item)
        if isinstance(value, list):
            numbers = []
        elif isinstance(value, int | float):
            numbers.append(value)
            if len(numbers) == step:
                if numbers[1] - numbers[0] > _WIDEST_RANGE:
                    raise Unreadable(DAMAGED)
                numbers = []


def _check_table(stream: PDFStream) -> None:
    """Raise Unreadable if a table of character codes is too large or covers too many codes."""
    if _check_stream(stream) > CONTENT_LIMIT:
        raise Unreadable(TOO_MUCH)
    total = 0
    for mark in _RANGES.finditer(stream.get_data()):
        first, last = (int(b"".join(one.split()) or b"0", 16) for one in mark.groups())
        # Codes of single characters look like this too, but their second code may be anything.
        total += last - first if first <= last and len(mark[1]) == len(mark[2]) and len(mark[1]) > 4 else 0
    if total > 2**24:
        raise Unreadable(DAMAGED)


class _BoundPage(Page):
    """A page with a limit on what is drawn."""

    def __init__(self, pdf: PDF, page: PDFPage, number: int, fonts: _Fonts, whole: _Budget) -> None:
        super().__init__(pdf, page, number)
        self._fonts, self._whole = fonts, whole

    @property
    def layout(self) -> LTPage:
        """Return what is drawn on the page.

        Raise Unreadable if it is too much.
        """
        if not hasattr(self, "_layout"):
            drawing = _PageDrawing(self._fonts, pageno=self.page_number)
            _Interpreter(self._fonts, drawing, _Budget(CONTENT_LIMIT), self._whole).process_page(self.page_obj)
            self._layout = drawing.get_result()
        return self._layout


class _PageDrawing(PDFPageAggregatorWithMarkedContent):
    """Collects what is drawn on a page, up to a limit."""

    def __init__(self, fonts: _Fonts, pageno: int) -> None:
        super().__init__(fonts, pageno=pageno, laparams=None)
        self._left = _Budget(OBJECTS_LIMIT)

    def _count(self, number: int) -> None:
        if not self._left.spend(number):
            raise Unreadable(TOO_MUCH_ON_PAGE.format(page=self.pageno))

    def render_char(self, *args: Any, **keywords: Any) -> float:
        self._count(1)
        return super().render_char(*args, **keywords)

    def render_image(self, *args: Any, **keywords: Any) -> None:
        self._count(1)
        super().render_image(*args, **keywords)

    def paint_path(self, *args: Any, **keywords: Any) -> None:
        path = keywords.get("path", args[-1] if args else ())
        self._count(len(path))
        super().paint_path(*args, **keywords)


class _Interpreter(PDFPageInterpreter):
    """Draws a page and the drawings that it uses, as long as the budgets last."""

    def __init__(self, fonts: PDFResourceManager, device: _PageDrawing, page: _Budget, whole: _Budget) -> None:
        super().__init__(fonts, device)
        self._budgets = page, whole

    def dup(self) -> "_Interpreter":
        """Return an interpreter with the same budgets for a drawing inside this one."""
        device = self.device
        assert isinstance(device, _PageDrawing)
        return _Interpreter(self.rsrcmgr, device, *self._budgets)

    def execute(self, streams: Any) -> None:
        """Draw these streams.

        Raise Unreadable if a budget is used up.
        """
        size = _DRAWING_COST + sum(_check_stream(stream_value(one)) for one in streams)
        page, whole = self._budgets
        assert isinstance(self.device, _PageDrawing)
        if not page.spend(size):
            raise Unreadable(TOO_MUCH_ON_PAGE.format(page=self.device.pageno))
        if not whole.spend(size):
            raise Unreadable(TOO_MUCH)
        super().execute(streams)

    def do_q(self) -> None:
        """Save the graphics state.

        Raise Unreadable if too many states are saved.
        """
        if len(self.gstack) > _DEEPEST:
            raise Unreadable(DAMAGED)
        super().do_q()
