"""Forms that are good for one press: what makes keys does not make others because a page was loaded again."""

import secrets
from typing import Final

from appliance.errors import Conflict

MOST: Final = 5000
"""That may be open at the same time; of more, the oldest is forgotten and its page has to be opened again."""


class Once:
    """Tokens of forms that nobody has sent yet, in memory."""

    def __init__(self) -> None:
        self._open: dict[str, None] = {}

    def make(self) -> str:
        """For one form."""
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]
        token = secrets.token_urlsafe(12)
        self._open[token] = None
        return token

    def use(self, token: str) -> None:
        """Raises ``Conflict`` for one that was used, or that the box did not give since its start."""
        if token not in self._open:
            raise Conflict(
                "This form was sent already, so nothing was done again: keys are shown once. Open the page of"
                " the class and press its button for new ones."
            )
        del self._open[token]
