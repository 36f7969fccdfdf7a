"""The operator's client: runs actions over the admin socket of the gateway."""

from collections.abc import Mapping
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Final

import httpx
import msgspec

from appliance.client.answers import did_not_answer, ended, path_of, result_of
from appliance.client.connected import Connected
from appliance.client.reaching import check_reachable
from appliance.client.refusals import refusal
from appliance.domain.action import Action
from appliance.domain.actions import action

_CONNECT_TIMEOUT_S: Final = 5.0
_ANSWER_TIMEOUT_S: Final = 600.0
"""``model run`` hashes every file of a model before it answers."""
_ENDLESS: Final = httpx.Timeout(None, connect=_CONNECT_TIMEOUT_S)


class AdminClient(Connected):
    """One connection to a gateway's admin socket. Not for several threads at once."""

    def __init__(self, socket_path: Path, *, answer_timeout_s: float = _ANSWER_TIMEOUT_S) -> None:
        self._path = socket_path
        self._http = httpx.Client(
            # No certificates are read for a socket that has none: that would be half of a command's time.
            transport=httpx.HTTPTransport(uds=str(socket_path), verify=SSLContext(PROTOCOL_TLS_CLIENT)),
            base_url="http://carrel",
            timeout=httpx.Timeout(answer_timeout_s, connect=_CONNECT_TIMEOUT_S),
            trust_env=False,
        )

    def run(self, name: str, arguments: Mapping[str, object] | None = None) -> msgspec.Struct:
        """Have an action carried out; the result is decoded into the action's result type.

        Raises the gateway's own error, ``GatewayNotRunning``, ``NotAllowed`` for a socket that this user
        may not open, ``RequestTimeout``.
        """
        known = action(name)
        response = self._post(known, dict(arguments or {}))
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise refusal(response)
        return result_of(known, response.content)

    def _post(self, known: Action, arguments: dict[str, object]) -> httpx.Response:
        check_reachable(self._path)
        patience = _ENDLESS if known.long else self._http.timeout
        try:
            return self._http.post(path_of(known), content=msgspec.json.encode(arguments), timeout=patience)
        except httpx.TimeoutException as error:
            raise did_not_answer() from error
        except httpx.TransportError as error:
            raise ended() from error
