"""What the policy is made from are the very settings and books that the box obeys."""

from fractions import Fraction
from types import SimpleNamespace

import msgspec
import pytest

from appliance.domain.samples import RateChange
from appliance.policy.privacy_policy import sections
from appliance.policy.sampling.choosing import Rules
from appliance.services.classes.book import ClassBook
from appliance.wiring.network import turned_by
from appliance.wiring.privacy import facts_of, periods_of
from tests.config.conftest import machine  # noqa: F401 - a fixture
from tests.services.conftest import StillClock

ELSEWHERE = SimpleNamespace(upstream=SimpleNamespace(host="api.example"))
HERE = SimpleNamespace(upstream=None)


@pytest.fixture
def box(machine):  # noqa: F811
    """Settings, catalog, tripwires and spot checks, as far as the policy looks at them."""
    settings = machine.load()
    wire = SimpleNamespace(title="far more requests")
    rules = (
        Rules()
        .with_rate(RateChange("open", Fraction(0), 1))
        .with_rate(RateChange("approved", Fraction(1, 200), 1))
    )
    return SimpleNamespace(
        settings=settings,
        classes=ClassBook(StillClock()),
        catalog=SimpleNamespace(recipes=[HERE, ELSEWHERE]),
        seen=SimpleNamespace(wires=SimpleNamespace(on={"burst": wire})),
        spot=SimpleNamespace(book=SimpleNamespace(rules=rules), keys=SimpleNamespace(count=1)),
    )


def facts(box, **changed):
    settings = msgspec.structs.replace(box.settings, **changed)
    network = turned_by(settings, box.classes)
    return facts_of(settings, box.catalog, box.seen, box.spot, network)


def test_books_are_told_as_they_are(box):
    told = facts(box)
    assert told.wires == ("far more requests",)
    assert told.rates == {"open": "0", "approved": "1/200"}
    assert told.reviewer_keys == 1


def test_a_guard_is_told_where_it_looks_at_prompts_by_itself(box):
    assert facts(box, moderation_model="guard").classifier == ""
    assert facts(box, moderation_model="guard", guard_percent=5).classifier == "guard"


@pytest.mark.parametrize(
    ("changed", "hosts"),
    [
        ({}, ()),
        ({"upstreams": True}, ("api.example",)),
        ({"upstreams": True, "exam": True}, ()),
    ],
)
def test_hosts_are_told_where_prompts_may_go_there(box, changed, hosts):
    assert facts(box, **changed).hosted_elsewhere == hosts


def test_ways_of_alerts_are_told_once_they_are_whole(box):
    assert facts(box).alerts == ()
    assert facts(box, smtp_host="mail.lab").alerts == ()
    assert facts(box, smtp_host="mail.lab", alert_mail_to=("a@b.lab",)).alerts == ("mail",)
    assert facts(box, alert_webhook="https://hook.lab").alerts == ("a webhook",)


def test_catalogs_are_told_while_they_are_asked(box):
    (box.settings.places.catalogs_dir / "uni").mkdir(parents=True)
    assert facts(box).catalogs == ("uni",)
    assert facts(box, catalog_refresh_hours=0).catalogs == ()


@pytest.mark.parametrize(
    "name",
    ["usage_days", "decision_days", "incident_days", "sample_days", "report_days", "log_days", "file_days"],
)
def test_every_setting_of_days_is_in_the_text(box, name):
    def text(told):
        return "\n".join(one for section in sections(told) for one in section.statements)

    assert "123 days" not in text(facts(box))
    assert "123 days" in text(facts(box, **{name: 123}))


def test_a_spot_check_is_kept_no_longer_than_the_row_of_its_request(box):
    settings = msgspec.structs.replace(box.settings, usage_days=10, sample_days=90)
    assert periods_of(settings).samples == 10
