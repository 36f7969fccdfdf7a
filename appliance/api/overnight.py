"""Overnight work over HTTP: its routes and what they need."""

from dataclasses import dataclass

from litestar.handlers import HTTPRouteHandler

from appliance.api.openai.batches import batch_routes
from appliance.api.openai.files import file_routes
from appliance.edge.bodies import BodyLimits
from appliance.edge.uploads import UploadLimits
from appliance.services.batches import BatchService
from appliance.services.files import FileService


@dataclass(frozen=True, slots=True)
class Overnight:
    """Files and batches. ``upload`` is of the whole form, a little more than the file in it."""

    files: FileService
    batches: BatchService
    upload: UploadLimits


def overnight_routes(overnight: Overnight, body: BodyLimits) -> list[HTTPRouteHandler]:
    """All of them."""
    return [*file_routes(overnight.files, overnight.upload), *batch_routes(overnight.batches, body)]
