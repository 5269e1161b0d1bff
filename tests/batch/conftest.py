"""What tests of whole batches share."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Gknb
from kit import report, write
from rosters import write_csv
from signed_templates import AGENCIES, DATA, edited, fill

from toolkit.workbook.template import build_workbook


@pytest.fixture
def office(gknb: Gknb, tmp_path: Path) -> Path:
    """An office that has made a key and sent templates out; what came back stands in a folder: a genuine return, one
    under a former name, another agency's template, an altered identity, unsigned ones."""
    ran = gknb("key", "-o", "office.key")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "拿到它的人都能签名" in ran.stderr
    assert "不要放进要发出去的文件夹" in ran.stderr
    write_csv(tmp_path / "名册.csv", AGENCIES)
    sent = gknb("distribute", "名册.csv", "--year", 2024, "--key", "office.key", "-o", "发放")
    assert "写出 3" in sent.stderr, sent.stderr
    assert not [name for name in (tmp_path / "发放").iterdir() if name.suffix == ".key"]
    back, sent_out = tmp_path / "foreign", tmp_path / "发放"
    first = fill(sent_out / "1-甲局.xlsx")
    write(back / "1.xlsx", first)
    write(back / "2.xlsx", edited(first, ("基本信息!C4", "老甲局")))
    write(back / "3.xlsx", edited(first, ("基本信息!C4", "乙局")))
    write(back / "4.xlsx", edited(first, ("基本信息!C4", "乙局"), ("_gknb!B4", "乙局")))
    write(back / "5.xlsx", build_workbook(replace(report("suqian-2024"), agency="丙局")))
    write(back / "6.json", json.dumps({**DATA, "agency": "丙局"}).encode())
    return tmp_path
