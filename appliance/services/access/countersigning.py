"""Answers ``access preview`` and ``agree``: the applicant sees the exact bytes that would leave the box
for the registry, and says yes to them. What they agreed to is what is signed; nothing is added.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

import msgspec

from appliance.domain.access import Application, Grant
from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.countersigning import AskedOfRegistry
from appliance.domain.results import ApplicationPreview, Result
from appliance.errors import BadRequest, Conflict
from appliance.federation.protocol.messages import ApplicationMessage
from appliance.policy.access.agreements import DIGITS, is_text
from appliance.services.access.asking_registry import AskedBook
from appliance.services.access.looking_up import require_application
from appliance.services.access.ports import Applications
from appliance.services.federation.ports import Identity
from appliance.services.labels import require_label
from appliance.trust.canonical import canonical

_ID_BYTES: Final = 6
_ASKS_AGAIN: Final = frozenset({"no", "refused", "yes"})


class Grants(Protocol):
    """What was given."""

    def answering(self, application_id: str) -> Grant | None:
        """The grant that answers an application and was not taken back."""
        ...

    def require_restricted(self, model: str, application: str) -> str:
        """The id of a model that the registry countersigns. Raises ``ModelNotFound``, ``BadRequest``."""
        ...


class CountersigningService:
    """One message for each application and model of tier restricted; a new one when the grant or the box is
    another, and when the registry has answered.
    """

    def __init__(
        self,
        *,
        applications: Applications,
        grants: Grants,
        book: AskedBook,
        identity: Identity,
        clock: Clock,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._applications = applications
        self._grants = grants
        self._book = book
        self._identity = identity
        self._clock = clock
        self._random_bytes = random_bytes

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"access.preview": self.preview, "access.agree": self.agree}

    async def preview(self, *, id: str, actor: Actor, model: str | None = None) -> ApplicationPreview:
        """``access preview``. Raises ``NotFound``, ``Conflict`` where nothing goes to a registry,
        ``BadRequest`` for a model that it does not countersign, ``StorageUnavailable``.
        """
        application = await require_application(self._applications, id, actor)
        wanted, grant = self._wanted(application, model)
        box = await asyncio.to_thread(lambda: self._identity.box_id)
        asked = self._book.newest(application.id, wanted)
        if asked is None or not _still_says(asked, grant, box):
            asked = self._message(application, wanted, grant, box)
            await self._book.show(asked)
        return _preview(asked)

    async def agree(
        self, *, id: str, sha256: str, actor: Actor, model: str | None = None, who: str | None = None
    ) -> ApplicationPreview:
        """``access agree``. Raises as ``preview``, and ``BadRequest`` for other digits, and for an operator
        who does not say who agreed.
        """
        application = await require_application(self._applications, id, actor)
        wanted, grant = self._wanted(application, model)
        box = await asyncio.to_thread(lambda: self._identity.box_id)
        asked = self._book.newest(application.id, wanted)
        if asked is None or not _still_says(asked, grant, box) or not is_text(sha256, asked.sha256):
            raise BadRequest(
                f"That is not the hash of what would leave now; `carrel access preview {id}`, or `POST "
                f'/v1/me/access/preview` with {{"id": "{id}"}}, shows both, and at least {DIGITS} digits are '
                "wanted.",
                param="sha256",
            )
        if asked.agreed_ms is None:
            asked = await self._book.agree(asked, _agreeing(application, actor, who))
        return _preview(asked)

    def _wanted(self, application: Application, model: str | None) -> tuple[str, Grant]:
        grant = self._grants.answering(application.id)
        if application.state != "approved" or grant is None:
            raise Conflict(
                f"Nothing of application {application.id} goes to the registry: a reviewer has to approve it "
                f"first, and its grant has to hold. `carrel access show {application.id}` tells more."
            )
        if not self._identity.enrolled:
            raise Conflict(
                "This box belongs to no registry, so nothing goes to one. `carrel fed enroll CODE` enrolls;"
                " without one the reviewer's word stands."
            )
        return self._restricted(application, model), grant

    def _restricted(self, application: Application, model: str | None) -> str:
        if application.model and model not in {None, application.model}:
            raise BadRequest(f"Application {application.id} is for {application.model}.", param="model")
        wanted = application.model or model
        if not wanted:
            raise BadRequest(
                f"Application {application.id} is for a whole tier, and the registry countersigns one model "
                "at a time: `--model MODEL` says which.",
                param="model",
            )
        return self._grants.require_restricted(wanted, application.id)

    def _message(self, application: Application, model: str, grant: Grant, box: str) -> AskedOfRegistry:
        now_ms = self._clock.now_ms()
        message = ApplicationMessage(
            box=box,
            jti=f"msg_{self._random_bytes(_ID_BYTES).hex()}",
            iat=now_ms // 1000,
            application=application.id,
            grant=grant.id,
            project=application.project_id,
            person=application.person_id,
            model=model,
            affiliation=application.affiliation,
            intended_use=application.intended_use,
            publications=application.publications,
            agreement_sha256=application.agreement_sha256,
            reviewed_by=application.decided_by,
            conditions=application.conditions,
            until=(grant.until_ms or 0) // 1000,
            agreed_sha256="",
        )
        message = msgspec.structs.replace(message, agreed_sha256=agreed_sha256(message))
        payload = canonical(message)
        return AskedOfRegistry(
            message=message.jti,
            application=application.id,
            model=model,
            grant=grant.id,
            project=application.project_id,
            person=application.person_id,
            payload=payload.decode(),
            sha256=hashlib.sha256(payload).hexdigest(),
            made_ms=now_ms,
        )


def agreed_sha256(message: ApplicationMessage) -> str:
    """Of the canonical JSON of all its other members."""
    plain = msgspec.json.decode(canonical(message))
    del plain["agreed_sha256"]
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def _still_says(asked: AskedOfRegistry, grant: Grant, box: str) -> bool:
    """Whether it is for this very grant and box, and waits for an answer."""
    said = msgspec.json.decode(asked.payload, type=ApplicationMessage) if asked.payload else None
    return said is not None and (said.grant, said.box) == (grant.id, box) and asked.state not in _ASKS_AGAIN


def _agreeing(application: Application, actor: Actor, who: str | None) -> str:
    """Who agrees in the applicant's place, empty where they do themself. Raises ``BadRequest``."""
    if actor.permission is Permission.MEMBER or application.person_id == actor.person:
        return ""
    if who is None:
        raise BadRequest(
            "The applicant agrees themself, by key. Where they did so otherwise, say how: `--who TEXT`.",
            param="who",
        )
    return f"{require_label(who, 'who')} (said by {actor.known_as})"


def _preview(asked: AskedOfRegistry) -> ApplicationPreview:
    digits = asked.sha256[:DIGITS]
    step = (
        f"`carrel access agree {asked.application} --sha256 {digits}`, or `POST /v1/me/access/agree` with "
        f'{{"id": "{asked.application}", "sha256": "{digits}"}}, lets exactly these bytes leave.'
    )
    return ApplicationPreview(
        application=asked.application,
        model=asked.model,
        message=asked.message,
        payload=asked.payload,
        sha256=asked.sha256,
        agreed_ms=asked.agreed_ms,
        agreed_by=asked.agreed_by,
        state=asked.state,
        next_step=step if asked.agreed_ms is None else "Nothing: it leaves with the next sync or export.",
    )
