"""The privacy policy says what is so: each sentence follows from how the box is set."""

from dataclasses import replace

import pytest

from appliance.policy.privacy_policy import Facts, keeps_content, sections
from appliance.policy.retention import Periods, Record, rules

PLAIN = Facts(of_each_request=("its id", "the model"), rules=rules(Periods()))


def text_of(facts):
    return "\n".join(sentence for section in sections(facts) for sentence in section.statements)


def test_a_box_as_it_comes_says_that_nothing_is_kept_looked_at_or_sent():
    text = text_of(PLAIN)
    assert "No reviewer has a key, so no prompt and no answer is kept" in text
    assert "No tripwire is on." in text
    assert "No request is drawn for a spot check." in text
    assert "No prompt and no answer leaves the box" in text
    assert "Alerts are sent to nobody." in text
    assert not keeps_content(PLAIN)


@pytest.mark.parametrize(
    ("changes", "says", "no_longer"),
    [
        ({"of_each_request": ("its weight",)}, "keeps: its weight.", "its id"),
        (
            {"wires": ("a burst", "a harvest")},
            "Tripwires are on for: a burst; a harvest.",
            "No tripwire is on",
        ),
        ({"wires": ("x",)}, "No model is asked about your texts.", "is asked about texts;"),
        ({"wires": ("x",), "classifier": "guard-1b"}, "`guard-1b`", "No model is asked"),
        (
            {"rates": {"registered": "1/1000", "open": "0"}},
            "1/1000 of those to models of tier registered.",
            "open",
        ),
        ({"rates": {"open": "1/2"}}, "You can refuse to be drawn", "No request is drawn"),
        ({"reviewer_keys": 2}, "encrypted to the keys of reviewers (2 here)", "No reviewer has a key"),
        ({"hosted_elsewhere": ("api.lab",)}, "go to api.lab;", "No prompt and no answer leaves"),
        ({"alerts": ("mail", "a webhook")}, "Alerts go out by mail and a webhook", "sent to nobody"),
        ({"catalogs": ("uni",)}, "asked for at uni.", "No list is asked for"),
        ({"offline": True, "alerts": ("mail",)}, "The box is offline", "Alerts go out"),
    ],
)
def test_what_is_changed_is_said(changes, says, no_longer):
    text = text_of(replace(PLAIN, **changes))
    assert says in text
    assert no_longer not in text


def test_only_keys_of_reviewers_make_content_readable_for_others():
    assert keeps_content(replace(PLAIN, reviewer_keys=1))
    assert not keeps_content(replace(PLAIN, wires=("x",), rates={"open": "1/2"}, alerts=("mail",)))


PERIODS = ("usage", "decisions", "incidents", "samples", "sample_content", "reports", "logs", "files")


@pytest.mark.parametrize("period", PERIODS)
def test_every_period_is_said_as_it_was_set(period):
    facts = replace(PLAIN, rules=rules(replace(Periods(), **{period: 2914})))
    assert "2914 days" in text_of(facts)
    assert "2914 days" not in text_of(PLAIN)


def test_there_is_a_rule_for_every_record_and_a_sentence_for_every_rule():
    assert [rule.record for rule in rules(Periods())] == list(Record)
    assert all(rule.sentence in text_of(PLAIN) for rule in rules(Periods()))


@pytest.mark.parametrize("offline", [False, True])
def test_it_is_told_that_files_of_shared_models_may_be_fetched(offline):
    sentence = "Boxes of other labs may fetch the files of models that this lab shares."
    quiet = replace(PLAIN, offline=offline)
    assert sentence not in text_of(quiet)
    assert sentence in text_of(replace(quiet, gives_weights=True))
