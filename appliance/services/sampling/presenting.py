"""Spot checks as they are told. Pure but for what is asked of the rules."""

from collections.abc import Sequence

from appliance.domain.results.samples import ReviewerKeyLine, SampleChoice, SampleLine, SampleRate, SeedLine
from appliance.domain.samples import TIERS, Choice, ReviewerKey, Sample, Seed
from appliance.policy.sampling.choosing import Rules, Timeline, commitment
from appliance.policy.sampling.rates import rate_text
from appliance.services.sampling.book import RuleBook


def sample_line(one: Sample) -> SampleLine:
    """One spot check."""
    return SampleLine(
        id=one.id,
        request_id=one.request_id,
        person=one.holder,
        project=one.project_id,
        purpose=one.purpose,
        model=one.model_id,
        tier=one.tier,
        kind=one.kind or "unknown",
        prompt_tokens=one.prompt_tokens,
        completion_tokens=one.completion_tokens,
        outcome=one.outcome,
        started_ms=one.started_ms,
        ended_ms=one.ended_ms,
        content=_content(one),
        verdict=one.verdict,
        reason=one.reason,
        decided_by=one.decided_by,
        decided_ms=one.decided_ms,
    )


def rate_lines(rules: Rules) -> tuple[SampleRate, ...]:
    """What is sampled now, tier by tier."""
    found = [(tier, rules.rates.get(tier, Timeline())) for tier in TIERS]
    return tuple(
        SampleRate(tier=tier, rate=rate_text(line.now), since_ms=line.changes[-1][0])
        for tier, line in found
        if line.now is not None
    )


def seed_line(seed: Seed, book: RuleBook) -> SeedLine:
    """Itself only once it is revealed."""
    told = seed.seed.hex() if book.is_revealed(seed) else None
    return SeedLine(day=seed.day, sha256=commitment(seed.seed), seed=told)


def choice_line(choice: Choice, readers: Sequence[str]) -> SampleChoice:
    """What somebody said, and in words what it means."""
    return SampleChoice(
        person=choice.holder,
        sampled=not choice.refuses,
        content=choice.consents,
        since_ms=choice.since_ms,
        readers=tuple(readers),
        says=_says(choice, readers),
    )


def key_line(key: ReviewerKey) -> ReviewerKeyLine:
    """One key."""
    return ReviewerKeyLine(
        id=key.id,
        label=key.label,
        added_by=key.added_by,
        added_ms=key.added_ms,
        state="active" if key.ended_ms is None else "ended",
    )


def _content(one: Sample) -> str:
    if one.keys:
        return "sealed"
    return "deleted, or sealed to nobody" if one.consents else "not agreed to"


def _says(choice: Choice, readers: Sequence[str]) -> str:
    if choice.refuses:
        return "No request of yours is sampled. Reviewers see how many of a project refuse, not who."
    begins = "A random part of your requests is sampled: reviewers compare their numbers with the purpose"
    if not choice.consents:
        return f"{begins} of your project. They do not see prompts and answers."
    whom = ", ".join(readers) if readers else "nobody yet: no reviewer has given a key"
    return f"{begins} of your project, and prompts and answers of those are sealed for: {whom}."
