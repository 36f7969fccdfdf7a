"""Reads what the page shows, from sums that are kept as reports come in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from appliance.errors import IntegrityFailed
from appliance.registry.publishing.web_catalog import CatalogStanding, WebCatalog
from appliance.registry.store import institutions
from appliance.registry.store.database import Database, Row, Session
from appliance.registry.web.page.facts import Amounts, BoxLine, CatalogLine, Facts, LeaseLine, Use

MOST_BOXES: Final = 200
"""More than a person reads; those that were silent for longest come first."""
_BY_INSTITUTION: Final = """
SELECT day, institution AS name, SUM(CAST(requests AS DOUBLE PRECISION)) AS requests,
    SUM(CAST(input_tokens + output_tokens AS DOUBLE PRECISION)) AS tokens,
    SUM(CAST(credits_micro AS DOUBLE PRECISION)) AS credits_micro, MAX(users) AS most_users
FROM use_of_institution WHERE day >= :since GROUP BY day, institution
"""
_BY_MODEL: Final = """
SELECT day, model AS name, SUM(CAST(requests AS DOUBLE PRECISION)) AS requests,
    SUM(CAST(input_tokens + output_tokens AS DOUBLE PRECISION)) AS tokens,
    SUM(CAST(credits_micro AS DOUBLE PRECISION)) AS credits_micro, MAX(users) AS most_users
FROM use_of_institution WHERE day >= :since GROUP BY day, model
"""
_BOXES: Final = """
SELECT box.name, institution.name AS institution, box.software, box.state, box.last_day, box.reported_s,
    box.epoch, (SELECT COUNT(*) FROM mark WHERE mark.box = box.number AND mark.settled_s IS NULL) AS marks
FROM box JOIN institution ON institution.number = box.institution
ORDER BY box.reported_s, box.number LIMIT :most
"""
_LEASES: Final = """
SELECT lease.model, standing.value, COUNT(*) AS count, MIN(lease.exp_s) AS next_s
FROM lease JOIN standing ON standing.number = lease.standing
WHERE lease.exp_s + lease.grace_s >= :now_s GROUP BY lease.model, standing.value ORDER BY lease.model
"""
_VALID, _REVOKED, _SUSPENDED = 0, 1, 2


class PageReader:
    """Blocking. Its methods raise ``StorageUnavailable``."""

    def __init__(
        self, database: Database, catalog: WebCatalog, name: str, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._name = name
        self._now = now

    def read(self, span_days: int) -> Facts:
        """Of the last ``span_days`` UTC days, today among them."""
        now = self._now().astimezone(UTC)
        days = [(now - timedelta(days=back)).strftime("%Y-%m-%d") for back in reversed(range(span_days))]
        standing, fault = self._standing()
        now_s = int(now.timestamp())
        with self._database.reading() as session:
            names: Mapping[int, str] = institutions.names(session)
            by_institution = session.rows(_BY_INSTITUTION, {"since": days[0]})
            return Facts(
                name=self._name,
                made_s=now_s,
                days=tuple(days),
                institutions=_uses([(names.get(row["name"], "?"), row) for row in by_institution]),
                models=_uses([(row["name"], row) for row in session.rows(_BY_MODEL, {"since": days[0]})]),
                boxes=tuple(BoxLine(**row) for row in session.rows(_BOXES, {"most": MOST_BOXES})),
                boxes_in_all=_count(session),
                leases=_leases(session.rows(_LEASES, {"now_s": now_s})),
                catalog=tuple(
                    CatalogLine(one.id, one.revision, one.organization or self._name)
                    for one in (standing.models if standing else ())
                ),
                expires_ms=standing.expires_ms if standing else {},
                catalog_fault=fault,
            )

    def _standing(self) -> tuple[CatalogStanding | None, str]:
        try:
            return self._catalog.standing(), ""
        except IntegrityFailed as error:
            return None, error.message


def _uses(rows: Sequence[tuple[str, Row]]) -> tuple[Use, ...]:
    """Whoever used most, first."""
    days: dict[str, dict[str, Amounts]] = {}
    for name, row in rows:
        # PostgreSQL sums whole numbers as decimals.
        days.setdefault(name, {})[row["day"]] = Amounts(
            int(row["requests"]), int(row["tokens"]), int(row["credits_micro"]), int(row["most_users"])
        )
    uses = [Use(name, _total(of), of) for name, of in days.items()]
    return tuple(sorted(uses, key=lambda use: (-use.total.credits_micro, -use.total.requests, use.name)))


def _total(days: Mapping[str, Amounts]) -> Amounts:
    of = days.values()
    return Amounts(
        sum(one.requests for one in of),
        sum(one.tokens for one in of),
        sum(one.credits_micro for one in of),
        max((one.most_users for one in of), default=0),
    )


def _count(session: Session) -> int:
    row = session.one("SELECT COUNT(*) AS count FROM box")
    return int(row["count"]) if row else 0


def _leases(rows: Sequence[Row]) -> tuple[LeaseLine, ...]:
    counts: dict[str, dict[int, int]] = {}
    ends: dict[str, int] = {}
    for row in rows:
        counts.setdefault(row["model"], {})[row["value"]] = row["count"]
        ends[row["model"]] = min(ends.get(row["model"], row["next_s"]), row["next_s"])
    return tuple(
        LeaseLine(model, of.get(_VALID, 0), of.get(_SUSPENDED, 0), of.get(_REVOKED, 0), ends[model])
        for model, of in counts.items()
    )
