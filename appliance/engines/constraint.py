"""What keeps an answer to a grammar: the contract between whoever compiles one and whoever samples.

Sampling comes first: a token is drawn as if there were no grammar, and only one that the grammar does not
admit is drawn anew among those it does. Both together draw from the model's distribution over the admitted
tokens, and computing the mask, which takes milliseconds, is rare.
"""

from typing import Protocol


class Matcher(Protocol):
    """One answer's way through its grammar."""

    @property
    def finished(self) -> bool:
        """Nothing may follow: the answer is complete, though no token has ended it."""
        ...

    def take(self, token: int) -> bool:
        """Go on with a token; False, and nothing changes, where the grammar does not admit it.

        A token that ends a text is admitted where the answer may end.
        """
        ...

    def allowed(self) -> bytes:
        """Which tokens are admitted next, in the form of ``Runner.resample``. Raises ``BadRequest`` where the
        grammar turned out to be more than can be followed.
        """
        ...


class Constraints(Protocol):
    """Makes matchers for one vocabulary."""

    def matcher(self, grammar: str) -> Matcher:
        """At the beginning of an answer. Raises ``BadRequest`` for a grammar that does not compile."""
        ...
