"""A form that is neither edition, declared as TOML alone, and a report of it."""

from decimal import Decimal

from toolkit.forms.loader import form_lookup, parse_form
from toolkit.submission.model import Submission

SITE_FORM = """
id = "site"
layout = 3
name = "网站工作年度报表"
title = "{agency}网站工作年度报表（{year}）"
basis = "县政府办公室通知"
years = { first = 2022, last = 2030 }

[[info]]
id = "agency"
label = "主办单位"

[[sections]]
id = "情况"
title = "一、基本情况"
name = "表一"
widths = [16, 14, 14, 14]

[[sections]]
id = "经费"
title = "二、经费"
name = "表二"
widths = [16, 16]

[[sections]]
id = "说明"
title = "三、情况说明"
text = true
help = "写清主要工作。"

[[tables]]
id = "posts"
section = "情况"
corner = "项目"
kind = "count"
columns = [
  { id = "news", label = ["信息发布", "动态"] },
  { id = "policy", label = ["信息发布", "政策"] },
  { id = "total", label = ["信息发布", "合计"] },
]
rows = [
  { id = "plan", label = ["计划数"], help = "年初计划的条数。" },
  { id = "actual", label = ["完成数"], help = "实际发布的条数。", basis = "通知第二条" },
]

[[tables]]
id = "money"
section = "经费"
corner = "项目"
kind = "money"
unit = "元"
decimals = 2
columns = [{ id = "amount", label = ["金额（元）"] }]
rows = [
  { id = "budget", label = ["预算"] },
  { id = "spent", label = ["支出"] },
  { id = "drill", label = ["是否开展演练"], kind = "yes_no" },
  { id = "level", label = ["等级"], kind = "choice", options = ["优", "良", "差"] },
]

[[relations]]
id = "posts-total"
table = "posts"
per = "row"
left = ["total"]
operator = "="
right = ["news", "policy"]
defines = true
severity = "error"
sentence = "合计等于动态与政策之和"
basis = "表样"
advice = "请核对。"

[[relations]]
id = "posts-done"
table = "posts"
per = "column"
only = ["total"]
left = ["actual"]
operator = ">="
right = ["plan"]
severity = "warning"
sentence = "完成数不小于计划数"
basis = "通知第三条"
advice = "没有完成的请说明。"

[[relations]]
id = "spent-within-budget"
left = ["money.spent.amount"]
operator = "<="
right = ["money.budget.amount"]
severity = "error"
sentence = "支出不大于预算"
basis = "通知第四条"
advice = "请核对预算和支出。"
"""
FORM = parse_form(SITE_FORM, "site.toml")
LOOKUP = form_lookup(FORM)
GOOD = {
    "posts.plan.news": 10,
    "posts.plan.policy": 5,
    "posts.actual.news": 12,
    "posts.actual.policy": 6,
    "money.budget.amount": Decimal("100.10"),
    "money.spent.amount": Decimal("0.3"),
    "money.drill.amount": "是",
    "money.level.amount": "优",
}


def good(**changes: object) -> Submission:
    values = GOOD | {key.replace("__", "."): value for key, value in changes.items()}
    return Submission(FORM, "某局", 2024, values, {"说明": ("第一段。", "第二段 <b> & “引号”")})
