"""Cuts, silence, refusals for now: what came stays, and no byte is fetched twice for nothing."""

import time

import pytest

from appliance.errors import OutboundFailed
from appliance.outbound.ranged.connecting import Dialer
from appliance.outbound.ranged.target import RedirectRefused
from appliance.weights.fetching.patience import Patience

MIB = 2**20


@pytest.mark.parametrize("connections", [1, 4])
def test_cut_connections_go_on_where_they_ended(desk, connections):
    desk.connections = connections
    desk.hub.switches.cuts = [MIB, 2 * MIB + 1, 2 * MIB + 2, 5 * MIB, 8 * MIB]
    desk.fetch(desk.at_mirror)
    assert desk.has()
    assert desk.hub.cutter.done == 5
    # What a cut takes with it was sent and never came.
    assert desk.last.fetched_bytes == desk.file().size_bytes


def test_a_host_without_ranges_sends_the_whole_file_to_one_connection(desk):
    desk.connections = 4
    desk.hub.switches.ranges = False
    desk.fetch(desk.at_mirror)
    assert desk.has()
    assert desk.last.fetched_bytes == desk.file().size_bytes


def test_a_host_without_ranges_begins_anew_after_a_cut_and_what_is_there_stays(desk):
    desk.hub.switches.ranges = False
    desk.hub.switches.cuts = [4 * MIB]
    desk.fetch(desk.at_mirror)
    assert desk.has()


def test_a_host_that_is_busy_is_asked_again(desk):
    desk.hub.switches.busy = 2
    desk.fetch(desk.at_mirror)
    assert desk.has()


def test_a_host_s_own_wish_is_waited_for(desk):
    waits = []

    class Noting(Patience):
        def wait_s(self, fruitless, asked_s):
            waits.append(asked_s)
            return super().wait_s(fruitless, asked_s and asked_s / 1000)

    desk.patience = Noting(tries=3, first_s=0.001, longest_s=0.001)
    desk.hub.switches.busy, desk.hub.switches.retry_after = 2, "7"
    desk.fetch(desk.at_mirror)
    assert waits == [7.0, 7.0]


def test_silence_is_a_cut(desk):
    desk.dialer = Dialer(desk.dialer.context, silence_s=0.2)
    desk.hub.switches.stall_after = 3 * MIB
    with pytest.raises(OutboundFailed, match="falls silent"):
        desk.fetch(desk.at_mirror)
    desk.hub.switches.stall_after = -1
    asked = desk.hub.sent_bytes
    desk.fetch(desk.at_mirror)
    assert desk.has()
    assert desk.hub.sent_bytes - asked == desk.file().size_bytes - 3 * MIB


def test_nobody_there_is_told_after_some_tries_and_nothing_is_lost(desk):
    desk.hub.switches.cuts = [4 * MIB, 4 * MIB, 4 * MIB, 4 * MIB, 4 * MIB]
    with pytest.raises(OutboundFailed, match="goes on where it ended"):
        desk.fetch(desk.at_mirror)
    desk.hub.switches.cuts = []
    before = desk.hub.sent_bytes
    desk.fetch(desk.at_mirror)
    assert desk.has()
    assert desk.hub.sent_bytes - before == desk.file().size_bytes - 4 * MIB


def test_another_source_goes_on_where_the_first_one_ended(desk):
    desk.hub.switches.cuts = [4 * MIB] * 5
    desk.fetch(desk.at_mirror, desk.at_server)
    assert desk.has()
    assert desk.last.fetched_bytes == desk.file().size_bytes


def test_a_connection_that_waits_does_not_hold_up_the_refusal_of_another(desk):
    dialed = []

    class Picky(Dialer):
        def dial(self, target, *, source):
            dialed.append(target)
            if len(dialed) > 1:
                raise RedirectRefused("another host")
            return super().dial(target, source=source)

    desk.connections, desk.dialer = 2, Picky(desk.dialer.context, silence_s=60.0)
    desk.hub.switches.stall_after = MIB
    began = time.monotonic()
    with pytest.raises(OutboundFailed, match="another host"):
        desk.fetch(desk.at_mirror)
    assert time.monotonic() - began < 30


def test_progress_never_goes_back(desk, other_bytes):
    desk.hub.switches.instead[f"/mirror/{desk.file().sha256}"] = other_bytes
    desk.fetch(desk.at_mirror, desk.at_server)
    told = [event.verified_bytes for event in desk.events if hasattr(event, "verified_bytes")]
    assert told == sorted(told)
