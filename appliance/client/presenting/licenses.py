"""Terms in plain words, acceptances and leases."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import day, sheet, state, table
from appliance.domain.plain_text import many_lines, one_line
from appliance.domain.results import (
    AcceptanceSummary,
    LeaseList,
    LeaseRequestSummary,
    LeaseSummary,
    LicenseDetail,
    LicenseList,
    ModelTerms,
)

_SHARING: Final = {
    "yes": "yes",
    "same-terms": "yes, under the same terms",
    "no": "no",
}
_ACCEPTED_BY: Final = {
    "none": "by nobody",
    "institution": "once for this box, by someone with authority",
    "person": "for this box, and by every person who uses the model",
}


def terms_rows(terms: ModelTerms) -> list[tuple[str, object]]:
    """The lines of a sheet. What asks nothing of anybody is short."""
    named = f"{terms.title} ({terms.expression})" if terms.title else terms.expression
    return [
        ("license", f"{named}, tier {terms.tier}"),
        *(("you may", use) for use in terms.uses_allowed),
        *(("you may not", use) for use in terms.uses_denied),
        ("copies", f"may be given to others: {_SHARING.get(terms.redistribution, terms.redistribution)}"),
        ("changed", f"versions may be made: {_SHARING.get(terms.derivatives, terms.derivatives)}"),
        *([("name them", terms.attribution)] if terms.attribution else ()),
        *([("outputs", terms.output_terms)] if terms.output_terms else ()),
        *_wanted(terms),
        *([("missing", terms.next_step)] if terms.next_step else ()),
    ]


def license_detail(result: LicenseDetail) -> RenderableType:
    """Terms, then who accepted, then the text."""
    parts: list[RenderableType] = []
    if result.note:
        parts += [Text(one_line(result.note)), Text("")]
    if result.terms is not None:
        parts.append(sheet([("model", result.terms.model), *terms_rows(result.terms)]))
    if result.acceptances:
        parts += [Text(""), _acceptances(result.acceptances)]
    if result.text is not None:
        parts += [Text(""), Text(many_lines(result.text))]
    return Group(*parts)


def license_list(result: LicenseList) -> RenderableType:
    """One line a model, and what to do."""
    if not result.models and not result.not_believed:
        return Text("No model wants an acceptance, a grant or a lease.")
    rows = [
        (
            one.model,
            one.expression,
            one.tier,
            one.acceptance,
            one.people,
            "lease" if one.needs_lease else "",
            f"lacks {one.lacks}" if one.lacks else "",
            one.next_step or "",
        )
        for one in result.models
    ]
    columns = ("MODEL", "LICENSE", "TIER", "ACCEPTED BY", "PEOPLE", "NEEDS", "STATE", "NEXT STEP")
    made = table(columns, rows, right=("PEOPLE",))
    if not result.not_believed:
        return made
    words = f"{result.not_believed} acceptances are not what this box's key signed, and do not count."
    return Group(made, Text(words, style="red"))


def lease_list(result: LeaseList) -> RenderableType:
    """Whose box it is, whom it believes, one line a lease, and what was asked for."""
    known = ", ".join(result.registries) or "nobody yet: put a .pem into `registry-keys` beside carrel.toml"
    parts: list[RenderableType] = [sheet([("this box", result.box), ("believes", known)])]
    if result.clock:
        parts.append(Text(one_line(result.clock), style="red"))
    if result.leases:
        rows = [_lease(one) for one in result.leases]
        columns = ("MODEL", "STATE", "FROM (UTC)", "UNTIL (UTC)", "GRACE UNTIL (UTC)", "FOR", "ID")
        parts += [Text(""), table(columns, rows)]
        parts += [Text(one_line(f"{one.model}: {one.note}.")) for one in result.leases if one.note]
    if result.requests:
        asked = ("ASKED FOR", "WANTED (UTC)", "UNTIL (UTC)", "PROJECT", "ASKED (UTC)", "DENIED")
        parts += [Text(""), table(asked, [_asked(one) for one in result.requests])]
    if result.not_believed:
        words = f"{result.not_believed} stored leases are not what a believed registry signed."
        parts.append(Text(words, style="red"))
    return Group(*parts)


def _lease(one: LeaseSummary) -> tuple[object, ...]:
    narrowed = (
        "a term" if one.term else "",
        f"{len(one.files)} forms" if one.files else "",
        *(use for use in one.scope if use not in {"serve", "embed"}),
        *one.purposes,
    )
    return (
        one.model,
        state(one.state),
        day(one.from_ms),
        day(one.until_ms),
        day(one.grace_until_ms),
        ", ".join(word for word in narrowed if word),
        one.id,
    )


def _asked(one: LeaseRequestSummary) -> tuple[object, ...]:
    return (
        one.model,
        day(one.wished_ms) if one.wished_ms else "",
        day(one.until_ms - 1) if one.until_ms else "",
        one.project,
        day(one.asked_ms) if one.asked_ms else "at the next sync",
        one.denied,
    )


def _wanted(terms: ModelTerms) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    if terms.acceptance != "none":
        rows.append(("is accepted", _ACCEPTED_BY.get(terms.acceptance, terms.acceptance)))
        rows.append(("text", f"SHA-256 {terms.text_sha256}"))
    if terms.accepted is not None:
        one = terms.accepted
        rows.append(
            ("accepted", f"{day(one.accepted_ms)} UTC by {one.who} ({one.authority}), for: {one.purpose}")
        )
    if terms.needs_grant:
        rows.append(("grants", f"each project needs one; {terms.grants} have it"))
    if terms.needs_lease:
        until = f" until {day(terms.lease_until_ms)} UTC" if terms.lease_until_ms else ""
        rows.append(("lease", f"{terms.lease_state or 'none'}{until}"))
    if terms.acceptance != "none" or terms.needs_lease:
        files = "are deleted" if terms.on_revocation == "delete" else "are kept and not opened"
        rows.append(("if taken back", f"the files {files}"))
    return rows


def _acceptances(acceptances: tuple[AcceptanceSummary, ...]) -> RenderableType:
    rows = [
        (
            day(one.accepted_ms),
            state(one.state),
            one.person or "the box",
            one.who,
            one.authority,
            one.purpose,
            one.text_sha256[:12],
            "" if one.withdrawn_ms is None else day(one.withdrawn_ms),
        )
        for one in acceptances
    ]
    columns = ("ACCEPTED (UTC)", "STATE", "FOR", "BY", "AS", "PURPOSE", "TEXT", "WITHDRAWN (UTC)")
    return table(columns, rows)


PRESENTERS: Final[dict[Any, Any]] = {
    LicenseDetail: license_detail,
    LicenseList: license_list,
    LeaseList: lease_list,
}
