"""Keys that are wrong or in a wrong place stop a command before anything is written."""

from pathlib import Path

import pytest
from command_line import Gknb, assert_refused
from kit import write
from rosters import write_csv
from signed_templates import AGENCIES, KEY, MINE

from toolkit.batch.received.left_out import OWN_FILE
from toolkit.submission.signing import write_key


def test_the_command_refuses_to_overwrite(gknb: Gknb, tmp_path: Path) -> None:
    assert gknb("key", "-o", "keys/office.key").returncode == 0
    before = (tmp_path / "keys" / "office.key").read_bytes()
    assert_refused(gknb("key", "-o", "keys/office.key"), 2, "已经存在", "密钥文件从不覆盖")
    assert_refused(gknb("key", "-o", "keys"), 2, "keys 是文件夹")
    assert_refused(gknb("key", "-o", "keys/office.key/x"), 2, "是文件，不是文件夹")
    assert gknb("key", "-o", "keys/office.key", "--force").returncode == 2
    assert (tmp_path / "keys" / "office.key").read_bytes() == before


def test_wrong_keys_stop_both_commands_before_anything_is_written(gknb: Gknb, tmp_path: Path) -> None:
    write_csv(tmp_path / "名册.csv", AGENCIES)
    write(tmp_path / "foreign" / "1.xlsx", MINE)
    for name, words in (
        ("missing.key", "找不到密钥文件"),
        ("foreign", "不是文件"),
    ):
        assert_refused(gknb("distribute", "名册.csv", "--year", 2024, "--key", name, "-o", "发放"), 2, words, name)
        assert_refused(gknb("check", "foreign", "--key", name, "-o", "结果"), 2, words, name)
    assert not (tmp_path / "发放").exists()
    assert not (tmp_path / "结果").exists()


@pytest.mark.parametrize("where", ["发放/office.key", "发放/深/office.key", "发放/link.key"])
def test_a_key_in_a_folder_that_is_handed_out_is_refused(gknb: Gknb, tmp_path: Path, where: str) -> None:
    write_csv(tmp_path / "名册.csv", AGENCIES)
    path = tmp_path / where
    if path.stem == "link":
        write_key(tmp_path / "office.key", KEY)
        path.parent.mkdir()
        path.symlink_to(tmp_path / "office.key")
    else:
        write_key(path, KEY)
    for folder in ("发放", "发放/../发放"):
        ran = gknb("distribute", "名册.csv", "--year", 2024, "--key", where, "-o", folder)
        assert_refused(ran, 2, "在要发出去的文件夹", "移到")
    write(tmp_path / "foreign" / "1.xlsx", MINE)
    for option in ("--annotate", "--notice"):
        assert_refused(gknb("check", "foreign", "--key", where, option, "发放"), 2, "在要发出去的文件夹")
    assert not list((tmp_path / "发放").glob("*.xlsx"))


def test_a_key_does_not_go_over_a_network(gknb: Gknb, tmp_path: Path) -> None:
    write_csv(tmp_path / "名册.csv", AGENCIES)
    write_key(tmp_path / "office.key", KEY)
    write(tmp_path / "foreign" / "1.xlsx", MINE)
    cluster = ("--key", "office.key", "--scheduler", "tcp://127.0.0.1:1")
    assert_refused(
        gknb("distribute", "名册.csv", "--year", 2024, "-o", "发放", *cluster), 2, "--scheduler", "密钥不经过网络"
    )
    assert_refused(gknb("check", "foreign", *cluster), 2, "--scheduler", "密钥不经过网络")


def test_a_key_beside_the_returns_is_told_as_what_it_is(gknb: Gknb, tmp_path: Path) -> None:
    write_key(tmp_path / "foreign" / "office.key", KEY)
    write(tmp_path / "foreign" / "1.xlsx", MINE)
    ran = gknb("check", "foreign", "--key", "foreign/office.key")
    assert [line for line in ran.stderr.splitlines() if "office.key" in line] == [f"  foreign/office.key：{OWN_FILE}。"]
    assert "office.key" not in ran.stdout
