"""A real report, and the same with an odd spelling, a wrong sum and a blank in it."""

from dataclasses import replace

from kit import county_report

SOURCE = county_report("suqian-2024")
WRONG = replace(
    SOURCE,
    values={
        **SOURCE.values,
        "requests.granted.enterprise": "12件",
        "requests.received.natural": 3441,
        "fees.fees.amount": None,
    },
)
