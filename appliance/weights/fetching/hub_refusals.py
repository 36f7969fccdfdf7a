"""What a refusal of the hub means, and what to do about it. Pure; no word of the hub's is in it."""

from dataclasses import dataclass
from typing import Final

from appliance.errors import NotAllowed, NotFound, OutboundFailed

_PULL: Final = "then run `carrel model pull` again"
_NAME_IT: Final = (
    "put the account's token into a file that only Carrel may read, name that in the setting `hub_token_file`"
)


@dataclass(frozen=True, slots=True)
class Refusals:
    """Of one repository. ``hub`` is the hub's address; ``known``: we came with a token."""

    hub: str
    host: str
    repository: str
    known: bool

    def gated(self) -> NotAllowed:
        """Its owners decide who gets it."""
        who = f"with an account of the hub, {_NAME_IT}"
        if self.known:
            who = "with the account whose token is in the file of the setting `hub_token_file`"
        return NotAllowed(
            f"{self.repository} is given only to people whom its owners let in: ask for access at "
            f"{self.hub}/{self.repository} {who}, {_PULL}."
        )

    def unknown(self) -> NotFound:
        """The hub says the same of what is not there and of what we may not see."""
        private = "to the account of `hub_token_file`" if self.known else f"without an account: {_NAME_IT}"
        return NotFound(
            f"The hub has no {self.repository}, or does not show it {private}; check the name, {_PULL}."
        )

    def no_revision(self, revision: str) -> NotFound:
        """It was taken away."""
        return NotFound(
            f"{self.repository} has no {revision[:12]} on the hub (any more); look for a newer recipe, or "
            "add another source to this one."
        )

    def no_file(self) -> NotFound:
        """Of that name."""
        return NotFound(f"{self.repository} has no such file on the hub; correct the recipe.")

    def no_name(self) -> NotFound:
        """The library does not even ask."""
        return NotFound(
            "A repository of the hub is named `owner/name`; correct the recipe, or what you typed."
        )

    def disabled(self) -> NotAllowed:
        """By the hub itself."""
        return NotAllowed(
            f"The hub has disabled {self.repository}; take the files from another source, such as a folder "
            "or a mirror."
        )

    def answered(self, status: int) -> NotAllowed | OutboundFailed:
        """With a status that has no other meaning."""
        if status == 401 and self.known:
            return NotAllowed(
                "The hub does not know the token in the file of the setting `hub_token_file`; put a new one "
                f"into it, {_PULL}."
            )
        if status in {401, 403}:
            return NotAllowed(
                f"The hub does not give {self.repository} to this box; see {self.hub}/{self.repository} for "
                "what it asks."
            )
        trouble = "busy" if status == 429 or status >= 500 else "failed"
        return OutboundFailed(
            f"The hub {self.host} answered with status {status}. Try again later.", trouble=trouble
        )

    def unreachable(self) -> OutboundFailed:
        """Nobody answers, or somebody who is no hub."""
        return OutboundFailed(
            f"The hub {self.host} cannot be reached, or something else answers in its place, as a network's "
            "login page. See the settings `hub` and `proxy`, then try again.",
            trouble="unreachable",
        )
