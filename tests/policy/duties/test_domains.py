"""Tags are of a closed list."""

import pytest

from appliance.errors import BadRequest
from appliance.policy.duties.domains import DOMAINS, check_tags


def test_tags_are_put_in_order_and_told_once():
    assert check_tags(["health", " Biometrics ", "health", ""]) == ("biometrics", "health")


def test_a_word_that_is_not_in_the_list_is_refused_with_the_list():
    with pytest.raises(BadRequest, match="elections") as refusal:
        check_tags(["health", "astrology"])
    assert refusal.value.param == "tags"


def test_every_tag_says_what_is_meant():
    assert all(len(words) > 15 for words in DOMAINS.values())
    assert {"health", "biometrics", "law-enforcement", "military", "children", "elections"} <= set(DOMAINS)
