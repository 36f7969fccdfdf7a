"""What people say about being sampled: of themselves over TCP, or an operator for them."""

from collections.abc import Awaitable, Callable, Mapping

from appliance.domain.actor import Actor
from appliance.domain.results import Result
from appliance.domain.results.samples import SampleChoice, SeedList
from appliance.domain.samples import Choice
from appliance.errors import BadRequest, NotAllowed
from appliance.services.sampling.book import RuleBook
from appliance.services.sampling.ports import SealedContent
from appliance.services.sampling.presenting import choice_line, seed_line
from appliance.services.sampling.reading_keys import ReadingKeys


class OwnSampling:
    """Refusals, consents and seeds."""

    def __init__(self, book: RuleBook, keys: ReadingKeys, sealed: SealedContent) -> None:
        self._book = book
        self._keys = keys
        self._sealed = sealed

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions of people on themselves, and who carries them out."""
        return {
            "sample.choice": self.choice,
            "sample.refuse": self.refuse,
            "sample.consent": self.consent,
            "sample.seeds": self.seeds,
        }

    async def choice(self, *, person: str | None, project: str | None, actor: Actor) -> SampleChoice:  # noqa: ARG002
        """``sample choice``. Raises ``BadRequest`` where nobody is named."""
        return self._told(self._book.choice_of(_holder(person, actor)))

    async def refuse(
        self, *, answer: str, person: str | None, project: str | None, actor: Actor
    ) -> SampleChoice:
        """``sample refuse``: from now on, and what they agreed to before is deleted."""
        holder = _holder(person, actor)
        said = await self._choose(holder, project, refuses=answer == "yes", consents=False)
        await self._sealed.forget(holder)
        return self._told(said)

    async def consent(
        self, *, answer: str, person: str | None, project: str | None, actor: Actor
    ) -> SampleChoice:
        """``sample consent``. Taking it back deletes what is there.

        Raises ``NotAllowed`` where somebody agrees for somebody else.
        """
        holder = _holder(person, actor)
        if answer == "yes":
            _check_own(holder, actor)
        said = await self._choose(holder, project, refuses=False, consents=answer == "yes")
        if not said.consents:
            await self._sealed.forget(holder)
        return self._told(said)

    async def seeds(self) -> SeedList:
        """``sample seeds``."""
        return SeedList(seeds=tuple(seed_line(one, self._book) for one in reversed(self._book.seeds)))

    async def _choose(self, holder: str, project: str | None, *, refuses: bool, consents: bool) -> Choice:
        before = self._book.choice_of(holder)
        return await self._book.choose(
            holder, project or before.project_id, refuses=refuses, consents=consents
        )

    def _told(self, choice: Choice) -> SampleChoice:
        return choice_line(choice, [one.label for one in self._keys.all if one.ended_ms is None])


def _holder(person: str | None, actor: Actor) -> str:
    holder = person or actor.person
    if not holder:
        raise BadRequest("Say for whom: `--person ID`, as `carrel person list` shows it.", param="person")
    return holder


def _check_own(holder: str, actor: Actor) -> None:
    if holder not in {actor.person, actor.name}:
        raise NotAllowed(
            "Only people themselves can agree that reviewers read their prompts; this waits for them: "
            "`POST /v1/me/sample/consent` with their key."
        )
