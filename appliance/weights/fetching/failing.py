"""What can go wrong with one source, and what people are told of it. No address of a file is in a message."""

from collections.abc import Mapping
from typing import Final

from appliance.errors import CarrelError, NotAllowed, NotFound, OutboundFailed
from appliance.outbound.ranged.answers import Refusal, Refused


class SourceFailed(Exception):
    """This source does not bring the file. ``error`` is for people, where no other source does either."""

    def __init__(self, error: CarrelError) -> None:
        super().__init__(error.message)
        self.error = error


class Interrupted(Exception):
    """Something that may work when it is tried again; ``wait_s`` is the host's wish, None where it has none.
    ``trouble`` is one word, and ``says`` what people are told where it never works.
    """

    def __init__(self, trouble: str, says: str, wait_s: float | None = None) -> None:
        super().__init__(says)
        self.trouble = trouble
        self.says = says
        self.wait_s = wait_s


UNREACHABLE: Final = "cannot be reached, or shows no certificate that is trusted"
PROXY: Final = "cannot be reached through the proxy of the setting `proxy`"
BROKEN: Final = "breaks off every connection, or falls silent"
BUSY: Final = "refuses for now"
_GO_ON: Final = "Run `carrel model pull` again later: it goes on where it ended"
_REFUSED: Final[Mapping[Refusal, str]] = {
    "page": (
        "answers with a web page in place of the file: the network may want a login first (open any page in "
        "a browser of this network), or the address is wrong"
    ),
    "size": "has a file of another size than the recipe says; try another source, or a newer recipe",
    "encoded": "sends the file compressed, which nobody asked for",
    "other": "does not answer as a web server does that has the file",
}


def exhausted(host: str, trouble: Interrupted) -> SourceFailed:
    """It was tried often enough."""
    return SourceFailed(OutboundFailed(f"{host} {trouble.says}. {_GO_ON}.", trouble=trouble.trouble))


def refused(host: str, refusal: Refused, path: str) -> SourceFailed:
    """It answers, and does not give the file."""
    if refusal.why == "missing":
        return SourceFailed(NotFound(f"{host} has no {path}; add another source to the recipe."))
    if refusal.why == "login":
        return SourceFailed(
            NotAllowed(f"{host} does not give {path} to this box; ask who runs it, or use another source.")
        )
    return SourceFailed(OutboundFailed(f"{host} {_REFUSED[refusal.why]}.", trouble=refusal.why))


def led_away(host: str, where: str) -> SourceFailed:
    """It sends on to where this source may not lead."""
    return SourceFailed(
        OutboundFailed(
            f"{host} sends on to {where}, which is not followed; add the other address to the recipe as a "
            "source of its own.",
            trouble="redirect",
        )
    )
