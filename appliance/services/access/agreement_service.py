"""Answers ``agreement …``: who reads, publishes and signs the code of conduct."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from appliance.domain.access import Agreement, AgreementKind, Signature
from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.days import first_ms
from appliance.domain.people import DEFAULT_ID, Project
from appliance.domain.results import AgreementLine, AgreementList, AgreementText, Result, SignatureSummary
from appliance.errors import BadRequest, NotFound, NotPermitted
from appliance.policy.access.agreements import DIGITS, is_text
from appliance.services.access.agreements import AgreementBook, Signing
from appliance.services.access.ports import Directory, Purposes
from appliance.services.access.release import KINDS, text_sha256
from appliance.services.labels import require_label


class AgreementService:
    """A member signs for themself, a lead of a course for all of it, an operator for a project."""

    def __init__(self, book: AgreementBook, directory: Directory, purposes: Purposes, clock: Clock) -> None:
        self._book = book
        self._directory = directory
        self._purposes = purposes
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "agreement.list": self.show_all,
            "agreement.show": self.show,
            "agreement.publish": self.publish,
            "agreement.sign": self.sign,
        }

    async def show_all(self) -> AgreementList:
        """``agreement list``."""
        lines = [self._line(one) for kind in KINDS for one in self._book.versions(kind)]
        return AgreementList(agreements=tuple(lines), not_believed=self._book.not_believed)

    async def show(self, *, kind: AgreementKind, actor: Actor) -> AgreementText:
        """``agreement show``."""
        found = self._book.current(kind)
        own = self._book.signatures(actor.person, actor.project)
        return AgreementText(
            kind=kind,
            text_sha256=found.text_sha256,
            text=found.text,
            published_ms=found.published_ms,
            asks_from_ms=found.asks_from_ms,
            signed=any(one.text_sha256 == found.text_sha256 for one in own),
            next_step=_how(found, actor),
        )

    async def publish(self, *, file: str, kind: AgreementKind, asks_from: str | None = None) -> AgreementList:
        """``agreement publish``. Raises ``BadRequest``, ``StorageUnavailable``."""
        now_ms = self._clock.now_ms()
        if not file.strip() or not file.replace("\n", "").replace("\t", "").isprintable():
            raise BadRequest("The file holds no text that a person can read.", param="file")
        sha256 = await asyncio.to_thread(text_sha256, file)
        if self._book.current(kind).text_sha256 == sha256:
            raise BadRequest("This is the text that holds already; `carrel agreement list` shows it.")
        asks_from_ms = now_ms if asks_from is None else max(now_ms, first_ms(asks_from, "asks_from"))
        await self._book.publish(Agreement(kind, sha256, file, now_ms, asks_from_ms, "lab"))
        return await self.show_all()

    async def sign(
        self,
        *,
        project: str,
        actor: Actor,
        text: str | None = None,
        person: str | None = None,
        who: str | None = None,
        purpose: str | None = None,
    ) -> SignatureSummary:
        """``agreement sign``. Raises ``NotFound``, ``BadRequest`` for another text, ``NotPermitted``,
        ``StorageUnavailable``.
        """
        found = self._directory.project(project)
        if found is None:
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")
        agreement = self._book.current("conduct")
        _check_text(agreement, text, actor)
        act = self._signing(agreement, found, actor, person=person, who=who)
        if purpose is not None:
            await self._describe(found, require_label(purpose, "purpose"), actor)
        return self._summary(await self._book.sign(act))

    def _signing(
        self, agreement: Agreement, project: Project, actor: Actor, *, person: str | None, who: str | None
    ) -> Signing:
        if actor.permission is Permission.MEMBER:
            if actor.person in {"", DEFAULT_ID}:
                raise NotPermitted(
                    "This key is of nobody in particular, so nobody can sign with it. Ask who runs the box: "
                    f"`carrel agreement sign --project {project.id} --who NAME` signs for the project.",
                    rule="agreement",
                    waits_for="operator",
                )
            leads = self._directory.part(project.id, actor.person) == "lead"
            for_all = leads and project.kind == "course"
            return Signing(agreement, actor.person, project.id, for_all, actor.person, actor.origin)
        if person is not None:
            known = self._directory.person(person)
            if known is None or person == DEFAULT_ID:
                raise NotFound("No person has this id. `carrel person list` shows them all.", param="person")
            return Signing(agreement, person, project.id, False, actor.known_as, actor.origin)
        if who is None:
            raise BadRequest(
                "Say who signs for the project, with `--who NAME`; or `--person ID` for one person who "
                "signed on paper.",
                param="who",
            )
        return Signing(agreement, "", project.id, True, require_label(who, "who"), actor.origin)

    async def _describe(self, project: Project, purpose: str, actor: Actor) -> None:
        if project.purpose:
            return
        leads = self._directory.part(project.id, actor.person) == "lead"
        if actor.permission is Permission.MEMBER and not leads:
            who = ", ".join(self._directory.leads(project.id)) or "none yet"
            raise NotPermitted(
                f"What project {project.id} does, its lead says ({who}), or who runs the box: `carrel "
                f"project set {project.id} --purpose TEXT`. Sign without `purpose`.",
                rule="purpose",
                waits_for="lead",
                param="purpose",
            )
        await self._purposes.describe(project.id, purpose)

    def _summary(self, one: Signature) -> SignatureSummary:
        project = self._directory.project(one.project)
        return SignatureSummary(
            id=one.id,
            kind=one.kind,
            text_sha256=one.text_sha256,
            person=one.person,
            project=one.project,
            for_project=one.for_project,
            who=one.who,
            origin=one.origin,
            signed_ms=one.signed_ms,
            purpose="" if project is None else project.purpose,
        )

    def _line(self, one: Agreement) -> AgreementLine:
        newest = one is self._book.current(one.kind)
        counts = one.text_sha256 in self._book.accepted(one.kind)
        return AgreementLine(
            kind=one.kind,
            text_sha256=one.text_sha256,
            published_ms=one.published_ms,
            asks_from_ms=one.asks_from_ms,
            origin=one.origin,
            state="asks" if newest else "counts" if counts else "over",
            signatures=self._book.count(one.kind, one.text_sha256),
        )


def _how(agreement: Agreement, actor: Actor) -> str:
    digits = agreement.text_sha256[:DIGITS]
    if agreement.kind == "access":
        return f'It is agreed to with an application: `"agreement": "{digits}"`, or `--agreement {digits}`.'
    if actor.permission is Permission.MEMBER:
        return f'`POST /v1/me/agreement/sign` with {{"text": "{digits}"}} signs it.'
    return (
        f"People sign it over HTTP; for a project whose keys are of nobody: `carrel agreement sign --project "
        f"PROJECT --who NAME --text {digits}`."
    )


def _check_text(agreement: Agreement, digits: str | None, actor: Actor) -> None:
    member = actor.permission is Permission.MEMBER
    show = "`POST /v1/me/agreement/show`" if member else "`carrel agreement show`"
    if digits is None:
        raise BadRequest(
            f"Read the text first: {show}. Then give the first {DIGITS} digits of its hash as `text`.",
            param="text",
        )
    if not is_text(digits, agreement.text_sha256):
        raise BadRequest(
            f"That is not the hash of the present code of conduct; {show} shows both, and at least {DIGITS} "
            "digits are wanted.",
            param="text",
        )
