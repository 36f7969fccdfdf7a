"""Decides applications: a countersignature for the grant, or a no with its reason."""

from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.statements import CountersignatureClaims, Denial
from appliance.registry.about import About
from appliance.registry.identifiers import new_id
from appliance.registry.store import applications
from appliance.registry.store.applications import StoredApplication
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Session


class Countersigning:
    """Everything happens within the caller's transaction."""

    def __init__(self, about: About) -> None:
        self._about = about

    def agree(
        self, session: Session, box: Box, application: StoredApplication, *, until_s: int, by: str, now_s: int
    ) -> CountersignatureClaims | None:
        """None: somebody has decided it in between."""
        if not applications.decide(
            session, application.id, "countersigned", until_s=until_s, by=by, reason="", now_s=now_s
        ):
            return None
        return self.claims(box, application, until_s, now_s)

    def claims(
        self, box: Box, application: StoredApplication, until_s: int, now_s: int
    ) -> CountersignatureClaims:
        """What is signed."""
        return CountersignatureClaims(
            iss=self._about.name,
            sub=box.id,
            jti=new_id("yes"),
            iat=now_s,
            exp=until_s,
            grant=application.message.grant,
            project=application.message.project,
            model=application.message.model,
            cnf=Confirmation(box.key),
        )

    def deny(
        self, session: Session, box: Box, application: StoredApplication, *, reason: str, by: str, now_s: int
    ) -> Denial | None:
        """None: somebody has decided it in between."""
        if not applications.decide(
            session, application.id, "denied", until_s=0, by=by, reason=reason, now_s=now_s
        ):
            return None
        return self.denial(box, application, reason, now_s)

    def denial(self, box: Box, application: StoredApplication, reason: str, now_s: int) -> Denial:
        """What is signed. ``about`` is the box's own id of the application."""
        return Denial(
            iss=self._about.name,
            sub=box.id,
            jti=new_id("no"),
            iat=now_s,
            re=application.message.jti,
            about=application.message.application,
            reason=reason,
        )
