"""Joins the models that are hosted elsewhere: the one HTTP client, their keys, their tokenizers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe
from appliance.domain.upstream import Upstream
from appliance.engines.base import EngineSpec
from appliance.errors import ConfigInvalid
from appliance.outbound.address import Address
from appliance.outbound.client import Outbound
from appliance.outbound.limits import Limits
from appliance.services.models.elsewhere import Elsewhere, Switches
from appliance.services.models.ports import PreparerProcess, ReplicaProcess
from appliance.services.models.specification import ReplicaOrder
from appliance.upstreams.alarms import Alarms
from appliance.upstreams.counting import Counter, Exact, Guessing
from appliance.upstreams.line import Line
from appliance.upstreams.preparer import NoVocabulary
from appliance.upstreams.secrets import Secrets
from appliance.upstreams.source import Source, authorized
from appliance.wiring.network import Network
from appliance.wiring.processes import Processes

TOKENIZER: Final = "tokenizer"
"""The plugin that opens a vocabulary and nothing else."""


def elsewhere(
    settings: Settings, processes: Processes, *, alarms: Alarms, network: Network, clock: Clock
) -> Elsewhere:
    """``processes`` makes the preparers of those whose tokenizer is on the box."""
    secrets = Secrets(settings.places.upstream_keys_dir)
    outbound = Outbound(switch=network.switch, proxy=settings.proxy, ca_file=settings.ca_file)

    switches = Switches(settings.upstreams, network.switch, network.exam)

    def factory(recipe: Recipe) -> Standins:
        if recipe.upstream is None:
            raise ConfigInvalid(f"{recipe.id} is not hosted elsewhere.")
        return Standins(recipe, recipe.upstream, processes, secrets, outbound, switches, alarms, clock)

    return Elsewhere(
        switches=switches,
        factory=factory,
        has_key=secrets.has,
        answers=alarms.answers,
        alarms=alarms.differed,
        unreported=alarms.unreported,
    )


@dataclass(slots=True)
class Standins:
    """The ``ProcessFactory`` of one model that has no processes, but for its tokenizer's."""

    recipe: Recipe
    upstream: Upstream
    processes: Processes
    secrets: Secrets
    outbound: Outbound
    switches: Switches
    alarms: Alarms
    clock: Clock
    _counter: Counter | None = None

    def preparer(self, spec: EngineSpec) -> PreparerProcess:
        """A real one where there is a tokenizer; it counts answers too."""
        if not spec.files:
            return NoVocabulary()
        vocabulary = self.processes.preparer(msgspec.structs.replace(spec, engine=TOKENIZER))
        self._counter = Exact(vocabulary)
        return vocabulary

    def replica(self, order: ReplicaOrder) -> ReplicaProcess:
        """The source of tokens, not started."""
        connections = order.spec.max_sequences + 1
        return Source(
            order.spec,
            lambda: self._line(connections),
            on_change=self._on_change,
            objection=lambda: self.switches.objection(self.recipe.id),
        )

    @property
    def _on_change(self) -> Callable[[], None]:
        return self.processes.on_change

    def _line(self, connections: int) -> Line:
        """Raises ``ConfigInvalid`` without its key."""
        there = self.upstream
        secret = self.secrets.read(there.key) if there.key else ""
        limits = Limits(silence_s=there.silence_s, total_s=there.answer_s, connections=connections)
        address = Address.parse(there.address, plain_http=there.plain_http)
        return Line(
            model=self.recipe.id,
            upstream=there,
            client=self.outbound.client(address, limits),
            headers=authorized(secret),
            counter=self._counter or Guessing(),
            thinking=self.recipe.thinking,
            alarms=self.alarms,
            clock=self.clock,
        )
