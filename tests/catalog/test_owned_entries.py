"""What an organization may list of its own models, and of which it may say that it hosts them itself."""

import pytest

from appliance.catalog.entries import Entry, entry
from appliance.catalog.joining import join
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.signed.names import parse_target
from appliance.catalog.signed.reading import why_not_recipe
from appliance.domain.approval import Approval
from appliance.errors import ConfigInvalid

ENTRY = """
id = "uni.tiny"
revision = 3
title = "Tiny of Uni"
summary = "For tests."
license = "Apache-2.0"
tier = "registered"
context_tokens = 512
max_sequences = 4
[defaults]
max_tokens = 96
[upstream]
name = "uni"
address = "https://uni.example/v1"
model = "tiny"
features = ["chat"]
[upstream.price]
prompt_micro = 1
completion_micro = 2
[sharing]
organization = "uni"
kind = "access"
contact = "ada"
benefits = ["It answers questions."]
harms = ["It may answer wrongly."]
evaluations = ["Two hundred questions."]
reviewed_by = "The board"
reviewed_on = "2026-11-21"
[sharing.restrictions]
max_tokens = 64
"""
SHARING = ENTRY[ENTRY.index("[sharing]") : ENTRY.index("[sharing.restrictions]")]


def why_not(toml, path="org/uni/uni.tiny/3.toml"):
    return why_not_recipe(parse_target(path), toml.encode())


def test_an_organization_lists_models_that_it_hosts_itself():
    assert why_not(ENTRY) == ""
    recipe = decode_recipe(ENTRY.encode(), "x").value()
    assert (recipe.sharing.kind, recipe.sharing.restrictions.max_tokens) == ("access", 64)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (SHARING + "[sharing.restrictions]\nmax_tokens = 64\n", "", "for whoever runs the box to add"),
        ('name = "uni"', 'name = "uni"\nkey = "openai"', "names no key"),
        ('"https://uni.example/v1"', '"http://169.254.169.254/v1"\nplain_http = true', "insides"),
        ('"https://uni.example/v1"', '"https://[fe80::1]/v1"', "insides"),
        ('"https://uni.example/v1"', '"http://uni.example/v1"', "http://"),
        ('"https://uni.example/v1"', '"http://uni.example/v1"\nplain_http = true', "http://"),
        ('organization = "uni"', 'organization = "other"', "`id` has to begin with `other.`"),
        ('kind = "access"', 'kind = "weights"', "kind"),
    ],
    ids=["unowned", "key", "metadata", "link local", "plain", "plain name", "another's", "kind"],
)
def test_what_would_send_prompts_or_keys_elsewhere_is_refused(old, new, why):
    assert old in ENTRY
    assert why in why_not(ENTRY.replace(old, new))


def test_a_catalog_s_own_list_and_another_organization_name_no_hosts():
    assert "for whoever runs the box" in why_not(ENTRY, "models/uni.tiny/3.toml")
    assert "signed it" in why_not(ENTRY, "org/other/uni.tiny/3.toml")


def test_an_entry_brings_no_tokenizer():
    file = f'[[upstream.tokenizer]]\nname = "tokenizer.json"\nsize_bytes = 5\nsha256 = "{"a" * 64}"\n'
    toml = ENTRY.replace('summary = "For tests."', 'summary = "For tests."\nchat_template = "x"') + file
    assert "brings no file" in why_not(toml)


def test_an_id_too_long_for_the_name_of_its_key_is_refused():
    long = f"uni.{'t' * 54}"
    toml = ENTRY.replace('"uni.tiny"', f'"{long}"')
    assert "at most 57 signs" in why_not(toml, f"org/uni/{long}/3.toml")


def found(toml, approval) -> Entry:
    return entry(toml.encode(), decode_recipe(toml.encode(), "x"), approval)


def test_a_listed_model_is_asked_with_its_own_key_and_no_other():
    listed = found(ENTRY, Approval(by="catalog", name="central", role="org.uni"))
    assert listed.recipe.upstream.key == "access.uni.tiny"
    by_hand = ENTRY.replace('name = "uni"', 'name = "uni"\nkey = "lab"')
    assert found(by_hand, Approval(by="lab")).recipe.upstream.key == "lab"


def test_what_is_hosted_here_goes_before_what_is_listed_elsewhere():
    elsewhere = found(ENTRY, Approval(by="catalog", name="central", role="org.uni"))
    here = Entry(found(ENTRY, Approval(by="lab")).recipe, b"here")
    joined = join([], [elsewhere], [here], [])
    assert [one.toml for one in joined.entries] == [b"here"]
    assert joined.left_out == ()


def test_limits_that_nobody_knows_are_refused():
    with pytest.raises(ConfigInvalid, match="more_tokens"):
        decode_recipe(ENTRY.replace("max_tokens = 64", "more_tokens = 64").encode(), "x")
