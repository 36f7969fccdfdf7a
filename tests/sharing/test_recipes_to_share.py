"""The recipe that others are given: of a model that may be given, under the lab's name, with its record."""

import msgspec
import pytest

from appliance.catalog.publishing.sharing import Terms, box_source, shared_weights, sources_of
from appliance.catalog.recipes import decode_recipe
from appliance.errors import BadRequest, ConfigInvalid, NotLicensed
from tests.sharing.labs import ADDRESS, RECORD, recipe_of

CLOSED = """
[license]
expression = "LicenseRef-house"
title = "The house license"
acceptance = "institution"
redistribution = "{redistribution}"
derivatives = "no"
text_sha256 = "{text}"
"""
SHARING = """
[sharing]
organization = "lab-a"
kind = "{kind}"
contact = "models@lab-a.example"
benefits = ["Answers questions."]
harms = ["{harm}"]
evaluations = ["Two hundred questions."]
reviewed_by = "The lab"
reviewed_on = "{day}"
"""


def own(**changed):
    terms = changed.pop("terms", None)
    text = recipe_of(b"weights", **changed).decode()
    if terms:
        text = text.replace('license = "ISC"\n', "").replace("[defaults]", f"{terms}\n[defaults]")
    return decode_recipe(text.encode(), "test")


def shared(recipe, forms=("q8",), **changed):
    terms = {"organization": "lab-a", "record": RECORD, "sources": (box_source(ADDRESS),)}
    raw = shared_weights(recipe, Terms(**(terms | changed)), forms=forms)
    return decode_recipe(raw, "test").value()


def test_others_know_it_by_the_lab_s_name_with_its_record():
    recipe = shared(own())
    assert (recipe.id, recipe.revision, recipe.sharing.organization) == ("lab-a.own", 1, "lab-a")
    assert recipe.sharing.kind == "weights"
    assert recipe.sharing.harms == RECORD.harms
    assert shared(own(id="lab-a.named")).id == "lab-a.named"


def test_places_of_the_lab_s_own_network_are_left_out():
    recipe = shared(own(), sources=(box_source(f"{ADDRESS}/"), *sources_of("hub:lab/tiny@" + "0" * 40)))
    assert [one.label for one in recipe.forms[0].sources] == [
        "mirror http://127.0.0.1:7411/v1/shared/weights",
        "hub lab/tiny",
    ]


def test_without_a_place_nobody_could_fetch_it():
    with pytest.raises(BadRequest, match="--address"):
        shared(own(), sources=())


def test_tier_and_lease_are_as_it_is_given():
    recipe = shared(own(), tier="approved", lease=True)
    assert (recipe.tier, recipe.terms.lease, recipe.terms.expression) == ("approved", True, "ISC")
    plain = shared(own(tier="registered"))
    assert (plain.tier, plain.terms.lease) == ("registered", False)


def test_only_forms_whose_files_are_here_are_listed():
    recipe = own()
    more = msgspec.structs.replace(recipe.forms[0], name="f16")
    both = msgspec.structs.replace(recipe, forms=(*recipe.forms, more))
    assert [one.name for one in shared(both, forms=("f16",)).forms] == ["f16"]


def test_license_that_lets_no_copy_be_passed_on_is_refused_by_its_name():
    closed = own(terms=CLOSED.format(redistribution="no", text="0" * 64))
    with pytest.raises(NotLicensed, match=r"license of own \(LicenseRef-house\).*share access"):
        shared(closed)


def test_license_that_lets_copies_be_passed_on_goes_along():
    fair = shared(own(terms=CLOSED.format(redistribution="same-terms", text="0" * 64)), lease=True)
    assert (fair.terms.redistribution, fair.terms.acceptance, fair.terms.lease) == (
        "same-terms",
        "institution",
        True,
    )


@pytest.mark.parametrize(
    "text",
    ["ftp:lab", "https://mirror.lab", "mirror:http://mirror.lab", "hub:lab/tiny", "folder:here", "mirror:"],
)
def test_source_that_is_none_is_told_so(text):
    with pytest.raises(BadRequest, match="A source is mirror:ADDRESS"):
        sources_of(text + "@main" if text.startswith("hub") else text)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kind": "access"}, "access where there is `upstream`"),
        ({"harm": "none"}, "length >= 10"),
        ({"day": "2026-13-01"}, "no day of the calendar"),
        ({"id": "lab-b.own"}, "begin with `lab-a.`"),
        ({"id": "own"}, "begin with `lab-a.`"),
    ],
)
def test_record_that_is_not_whole_makes_no_recipe(changed, reason):
    said = {"kind": "weights", "harm": "Could be believed.", "day": "2026-11-21"} | changed
    name = said.pop("id", "lab-a.own")
    toml = recipe_of(b"weights", id=name).decode() + SHARING.format(**said)
    with pytest.raises(ConfigInvalid, match=reason):
        decode_recipe(toml.encode(), "test")


def test_no_draft_is_shared():
    toml = recipe_of(b"weights", id="lab-a.own").decode().replace("id =", "draft = true\nid =", 1)
    said = SHARING.format(kind="weights", harm="Could be believed.", day="2026-11-21")
    with pytest.raises(ConfigInvalid, match="no draft"):
        decode_recipe((toml + said).encode(), "test")
