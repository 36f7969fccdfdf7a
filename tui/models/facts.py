"""What there is to know of one model, as facts: for the pane beside the list, and in full for the dialog."""

from collections.abc import Iterator, Sequence

from appliance.client.presenting.cells import day
from appliance.client.presenting.licenses import terms_rows
from appliance.client.presenting.models import memory_words, run_words, where_words
from appliance.client.presenting.upstreams import upstream_rows
from appliance.client.presenting.verifying import fidelity_line
from appliance.domain.results import (
    AcceptanceSummary,
    LicenseDetail,
    ModelDetail,
    ModelFile,
    ModelSummary,
    ModelTerms,
)
from tui.models.standing import Standing, leaving
from tui.parts.cells import Cell, cell, size, state
from tui.parts.facts import Fact
from tui.parts.spans import left, tone_of_end


def brief(
    model: ModelSummary, stands: Standing, detail: ModelDetail | None, now: int, *, ascii_only: bool
) -> list[Fact]:
    """What the pane has room for. ``detail`` has not come yet where it is None."""
    facts: list[Fact] = [("", Cell(model.id, "strong")), *_standing(model, stands, ascii_only)]
    if detail is None:
        return [*facts, ("about", model.title), ("license", model.license)]
    return [
        *facts,
        ("about", detail.summary or detail.title),
        ("approved", detail.approved_by),
        *_license(detail.terms, now),
        *_running(detail, ascii_only),
        *_files(detail, model, full=False),
        *(("restricted", one) for one in detail.restrictions),
        *(("limit", one) for one in detail.known_limits),
    ]


def full(
    model: ModelSummary,
    stands: Standing,
    detail: ModelDetail,
    license: LicenseDetail | None,
    now: int,
    *,
    ascii_only: bool,
) -> list[Fact]:
    """All of it, but for the text of the license."""
    return [
        *_standing(model, stands, ascii_only),
        ("title", detail.title),
        ("about", detail.summary),
        *upstream_rows(detail.upstream),
        ("approved", detail.approved_by),
        *_terms(detail, now),
        *_acceptances(license.acceptances if license else ()),
        ("engine", f"{detail.engine}, recipe revision {detail.revision}"),
        ("context", f"{detail.context_tokens:,} tokens"),
        *_running(detail, ascii_only),
        *([("fidelity", fidelity_line(detail.fidelity))] if detail.fidelity else ()),
        *_files(detail, model, full=True),
        *(("restricted", one) for one in detail.restrictions),
        *(("limit", one) for one in detail.known_limits),
    ]


def _standing(model: ModelSummary, stands: Standing, ascii_only: bool) -> Iterator[Fact]:
    yield "state", state(stands.word, stands.more, ascii_only=ascii_only)
    if stands.why:
        yield "why", Cell(stands.why, "warn")
    elif model.leaves_box:
        yield "", Cell(leaving(model.leaves_box), "warn")


def _license(terms: ModelTerms | None, now: int) -> Iterator[Fact]:
    """In brief: what it is, who accepted it, until when."""
    if terms is None:
        return
    yield "license", f"{terms.title or terms.expression}, tier {terms.tier}"
    if terms.lacks:
        yield "missing", Cell(terms.next_step or terms.lacks, "warn")
    if terms.accepted is not None:
        one = terms.accepted
        yield "accepted", f"{day(one.accepted_ms)} by {one.who} ({one.authority})"
    yield from _lease(terms, now)


def _lease(terms: ModelTerms, now: int) -> Iterator[Fact]:
    if not terms.needs_lease:
        return
    if terms.lease_until_ms is None:
        yield "lease", Cell(terms.lease_state or "none", "bad")
        return
    tone = tone_of_end(terms.lease_until_ms, now)
    ends = left(terms.lease_until_ms, now)
    yield "lease", Cell(f"{terms.lease_state or 'unknown'}, {ends} ({day(terms.lease_until_ms)})", tone)


def _terms(detail: ModelDetail, now: int) -> Iterator[Fact]:
    if detail.terms is None:
        yield "license", detail.license
        return
    for name, said in terms_rows(detail.terms):
        yield name, cell(said, "warn" if name == "missing" else "")
    yield from ((f"{name} ends", fact) for name, fact in _lease(detail.terms, now))


def _acceptances(acceptances: Sequence[AcceptanceSummary]) -> Iterator[Fact]:
    for one in acceptances:
        whose = f"for {one.person}" if one.person else "for this box"
        ended = f", withdrawn {day(one.withdrawn_ms)}" if one.withdrawn_ms is not None else ""
        words = f"{one.state}: {whose} on {day(one.accepted_ms)} by {one.who} ({one.authority}){ended}"
        yield "acceptance", cell(words, "ok" if one.state == "holds" else "warn")


def _running(detail: ModelDetail, ascii_only: bool) -> Iterator[Fact]:
    if detail.eta_s is not None:
        yield "ready in", f"about {detail.eta_s} s"
    words = run_words(detail.run)
    if words:
        yield "runs with", words
    if detail.memory is not None:
        yield "memory", memory_words(detail.memory)
    for number, one in enumerate(detail.replicas, 1):
        words = (
            f"{state(one.state, ascii_only=ascii_only).text} on {where_words(one)}, {one.running} requests, "
            f"{size(one.memory_bytes)}, {one.free_kv_tokens:,} of {one.kv_tokens:,} KV tokens free"
        )
        restarts = f", {one.restarts} restarts" if one.restarts else ""
        why = f": {one.reason}" if one.reason else ""
        yield f"replica {number}", f"{words}{restarts}{why}"


def _files(detail: ModelDetail, model: ModelSummary, *, full: bool) -> Iterator[Fact]:
    if not detail.files:
        return
    here = sum(one.present for one in detail.files)
    total = sum(one.size_bytes for one in detail.files)
    of = f"{len(detail.files)} files" if len(detail.files) > 1 else "1 file"
    yield "files", f"{of}, {size(total)}; {'all' if here == len(detail.files) else here or 'none'} here"
    yield "hashes", _hashes(model, whole=here == len(detail.files))
    for one in detail.files if full else ():
        yield "", _file(one)


def _hashes(model: ModelSummary, *, whole: bool) -> Cell:
    if model.damaged:
        return Cell(f"WRONG: {model.damaged}", "bad")
    if not whole:
        return Cell("checked as the files come", "quiet")
    return Cell("as in the recipe when they were read last; v reads them again", "ok")


def _file(file: ModelFile) -> str:
    here = "here" if file.present else "not here"
    return f"{file.name}  {size(file.size_bytes)}  {here}  sha256 {file.sha256}"
