"""Remarks on a Word file that was read: all sentences for the user, with counts, in a fixed order."""

from collections import Counter
from typing import Literal

from toolkit.characters import one_line

RemarkKind = Literal[
    "revision",
    "comment",
    "footnote",
    "endnote",
    "hidden",
    "text box",
    "contents",
    "linked picture",
    "missing picture",
    "unknown picture",
    "large picture",
    "chart",
    "diagram",
    "shape",
    "ink",
    "object",
    "equation",
    "composed character",
    "symbol",
    "other file",
    "deep table",
    "macro",
    "program",
    "outside",
]
"""What was left out of a Word file, or has to be checked."""

EXCERPT = 30
"""Characters of a note or comment. They are enough to find it."""
PICTURE_MEGABYTES = 20
_AGAIN = "后再生成一次。"
_SENTENCES: dict[RemarkKind, str] = {
    "revision": f"有 {{n}} 处修订还没有定稿：插入的文字已算在内，删去的没有。请在 Word 中接受或拒绝修订{_AGAIN}",
    "comment": "有 {n} 条批注没有写入报告{first}。",
    "footnote": "有 {n} 条脚注没有写入报告{first}。需要保留的，请写进正文。",
    "endnote": "有 {n} 条尾注没有写入报告{first}。需要保留的，请写进正文。",
    "hidden": f"有 {{n}} 处隐藏文字没有写入报告。需要写入的，请在 Word 中取消隐藏{_AGAIN}",
    "text box": "有 {n} 个文本框，其中的文字放在了所在段落的后面。请核对位置。",
    "contents": "文档中的目录没有写入报告。",
    "linked picture": f"有 {{n}} 张图片只是链接，没有存在文档里，没有带过来。请在 Word 中重新插入图片{_AGAIN}",
    "missing picture": f"有 {{n}} 张图片的内容不在文档里，没有带过来。请在 Word 中重新插入图片{_AGAIN}",
    "unknown picture": f"有 {{n}} 张图片的格式读不了，没有带过来。请在 Word 中换成 JPG、PNG 等常用格式{_AGAIN}",
    "large picture": f"有 {{n}} 张图片超过 {PICTURE_MEGABYTES} MB，没有带过来。请在 Word 中压缩图片{_AGAIN}",
    "chart": f"有 {{n}} 个图表没有带过来。请在 Word 中把图表换成图片（复制后选择性粘贴为图片）{_AGAIN}",
    "diagram": f"有 {{n}} 个智能图形没有带过来。请在 Word 中把它换成图片（复制后选择性粘贴为图片）{_AGAIN}",
    "shape": "有 {n} 个绘制的图形（线条、箭头、流程图等）没有带过来。需要保留的，请在 Word 中换成图片。",
    "ink": "有 {n} 处手写墨迹没有带过来。需要保留的，请在 Word 中换成图片。",
    "object": f"有 {{n}} 个嵌入的对象（如表格文件、公式）没有带过来。请在 Word 中换成文字、表格或图片{_AGAIN}",
    "equation": "有 {n} 处公式只带过来了其中的文字。请核对；要保留原样的，请在 Word 中换成图片。",
    "composed character": f"有 {{n}} 处带圈字符或叠加字符没有带过来。请在 Word 中改用现成的字符（如①）{_AGAIN}",
    "symbol": f"有 {{n}} 个用符号字体写的符号没有带过来。请在 Word 中改用普通字符{_AGAIN}",
    "other file": f"有 {{n}} 处从其他文件插入的内容没有读到。请用 Word 打开文档、另存一次{_AGAIN}",
    "deep table": "有 {n} 个表格嵌套得太深，其中的文字已按段落写入。请核对。",
    "macro": "文档中的宏没有运行，也没有带过来，不影响文字。请不要启用。",
    "program": "有 {n} 处调用其他程序的域（DDE），没有运行，也没有带过来。打开原文档时请不要更新域，并问明来历。",
    "outside": "有 {n} 处引用外部的文件或网址（模板、对象等），没有打开，也没有带过来。打开原文档时请不要更新链接。",
}


class Remarks:
    """Counts what was left out so far and what has to be checked."""

    def __init__(self) -> None:
        self._counts = Counter[RemarkKind]()
        self._first = dict[RemarkKind, str]()

    def add(self, kind: RemarkKind, count: int = 1) -> None:
        """Count `count` cases of a kind."""
        self._counts[kind] += count

    def add_note(self, kind: RemarkKind, text: str, author: str = "") -> None:
        """Count a note or comment. The sentence quotes the first one."""
        if not self._counts[kind]:
            self._first[kind] = _quoted(one_line(text), one_line(author))
        self._counts[kind] += 1

    def sentences(self) -> tuple[str, ...]:
        """Return a sentence for each kind that was counted."""
        return tuple(
            sentence.format(n=self._counts[kind], first=self._first.get(kind, ""))
            for kind, sentence in _SENTENCES.items()
            if self._counts[kind]
        )


def _quoted(text: str, author: str) -> str:
    if not text:
        return ""
    by = f"（{author}）" if author else ""
    return f"，第一条是“{text[:EXCERPT]}{'……' if len(text) > EXCERPT else ''}”{by}"
