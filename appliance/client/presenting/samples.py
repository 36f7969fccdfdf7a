"""Spot checks as a reviewer reads them."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain.plain_text import many_lines
from appliance.domain.results.samples import (
    KeyPairWritten,
    OpenedContent,
    ReviewerKeyList,
    SampleChoice,
    SampleLine,
    SampleList,
    SampleProof,
    SealedContent,
    SeedList,
)


def sample_list(result: SampleList) -> RenderableType:
    """Samples, what is sampled, and how many refuse."""
    rows = [
        (
            one.id,
            day(one.started_ms),
            one.person,
            one.project,
            one.model,
            one.kind,
            f"{one.prompt_tokens} + {one.completion_tokens}",
            one.content,
            one.verdict or "waits",
            one.purpose,
        )
        for one in result.samples
    ]
    columns = (
        "ID",
        "BEGAN (UTC)",
        "PERSON",
        "PROJECT",
        "MODEL",
        "KIND",
        "TOKENS",
        "CONTENT",
        "VERDICT",
        "DECLARED PURPOSE",
    )
    rates = ", ".join(f"{one.tier} {one.rate}" for one in result.rates)
    parts: list[RenderableType] = [table(columns, rows)] if rows else [Text("No sample waits for a verdict.")]
    parts += [Text(""), cell(f"Sampled by tier: {rates}.")]
    parts += [cell(f"{one.people} of {one.project} refuse to be sampled.") for one in result.refusals]
    return Group(*parts)


def sample_line(one: SampleLine) -> RenderableType:
    """A request beside the purpose that was declared."""
    return sheet(
        [
            ("sample", one.id),
            ("declared purpose", one.purpose or "none was declared"),
            ("person", f"{one.person} in {one.project}"),
            ("model", f"{one.model}, tier {one.tier}"),
            ("request", f"{one.request_id}, {one.kind}, {one.outcome}"),
            ("tokens", f"{one.prompt_tokens} in the prompt, {one.completion_tokens} in the answer"),
            ("time (UTC)", f"{day(one.started_ms)} to {day(one.ended_ms)}"),
            ("content", one.content),
            ("verdict", one.verdict or f"waits for a reviewer: carrel sample decide {one.id} VERDICT"),
            *([("reason", f"{one.reason} ({one.decided_by})")] if one.verdict else ()),
            *([("incident", one.incident)] if one.incident else ()),
        ]
    )


def seed_list(result: SeedList) -> RenderableType:
    """Hashes ahead, seeds afterward."""
    rows = [(one.day, one.sha256, one.seed or "not yet") for one in result.seeds]
    return table(("DAY (UTC)", "SHA-256", "SEED"), rows)


def sample_proof(result: SampleProof) -> RenderableType:
    """Whether exactly those were taken that should have been."""
    return sheet(
        [
            ("day", result.day),
            ("verdict", state("ok" if result.ok else "fail")),
            ("requests", result.requests),
            ("samples", result.samples),
            ("seed's hash", result.sha256),
            ("seed", result.seed or "not revealed yet"),
            *(("missing", one) for one in result.missing),
            *(("should not be", one) for one in result.extra),
        ]
    )


def sample_choice(result: SampleChoice) -> RenderableType:
    """What somebody said, in words."""
    return cell(f"{result.person}: {result.says}")


def key_pair(result: KeyPairWritten) -> RenderableType:
    """Where the two files are, and what to do with the public one."""
    return sheet(
        [
            ("key", result.id),
            (
                "private",
                f"{result.private}: keep it to yourself; nothing else opens what is sealed",
            ),
            ("public", result.public),
            ("next step", result.next_step),
        ]
    )


def key_list(result: ReviewerKeyList) -> RenderableType:
    """Who could read what people agree to show."""
    if not result.keys:
        return Text("No reviewer has a key, so no content is kept of anybody. `carrel sample key --out FILE`")
    rows = [(one.id, one.label, one.added_by, day(one.added_ms), state(one.state)) for one in result.keys]
    return table(("ID", "WHOSE", "ADDED BY", "SINCE (UTC)", "STATE"), rows)


def sealed_content(result: SealedContent) -> RenderableType:
    """Nothing that a person can read."""
    return table(("SEALED TO", "JWE"), [(one.key, one.jwe) for one in result.sealed])


def opened_content(result: OpenedContent) -> RenderableType:
    """Prompt and answers, as text and nothing else."""
    parts = [cell(f"{result.id}, prompt:"), *(Text(many_lines(one)) for one in result.prompt)]
    for answer in result.answers:
        parts += [Text(""), Text("answer:", style="bold"), Text(many_lines(answer))]
    if result.cut:
        parts += [Text(""), Text("There was more of it than is kept.")]
    return Group(*parts)


PRESENTERS: Final[dict[Any, Any]] = {
    KeyPairWritten: key_pair,
    OpenedContent: opened_content,
    ReviewerKeyList: key_list,
    SampleChoice: sample_choice,
    SampleLine: sample_line,
    SampleList: sample_list,
    SampleProof: sample_proof,
    SealedContent: sealed_content,
    SeedList: seed_list,
}
