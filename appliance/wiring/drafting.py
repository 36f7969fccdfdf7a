"""Joins what writing a recipe needs: folders and the hub, the process that looks into files, the planner."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from appliance.catalog.drafting.completing import Completer
from appliance.catalog.drafting.composing import Composer
from appliance.catalog.drafting.ports import Tell
from appliance.catalog.source_shape import HubToml
from appliance.config import Settings
from appliance.domain.inspection import Inspection
from appliance.domain.recipe import Pooling
from appliance.errors import BadRequest
from appliance.outbound.switch import Switch
from appliance.policy.placement.facts import facts_of
from appliance.weights.inspecting.order import FileOrder, InspectOrder
from appliance.weights.inspecting.process import InspectProcess
from appliance.weights.listing.hub import HubSource
from appliance.weights.listing.process import ListProcess
from appliance.weights.listing.wire import HubPlace


def composer(tell: Tell) -> Composer:
    """Recipes of what there is."""
    return Composer(inspect=_inspect, remember=facts_of, tell=tell)


def completer(settings: Settings, switch: Switch, tell: Tell) -> Completer:
    """Drafts."""

    def open_source(source: HubToml) -> HubSource:
        return open_hub(settings, switch, source.repository, source.commit or "main")

    return Completer(composer(tell), open_source)


def open_hub(settings: Settings, switch: Switch, repository: str, revision: str) -> HubSource:
    """A repository at the commit that ``revision`` means now. Raises ``Offline``, and what the hub raises."""
    place = HubPlace(settings.hub, settings.hub_token_file, settings.proxy, settings.ca_file)
    hub = ListProcess(place, settings.places.data_dir / "hub", switch)
    listing = hub.list_files(repository, revision)
    if not listing.commit:
        raise BadRequest("The hub does not say which commit that is; name one, as hub:OWNER/NAME@COMMIT.")
    return HubSource(listing, hub)


def _inspect(files: Mapping[str, Path], *, engine: str, pooling: Pooling) -> Inspection:
    order = InspectOrder(
        engine=engine,
        files=tuple(FileOrder(name, str(path)) for name, path in files.items()),
        pooling=pooling,
    )
    return asyncio.run(InspectProcess().look(order))
