"""What an office sets for its own review (gknb.toml, --only, --skip), and that the results say so."""

import json
from pathlib import Path

import pytest
from command_line import Gknb, assert_refused
from kit import report

from toolkit.submission.json_csv import to_data

WRONG = [
    ('[rules]\nblanc = "off"', "blanc 不是规则编号"),
    ('[rules]\nblank = "fatal"', "blank 应为 error、warning、info 或 off"),
    ("[thresholds]\nblank = 3", "blank 没有界限可设"),
    ("[thresholds]\njump-since-last-year = 1", "应为 1.5 至 1000 的数"),
    ('[thresholds]\njump-since-last-year = "x"', "应为 1.5 至 1000 的数"),
    ("rules = 3", "应写成 [rules] 一节"),
    ("[colours]\nred = 1", "不认识 colours"),
    ("[rules]\n[rules\n", "第 2 行不合 TOML 写法"),
    ('[rules]\nblanc = "off"', "是不是 blank？"),
    ('[rules]\nunreadable = "off"', "unreadable 不能调整"),
    ("[thresholds]\njump-since-last-year = nan", "应为 1.5 至 1000 的数"),
    ("[thresholds]\njump-since-last-year = 1" + "0" * 5000, "不合 TOML 写法"),
    ("a=" + "[" * 9000, "不合 TOML 写法"),
]


@pytest.fixture
def blank(tmp_path: Path) -> str:
    data = to_data(report("suqian-2024"))
    data["values"]["fees.fees.amount"] = None
    data["texts"].pop("六")
    (tmp_path / "in.json").write_text(json.dumps(data), encoding="utf-8")
    return "in.json"


def rules_of(gknb: Gknb, *arguments: object) -> tuple[dict[str, str], dict[str, object]]:
    data = json.loads(gknb("check", *arguments, "--json").stdout)
    return {found["rule"]: found["severity"] for found in data["files"][0]["findings"]}, data


def test_a_rule_is_lowered_raised_or_left_out_and_the_results_say_so(gknb: Gknb, tmp_path: Path, blank: str) -> None:
    found, data = rules_of(gknb, blank)
    assert (found["blank"], found["text-missing"]) == ("error", "error")
    assert "settings" not in data
    (tmp_path / "gknb.toml").write_text('[rules]\nblank = "info"\ntext-missing = "warning"\n', encoding="utf-8")
    found, data = rules_of(gknb, blank)
    assert (found["blank"], found["text-missing"]) == ("info", "warning")
    assert data["settings"] == ["gknb.toml：规则 blank 按“提示”", "gknb.toml：规则 text-missing 按“提醒”"]
    assert data["summary"]["failed"] == 0
    assert "注意，gknb.toml：规则 blank 按“提示”。" in gknb("check", blank).stdout
    (tmp_path / "gknb.toml").write_text('[rules]\nblank = "off"\ntext-missing = "off"\n', encoding="utf-8")
    found, data = rules_of(gknb, blank)
    assert not {"blank", "text-missing"} & set(found)
    assert data["summary"]["passed"] == 1


@pytest.mark.slow
def test_only_and_skip(gknb: Gknb, blank: str) -> None:
    assert set(rules_of(gknb, blank, "--only", "blank")[0]) == {"blank"}
    assert set(rules_of(gknb, blank, "--only", "blank,text-missing")[0]) == {"blank", "text-missing"}
    found, data = rules_of(gknb, blank, "--skip", "blank", "--skip", "text-missing")
    assert not {"blank", "text-missing"} & set(found)
    assert data["settings"] == ["--skip：不用规则 blank、text-missing"]
    assert set(rules_of(gknb, blank, "--only", "blank, text-missing")[0]) == {"blank", "text-missing"}
    assert_refused(gknb("check", blank, "--only", "nope"), 2, "没有规则 nope", "gknb rules")
    assert_refused(gknb("check", blank, "--only", "blanc"), 2, "是不是 blank？")
    assert_refused(gknb("check", blank, "--skip", "unreadable"), 2, "不能用 --skip 去掉")


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_setting_is_refused(gknb: Gknb, tmp_path: Path, blank: str, text: str, said: str) -> None:
    (tmp_path / "gknb.toml").write_text(text, encoding="utf-8")
    assert_refused(gknb("check", blank), 2, "gknb.toml", said)


def test_relations_of_the_form_can_be_set_too(gknb: Gknb, tmp_path: Path) -> None:
    data = to_data(report("suqian-2024"))
    data["values"]["requests.received.natural"] += 1
    (tmp_path / "in.json").write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "gknb.toml").write_text('[rules]\nrequests-balance = "warning"\n', encoding="utf-8")
    found, _ = rules_of(gknb, "in.json", "--skip", "requests-row-total")
    assert found["requests-balance"] == "warning"
