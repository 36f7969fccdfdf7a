"""The box's one switch, for commands that ask somebody outside by themselves."""

from collections.abc import Sequence

from appliance.cli.desk import Desk, expected
from appliance.domain.results import OfflineState
from appliance.errors import GatewayNotRunning
from appliance.outbound.switch import Reason, Switch


def switch_of(desk: Desk) -> Switch:
    """As the gateway says at each use. Where it does not run, only the setting is known; a box that has ever
    run may have been switched offline, so that asking raises ``GatewayNotRunning``.
    """

    def others() -> Sequence[Reason]:
        try:
            with desk.gateway() as gateway:
                state = expected(gateway.run("offline.show"), OfflineState)
        except GatewayNotRunning:
            if desk.settings().places.database.exists():
                raise
            return ()
        return [Reason(one, state.since_ms) for one in state.because]

    return Switch(setting=desk.settings().offline, others=others)
