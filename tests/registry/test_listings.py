"""Lists of organizations as messages: from the organization's own box alone, and problems by their names."""

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from appliance.federation.protocol.messages import ListedFile, Listing
from appliance.federation.protocol.replies import Refused
from appliance.registry.publishing.listings import Listings
from tests.registry.registries import Organization, Standing


@dataclass
class FromBox:
    organization: str


@dataclass
class Said:
    box: FromBox
    message: Any


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def listing(uni, organization="uni", **more):
    files = tuple(ListedFile(path=path, data=encoded(data)) for path, data in uni.files.items())
    given = {"metadata": encoded(uni.metadata), "files": files} | more
    return Listing(box="b" * 43, jti="msg_1", iat=0, organization=organization, **given)


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(tmp_path_factory.mktemp("standing"))


@pytest.fixture
def registry(standing, tmp_path):
    return standing.copied_to(tmp_path)


@pytest.fixture
def uni(registry, tmp_path):
    uni = Organization(tmp_path / "uni").add("uni.own")
    registry.delegate("uni", uni.key).publish()
    return uni


def take(registry, message, *, organization="uni"):
    return Listings(registry.web).handle(None, Said(FromBox(organization), message))


def test_a_list_reaches_boxes_and_the_same_again_changes_nothing(registry, uni, tmp_path):
    assert take(registry, listing(uni)).statements == ()
    version = registry.web.standing().version
    take(registry, listing(uni))
    assert registry.web.standing().version == version
    box = registry.box(tmp_path / "box")
    box.refresh()
    assert set(box.recipes()) == {"uni.own"}


@pytest.mark.parametrize("organization", ["", "other"])
def test_a_box_of_another_organization_is_refused(registry, uni, organization):
    with pytest.raises(Refused) as refused:
        take(registry, listing(uni), organization=organization)
    assert refused.value.name == "not-yours"
    assert registry.web.standing().models == ()


def test_an_organization_that_does_not_sign_yet_is_told_the_next_step(registry, tmp_path):
    other = Organization(tmp_path / "other", "other").add("other.one")
    with pytest.raises(Refused, match="public key") as refused:
        take(registry, listing(other, "other"), organization="other")
    assert refused.value.name == "not-entitled"


def test_what_does_not_fit_is_refused_by_its_name(registry, uni):
    for more, name in (
        ({"metadata": "not base64!"}, "schema"),
        ({"metadata": encoded(b"{}")}, "bad-signature"),
        ({"files": ()}, "bad-signature"),
    ):
        with pytest.raises(Refused) as refused:
            take(registry, listing(uni, **more))
        assert refused.value.name == name
    old = listing(uni)
    uni.add("uni.two")
    take(registry, listing(uni))
    with pytest.raises(Refused) as refused:
        take(registry, old)
    assert refused.value.name == "conflict"
