"""The page about duties has the table that projects are held against."""

from pathlib import Path

import pytest

from appliance.policy.duties.checklist import QUESTIONS
from appliance.policy.duties.domains import DOMAINS
from appliance.policy.duties.table import DUTIES, FULFILLED_MS, GRACE_MS, THRESHOLDS

PAGE = (Path(__file__).parents[2] / "appliance" / "handbook" / "duties.md").read_text(encoding="utf-8")
DAY_MS = 86_400_000


def amount(gflop):
    digits, power = f"{gflop * 10**9:.1e}".split("e+")
    digits = digits.removesuffix(".0")
    return f"10^{power}" if digits == "1" else f"{digits} · 10^{power}"


def row(*cells):
    return f"| {' | '.join(cells)} |\n"


def level(one, kind):
    found = one.from_level(kind)
    return "never" if found is None else found.name


def generated():
    yearly = ("answers, FLOP a year", "training, FLOP a year")
    levels = row("level", *yearly, "large model: trained with more than")

    levels += "|---|---|---|---|\n"
    for one in THRESHOLDS:
        amounts = (one.inference_gflop, one.training_gflop, one.model_gflop)
        levels += row(one.level.name, *map(amount, amounts))
    duties = row("duty", "what", "research", "course", "evaluation") + "|---|---|---|---|---|\n"
    for one in DUTIES:
        owed = [level(one, kind) for kind in ("research", "course", "evaluation")]
        duties += row(f"`{one.name}`", one.words, *owed)
    domains = row("tag", "what is meant") + "|---|---|\n"
    domains += "".join(row(f"`{tag}`", words) for tag, words in DOMAINS.items())
    return {"levels": levels, "duties": duties, "domains": domains}


@pytest.mark.parametrize("name", ["levels", "duties", "domains"])
def test_a_table_on_the_page_is_that_of_the_rule(name):
    assert generated()[name] + "\n" in PAGE + "\n"


def test_days_and_questions_are_those_of_the_rule():
    assert f"for {GRACE_MS // DAY_MS} days" in PAGE
    assert f"count for {FULFILLED_MS // DAY_MS} days" in PAGE
    assert len(QUESTIONS) == 16
    assert "sixteen questions" in PAGE
