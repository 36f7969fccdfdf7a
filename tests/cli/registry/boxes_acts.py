"""What boxes say to a registry in tests of its commands, and what they hear."""

from datetime import UTC, datetime, timedelta

from appliance.federation.bundling.shapes import BoxFacts
from appliance.federation.bundling.writing import write_outgoing
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import (
    ApplicationMessage,
    LeaseRequest,
    Sync,
    WantedLease,
)
from appliance.trust.signed import kind_of
from tests.registry.hosted import with_box

UNTIL = "2099-12-31"
SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def asks_for(model):
    def ask(box):
        return box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=(WantedLease(model=model, files=()),))

    return ask


def kinds_of(reply):
    return {kind_of(token) for token in reply.items}


def synced(at, box):
    return kinds_of(with_box(at, box, lambda one: one.say(kinds.SYNC, Sync)))


def applies(name, until=0):
    def apply(box):
        return box.say(
            kinds.APPLICATION,
            ApplicationMessage,
            application=name,
            grant="grant_1",
            project="project_1",
            person="person_1",
            model="opt-175b",
            affiliation="North College",
            intended_use="A study.",
            publications="None.",
            agreement_sha256="",
            reviewed_by="The lab.",
            until=until,
            agreed_sha256="a" * 64,
        )

    return apply


def stick(path, box, *tokens):
    messages = [(f"msg_{place}", token) for place, token in enumerate(tokens)]
    write_outgoing(path, messages, BoxFacts(box=box.id))
