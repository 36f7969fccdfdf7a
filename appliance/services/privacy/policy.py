"""Answers ``policy show`` and ``GET /v1/policy``, from how the box is set at that moment."""

from collections.abc import Awaitable, Callable, Mapping

from appliance.domain.results import PolicySection, PolicyShown, Result
from appliance.policy.privacy_policy import Facts, keeps_content, sections


class PrivacyPolicy:
    """``facts`` tells how the box is set now."""

    def __init__(self, facts: Callable[[], Facts]) -> None:
        self._facts = facts

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"policy.show": self.show}

    async def show(self) -> PolicyShown:
        """The whole policy."""
        return self.told()

    def told(self) -> PolicyShown:
        """The same, without waiting."""
        facts = self._facts()
        return PolicyShown(
            sections=tuple(
                PolicySection(title=one.title, statements=one.statements) for one in sections(facts)
            ),
            keeps_content=keeps_content(facts),
        )
