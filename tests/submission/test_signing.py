"""Who sent this: what a key signs is verified by that key alone, and the key is never seen anywhere."""

import os
import pickle
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from distributions import ISSUE
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from signed_templates import (
    KEY,
    spellings,
)

from toolkit.batch.check_job import CheckJob
from toolkit.problems import Problem
from toolkit.submission.model import Identity
from toolkit.submission.signing import FILE_LIMIT, Key, key_mark, key_text, new_key, read_key, sign, verify, write_key

KEYS = st.builds(Key, st.binary(min_size=32, max_size=32))
IDENTITIES = st.builds(Identity, st.text(), st.integers(1900, 2199), st.text(), st.text())


# ---------------------------------------------------------------- signatures


@given(KEYS, IDENTITIES)
def test_what_was_signed_is_verified(key: Key, identity: Identity) -> None:
    signature = sign(key, identity)
    assert verify(key, identity, signature)
    assert sign(key, replace(identity)) == signature, "the same template again"


@given(KEYS, IDENTITIES, IDENTITIES, st.integers(0, 3))
def test_any_changed_field_is_not(key: Key, identity: Identity, other: Identity, field: int) -> None:
    name = ("form", "year", "agency", "serial")[field]
    changed = replace(identity, **{name: getattr(other, name)})
    assume(changed != identity)
    assert not verify(key, changed, sign(key, identity))


@given(KEYS, st.text(), st.text(), st.text())
def test_what_stands_in_one_field_is_not_taken_for_another(key: Key, one: str, two: str, both: str) -> None:
    """However fields are cut and joined, quoted or escaped."""
    pairs = {
        (one, two),
        (two, one),
        (one + two, ""),
        ("", one + two),
        (f'{one}","{two}', both),
        (one, f'{two}","{both}'),
    }
    assert len({sign(key, Identity("2021", 2024, *pair)) for pair in pairs}) == len(pairs)


@given(KEYS, KEYS, IDENTITIES, st.text())
def test_neither_by_another_key_nor_by_any_other_text(key: Key, other: Key, identity: Identity, anything: str) -> None:
    assume(key != other)
    assert not verify(key, identity, sign(other, identity))
    assert not verify(key, identity, anything)
    assert not verify(key, identity, sign(key, identity) + anything[:1] + "0")


def test_a_signature_stays_what_it_is() -> None:
    """Templates that went out must be known by later versions, too."""
    assert sign(KEY, Identity("2021", 2024, "甲局", "0f3a")) == (
        "254d44db80c156cf80dcf3dd2ed53acd57f4bcb23c8c9f068747ee841db7d561"
    )


# ---------------------------------------------------------------- key files


@given(KEYS)
def test_a_key_is_not_shown(key: Key) -> None:
    for shown in (
        repr(key),
        str(key),
        f"{[key]}",
        repr(CheckJob(key=key)),
        repr(replace(ISSUE, key=key)),
        key_mark(key),
    ):
        assert not any(secret in shown.encode() for secret in spellings(key))
    assert pickle.loads(pickle.dumps(key)) == key, "workers get it whole"


def test_a_key_file_comes_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    key, path = new_key(), tmp_path / "neu" / "office.key"
    old = os.umask(0)
    try:
        write_key(path, key)
    finally:
        os.umask(old)
    assert read_key(path) == key != new_key()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().rstrip() + b"\r\n\r\n")
    assert read_key(path) == key, "as an editor of Windows saves it"


def test_it_is_never_readable_by_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even before it is complete; and what could not be completed does not stay."""
    path = tmp_path / "office.key"
    seen = []

    def full(_: int) -> None:
        seen.append(stat.S_IMODE(path.stat().st_mode))
        raise OSError(28, "full", str(path))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        write_key(path, KEY)
    assert seen == [0o600] or os.name != "posix"
    assert not path.exists()


@pytest.mark.parametrize("there", ["file", "link", "folder"])
def test_a_key_file_is_never_overwritten(tmp_path: Path, there: str) -> None:
    path = tmp_path / "office.key"
    {"file": path.touch, "folder": path.mkdir, "link": lambda: path.symlink_to(tmp_path / "nowhere")}[there]()
    with pytest.raises(Problem, match="换一个") as caught:
        write_key(path, KEY)
    assert "--force" not in caught.value.message.replace("也没有 --force", "")
    assert not (tmp_path / "nowhere").exists()


LINE = key_text(KEY)
WRONG_FILES: list[tuple[bytes | None, str]] = [
    (None, "找不到密钥文件"),
    (b"", "是空的"),
    (b" \n", "不是 gknb key 生成的密钥文件"),
    (b"x" * (FILE_LIMIT + 1), "太大，不是密钥文件"),
    (LINE.encode("utf-16"), "不是 gknb key 生成的密钥文件"),
    (b"\xff\x00", "不是 gknb key 生成的密钥文件"),
    (KEY.secret.hex().encode(), "不是 gknb key 生成的密钥文件"),
    (LINE[:-3].encode(), "已损坏（长度或字符不对）"),
    (LINE.replace("0", "x").encode(), "已损坏（长度或字符不对）"),
    (LINE.replace("0", "O").encode(), "已损坏（长度或字符不对）"),
    ((LINE + LINE).encode(), "已损坏（长度或字符不对）"),
    (LINE.replace(":00", ":01").encode(), "已损坏（校验和不符）"),
]


@pytest.mark.parametrize(("content", "words"), WRONG_FILES, ids=[words for _, words in WRONG_FILES])
def test_wrong_key_files_are_told(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "office.key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Problem, match=r"office\.key") as caught:
        read_key(path)
    assert words in caught.value.message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert KEY.secret.hex()[8:] not in caught.value.message


@given(
    st.binary(max_size=200)
    | st.text("0123456789abcdef:\n ", max_size=120).map(lambda end: b"gknb-key-1" + end.encode())
)
@settings(max_examples=150, deadline=None)
def test_any_other_file_is_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.key"
    path.write_bytes(content)
    with pytest.raises(Problem, match=r"。$"):
        read_key(path)


@given(st.integers(0, len(LINE) - 2), st.sampled_from("0123456789abcdef"))
def test_one_wrong_character_is_noticed(tmp_path_factory: pytest.TempPathFactory, place: int, char: str) -> None:
    assume(LINE[place] != char)
    path = tmp_path_factory.getbasetemp() / "one.key"
    path.write_text(LINE[:place] + char + LINE[place + 1 :], encoding="ascii")
    with pytest.raises(Problem):
        read_key(path)
