"""The verbs of restrictions, as operators have them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.people import Project
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.restriction import NO_LIMITS, Restriction, Scope
from appliance.domain.results import (
    RestrictionDetail,
    RestrictionLine,
    RestrictionList,
    RestrictionTest,
    Result,
)
from appliance.errors import BadRequest, NotFound
from appliance.policy.restrictions.combining import Rule
from appliance.policy.restrictions.stating import said
from appliance.services.restrictions.book import RestrictionBook, Restrictions
from appliance.services.restrictions.given import FIELDS, changed
from appliance.services.restrictions.trying import Trying
from appliance.services.restrictions.written import Wanted, read, scope_named, scope_of, write

NOT_SET: Final = "Nothing is restricted there. `carrel restriction list` shows what is."


class Names(Protocol):
    """Which models there are."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Of a name or an alias. Raises ``ModelNotFound``."""
        ...


class Projects(Protocol):
    """Which projects there are."""

    def project(self, id: str) -> Project | None:
        """Of that id."""
        ...


class RestrictionService:
    """Changes are stored, then hold; the next request is asked by them."""

    def __init__(
        self,
        book: RestrictionBook,
        stored: Restrictions,
        *,
        names: Names,
        projects: Projects,
        trying: Trying,
        clock: Clock,
    ) -> None:
        self._book = book
        self._stored = stored
        self._names = names
        self._projects = projects
        self._trying = trying
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "restriction.set": self.set,
            "restriction.apply": self.apply,
            "restriction.list": self.list,
            "restriction.show": self.show,
            "restriction.history": self.history,
            "restriction.remove": self.remove,
            "restriction.test": self.test,
        }

    async def set(
        self,
        *,
        actor: Actor,
        model: str | None,
        tier: str | None,
        project: str | None,
        all: bool,
        max_tokens: int | None,
        prompt_tokens: int | None,
        n: int | None,
        logprobs: str | None,
        prompt_logprobs: str | None,
        temperature: str | None,
        requests_per_minute: int | None,
        tokens_per_minute: int | None,
        requests_per_day: int | None,
        tokens_per_day: int | None,
        system_prompt: str | None,
        denied: str | None,
        hours: str | None,
        networks: str | None,
        endpoints: str | None,
        tools: str | None,
        fine_tune: str | None,
        activations: str | None,
        steering: str | None,
        lift: str | None,
        why: str,
    ) -> RestrictionDetail:
        """A new version for one scope: what held, and what was given. Raises ``BadRequest``, ``NotFound``."""
        # The command has one option for each limit.
        given = {name: value for name, value in locals().items() if name in FIELDS}
        scope = self._known(scope_of(tier=tier, model=model, project=project, all=all))
        before = self._book.of_scope(scope)
        limits = changed(NO_LIMITS if before is None else before.limits, given, lift)
        if limits == NO_LIMITS:
            raise BadRequest("Say what it limits; `carrel restriction set --help` lists the options.")
        return _detail(await self._put(Wanted(scope, limits, why), actor))

    async def apply(self, *, file: str, actor: Actor) -> RestrictionList:
        """What the file says of each scope; one that says what holds makes no new version. Raises
        ``BadRequest``, ``NotFound``; then nothing was set.
        """
        wanted = [Wanted(self._known(one.scope), one.limits, one.why) for one in read(file)]
        for one in wanted:
            self._check(one, "")
        return RestrictionList(
            restrictions=tuple([_line(await self._put_if_new(one, actor)) for one in wanted])
        )

    async def list(self) -> RestrictionList:
        """What holds, the widest first."""
        return RestrictionList(restrictions=tuple(_line(one) for one in self._book.all()))

    async def show(self, *, id: str, version: int | None) -> RestrictionDetail:
        """One version in full; the last one where none is named. Raises ``NotFound``."""
        versions = await self._versions(scope_named(id))
        found = next((one for one in versions if version in {None, one.version}), None)
        if found is None:
            raise NotFound(f"It has no version {version}. `carrel restriction history {id}` lists them.")
        return _detail(found)

    async def history(self, *, id: str) -> RestrictionList:
        """All versions of one, the newest first. Raises ``NotFound``."""
        return RestrictionList(restrictions=tuple(map(_line, await self._versions(scope_named(id)))))

    async def remove(self, *, id: str, why: str, actor: Actor) -> RestrictionList:
        """End one, as a version of its own. Raises ``NotFound``."""
        scope = scope_named(id)
        if self._book.of_scope(scope) is None:
            raise NotFound(NOT_SET, param="id")
        made = await self._stored.add(
            scope, NO_LIMITS, why=why, by=actor.known_as, now_ms=self._clock.now_ms(), removed=True
        )
        self._book.put(made)
        return RestrictionList(restrictions=(_line(made),))

    async def test(
        self,
        *,
        model: str,
        text: str | None,
        prompt_file: str | None,
        endpoint: str,
        project: str,
        address: str,
        max_tokens: int | None,
        n: int | None,
        logprobs: int | None,
    ) -> RestrictionTest:
        """What would become of a request, by restrictions alone. Raises ``ModelNotFound``, ``BadRequest``."""
        if (text is None) == (prompt_file is None):
            raise BadRequest("Give what is asked as --text or as --prompt-file.")
        recipe, _ = self._names.find(model)
        request = self._trying.request(
            recipe,
            text or prompt_file or "",
            endpoint,
            max_tokens=max_tokens,
            n=n or 1,
            logprobs=logprobs,
        )
        return self._trying.verdict(recipe, request, project=project, address=address)

    async def _versions(self, scope: Scope) -> Sequence[Restriction]:
        versions = await self._stored.history(scope)
        if not versions:
            raise NotFound(NOT_SET, param="id")
        return versions

    def _known(self, scope: Scope) -> Scope:
        if scope.kind == "model":
            return Scope("model", self._names.find(scope.name)[0].id)
        if scope.kind == "project" and self._projects.project(scope.name) is None:
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")
        return scope

    def _check(self, wanted: Wanted, by: str) -> None:
        Rule.of(Restriction(wanted.scope, 0, wanted.limits, wanted.why, by, self._clock.now_ms()))

    async def _put_if_new(self, wanted: Wanted, actor: Actor) -> Restriction:
        before = self._book.of_scope(wanted.scope)
        if before is not None and (before.limits, before.why) == (wanted.limits, wanted.why):
            return before
        return await self._put(wanted, actor)

    async def _put(self, wanted: Wanted, actor: Actor) -> Restriction:
        self._check(wanted, actor.known_as)
        now_ms = self._clock.now_ms()
        made = await self._stored.add(
            wanted.scope, wanted.limits, why=wanted.why, by=actor.known_as, now_ms=now_ms
        )
        self._book.put(made)
        return made


def _detail(one: Restriction) -> RestrictionDetail:
    return RestrictionDetail(restriction=_line(one), toml=write(one))


def _line(one: Restriction) -> RestrictionLine:
    return RestrictionLine(
        id=one.scope.id,
        version=one.version,
        says=() if one.removed else said(one.limits),
        why=one.why,
        by=one.by,
        since_ms=one.since_ms,
        removed=one.removed,
    )
