"""Pictures in Word documents, and what else is drawn there."""

import pytest
from word_files import (
    SPACES,
    drawing,
    p,
    pic,
    png,
    tbl,
    tc,
    text_box,
    tr,
)
from word_read import lines_of, pictures_of, read_body

from toolkit.documents.blocks import Paragraph, Picture, Prose, Run


def test_pictures_in_their_paragraph() -> None:
    one, two = png(), png(3, 4, 90)
    prose = read_body(
        p("前", drawing(pic("p1"), described=' descr=" 现场照片 "'), "后"),
        p('<w:r><w:pict><v:shape style="width:72pt;height:1in"><v:imagedata r:id="p2"/></v:shape></w:pict></w:r>'),
        media={"p1": one, "p2": two},
    )
    assert prose == Prose(
        (
            Paragraph((Run("前"), Picture(one, "image/png", 914400, 457200, "现场照片"), Run("后"))),
            Paragraph((Picture(two, "image/png", 914400, 914400),)),
        )
    )


def test_group_of_pictures() -> None:
    """Each is as large as it is drawn: the group is shown at half its own size here."""
    ext = '<a:xfrm><a:ext cx="{}" cy="{}"/></a:xfrm>'
    group = (
        '<wpg:wgp><wpg:grpSpPr><a:xfrm><a:ext cx="500" cy="400"/><a:chExt cx="1000" cy="800"/></a:xfrm></wpg:grpSpPr>'
        f"{pic('p1', ext.format(600, 200))}{pic('p2', ext.format(400, 800))}</wpg:wgp>"
    )
    prose = read_body(p(drawing(group)), media={"p1": png(), "p2": png(red=1)})
    assert [(picture.width, picture.height) for picture in pictures_of(prose)] == [(300, 100), (200, 400)]
    assert prose.remarks == ()


EMF = b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(40)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (png(), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"GIF89a" + bytes(20), "image/gif"),
        (b"BM" + bytes(30), "image/bmp"),
        (b"II*\0" + bytes(20), "image/tiff"),
        (b"MM\0*" + bytes(20), "image/tiff"),
        (EMF, "image/x-emf"),
        (b"\xd7\xcd\xc6\x9a" + bytes(20), "image/x-wmf"),
        (b"\1\0\x09\0\0\x03" + bytes(20), "image/x-wmf"),
    ],
)
def test_kinds_of_pictures_are_known_by_their_content(content: bytes, media_type: str) -> None:
    (picture,) = pictures_of(read_body(p(drawing(pic("p1"))), media={"p1": content}))
    assert (picture.content, picture.media_type) == (content, media_type)


LOST_AGAIN = "后再生成一次。"


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (b"<svg/>", "有 1 张图片的格式读不了，没有带过来。请在 Word 中换成 JPG、PNG 等常用格式" + LOST_AGAIN),
        (b"", "有 1 张图片的格式读不了，没有带过来。请在 Word 中换成 JPG、PNG 等常用格式" + LOST_AGAIN),
        (png() + bytes(20 * 2**20), "有 1 张图片超过 20 MB，没有带过来。请在 Word 中压缩图片" + LOST_AGAIN),
    ],
)
def test_pictures_that_are_not_taken(content: bytes, remark: str) -> None:
    prose = read_body(p("字", drawing(pic("p1"))), media={"p1": content})
    assert (lines_of(prose), pictures_of(prose), prose.remarks) == (["字"], [], (remark,))


def test_pictures_elsewhere_are_never_followed() -> None:
    kind = f"{SPACES['r']}/image"
    links = (
        f'<Relationship Id="e" Type="{kind}" Target="http://127.0.0.1:9/a.png" TargetMode="External"/>'
        f'<Relationship Id="f" Type="{kind}" Target="file:///etc/hostname" TargetMode="External"/>'
        f'<Relationship Id="g" Type="{kind}" Target="media/none.png"/>'
        f'<Relationship Id="h" Type="{kind}" Target="../../../etc/hostname"/>'
    )
    linked = pic("x").replace("r:embed", "r:link")
    prose = read_body(p("字", *(drawing(pic(key)) for key in "efgh"), drawing(pic("i")), drawing(linked)), links=links)
    assert pictures_of(prose) == []
    assert prose.remarks == (
        "有 3 张图片只是链接，没有存在文档里，没有带过来。请在 Word 中重新插入图片后再生成一次。",
        "有 3 张图片的内容不在文档里，没有带过来。请在 Word 中重新插入图片后再生成一次。",
    )


def test_styles_elsewhere_are_never_followed() -> None:
    link = '<Relationship Id="s" Type="{}/styles" Target="http://127.0.0.1:9/s.xml" TargetMode="External"/>'
    assert lines_of(read_body(p("字"), links=link.format(SPACES["r"]))) == ["字"]


def test_what_cannot_be_taken_is_told() -> None:
    preview = '<v:shape><v:imagedata r:id="p1"/></v:shape>'
    letter = "<m:r><m:t>{}</m:t></m:r>".format
    fraction = f"<m:f><m:num>{letter('a')}</m:num><m:den>{letter('b')}</m:den></m:f>"
    math = f"<m:oMath>{letter('S=')}{fraction}</m:oMath>"
    prose = read_body(
        p("图表", drawing('<c:chart r:id="c"/>'), drawing('<c:chart r:id="d"/>')),
        p("图形", drawing('<dgm:relIds r:dm="d"/>'), drawing("<wps:wsp><wps:spPr/></wps:wsp>")),
        p("对象", f'<w:r><w:object>{preview}<o:OLEObject r:id="o"/></w:object></w:r>'),
        p("墨迹", '<w:r><w:contentPart r:id="i"/></w:r>'),
        p('<w:r><w:pict><v:rect o:hr="t"/></w:pict></w:r>'),
        p(math),
        '<w:altChunk r:id="a"/>',
        media={"p1": png()},
        links='<Relationship Id="m" Type="http://schemas.microsoft.com/office/2006/vbaProject" Target="v.bin"/>',
    )
    assert lines_of(prose) == ["图表", "图形", "对象", "墨迹", "S=a/b"]
    assert pictures_of(prose) == []
    assert prose.remarks == (
        "有 2 个图表没有带过来。请在 Word 中把图表换成图片（复制后选择性粘贴为图片）后再生成一次。",
        "有 1 个智能图形没有带过来。请在 Word 中把它换成图片（复制后选择性粘贴为图片）后再生成一次。",
        "有 1 个绘制的图形（线条、箭头、流程图等）没有带过来。需要保留的，请在 Word 中换成图片。",
        "有 1 处手写墨迹没有带过来。需要保留的，请在 Word 中换成图片。",
        "有 1 个嵌入的对象（如表格文件、公式）没有带过来。请在 Word 中换成文字、表格或图片后再生成一次。",
        "有 1 处公式只带过来了其中的文字。请核对；要保留原样的，请在 Word 中换成图片。",
        "有 1 处从其他文件插入的内容没有读到。请用 Word 打开文档、另存一次后再生成一次。",
        "文档中的宏没有运行，也没有带过来，不影响文字。请不要启用。",
    )


def test_one_of_two_alternatives() -> None:
    """The new way if we can take it, the old one if not, never both."""

    def either(new: str, old: str) -> str:
        return (
            f'<w:r><mc:AlternateContent><mc:Choice Requires="x">{new}</mc:Choice>'
            f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
        )

    shown = drawing(pic("p1"))[5:-6]
    old = '<w:pict><v:shape><v:imagedata r:id="p2"/></v:shape></w:pict>'
    ink = '<w:contentPart r:id="i"/>'
    prose = read_body(
        p(either(shown, old)),
        p(either(ink, old)),
        p(either(ink, "<w:t>空</w:t>")),
        p(either(ink, "")),
        media={"p1": png(), "p2": png(red=9)},
    )
    assert [picture.content for picture in pictures_of(prose)] == [png(), png(red=9)]
    assert lines_of(prose)[2:] == ["空"]
    assert prose.remarks == ("有 1 处手写墨迹没有带过来。需要保留的，请在 Word 中换成图片。",)


def test_text_boxes_follow_their_paragraph() -> None:
    prose = read_body(
        p("甲", text_box(p("框一"), tbl(tr(tc("格")))), "乙"),
        p(text_box(p("框二", drawing(pic("p1"))))),
        p(text_box(p())),
        p("丙"),
        media={"p1": png()},
    )
    assert lines_of(prose) == ["甲乙", "框一", "格", "框二", "丙"]
    assert len(pictures_of(prose)) == 1
    assert prose.remarks == (
        "有 2 个文本框，其中的文字放在了所在段落的后面。请核对位置。",
        "有 1 个绘制的图形（线条、箭头、流程图等）没有带过来。需要保留的，请在 Word 中换成图片。",
    )
