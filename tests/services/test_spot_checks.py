"""Spot checks: who is sampled, what is kept of them, who decides, and how anybody proves it afterward."""

from dataclasses import replace
from fractions import Fraction

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.generation import TextDelta
from appliance.domain.people import Caller
from appliance.domain.usage import Meters, Outcome
from appliance.errors import BadRequest, Conflict, NotAllowed, NotFound
from appliance.policy.sampling.choosing import DAY_MS, commitment, day_of
from appliance.services.sampling.choosing import OwnSampling
from appliance.services.sampling.keeping import keep_samples
from appliance.services.sampling.reviewing import SampleReviews
from appliance.trust.sealing import PrivateKey, make_key_pair
from tests.services.sampling_fakes import ADA, MARKER, RECIPE, REVIEWER, Checks, Directory

PAIR = make_key_pair()
MEMBER = Actor("ada", Permission.MEMBER, person="ada", project="nlp")


class Incidents:
    def __init__(self):
        self.opened = []

    async def does_not_fit(self, sample, reason, by):
        self.opened.append((sample.id, reason, by))
        return "inc_1"


@pytest.fixture
async def checks():
    return await Checks().load()


@pytest.fixture
def own(checks):
    return OwnSampling(checks.book, checks.keys, checks.seals)


@pytest.fixture
def incidents():
    return Incidents()


@pytest.fixture
def reviews(checks, incidents):
    return SampleReviews(
        book=checks.book,
        keys=checks.keys,
        samples=checks.samples,
        sealed=checks.seals,
        directory=Directory(),
        clock=checks.clock,
        kept_days=90,
        incidents=incidents,
    )


def consent(own, answer="yes", actor=MEMBER, person="ada"):
    return own.consent(answer=answer, person=person, project="nlp", actor=actor)


async def test_a_sample_has_numbers_and_the_declared_purpose_and_no_text(checks, reviews):
    await reviews.add_key(file=PAIR.public, label="Rosa", actor=REVIEWER)
    await checks.ask()
    (line,) = (await reviews.list_samples(all=False, project=None, limit=5)).samples
    assert (line.request_id, line.person, line.project) == ("req_1", "ada", "nlp")
    assert (line.purpose, line.kind, line.tier) == ("A study of bias", "chat", "approved")
    assert line.content == "not agreed to"
    assert checks.seals.rows == []
    with pytest.raises(NotFound, match="not agreed to"):
        await reviews.fetch(id=line.id)


async def test_only_who_agreed_is_read_and_only_by_the_reviewer_s_key(checks, own, reviews):
    await reviews.add_key(file=PAIR.public, label="Rosa", actor=REVIEWER)
    await consent(own)
    await checks.ask(1)
    await checks.ask(2, caller=Caller("key_2", "bob", "nlp"))
    (sealed,) = checks.seals.rows
    assert MARKER not in sealed.jwe
    (line,) = [
        one
        for one in (await reviews.list_samples(all=True, project=None, limit=5)).samples
        if one.person == "ada"
    ]
    fetched = await reviews.fetch(id=line.id)
    opened = PrivateKey.read(PAIR.private).open(fetched.sealed[0].jwe)
    assert opened.count(MARKER.encode()) == 2
    assert sealed.until_ms == checks.clock.now_ms() + 30 * DAY_MS


async def test_without_a_reviewer_s_key_no_content_is_kept_of_anybody(checks, own, reviews):
    told = await consent(own)
    assert "nobody yet" in told.says
    await checks.ask()
    assert checks.seals.rows == []
    (line,) = (await reviews.list_samples(all=False, project=None, limit=5)).samples
    assert line.content == "deleted, or sealed to nobody"


async def test_a_consent_that_is_taken_back_counts_for_what_still_runs(checks, own, reviews):
    await reviews.add_key(file=PAIR.public, label="Rosa", actor=REVIEWER)
    await consent(own)
    watch = checks.watch()
    await consent(own, "no")
    watch.hear(TextDelta(0, MARKER))
    watch.ended(Outcome.COMPLETED, Meters())
    assert checks.taker._waiting.get_nowait().sealed == ()
    assert checks.seals.forgotten == ["ada"]


async def test_text_of_a_request_that_is_not_chosen_is_let_go_of_at_once(checks, own):
    await consent(own)
    await checks.book.set_rate("approved", Fraction(0), "uid 0")
    watch = checks.watch()
    assert watch._request is None
    assert watch._hearing is None


async def test_text_of_somebody_who_did_not_agree_is_not_even_held_in_memory(checks, own):
    assert checks.watch(1)._hearing is None
    await consent(own)
    assert checks.watch(2)._hearing is not None


async def test_nobody_agrees_for_somebody_else(own):
    with pytest.raises(NotAllowed, match="waits for them"):
        await consent(own, actor=Actor("uid 0", Permission.ADMIN))
    assert not (await consent(own, "no", actor=Actor("uid 0", Permission.ADMIN))).content
    with pytest.raises(BadRequest, match="--person"):
        await own.choice(person=None, project=None, actor=Actor("uid 0", Permission.ADMIN))


async def test_who_refuses_is_sampled_no_more_and_is_a_number_to_reviewers(checks, own, reviews):
    await checks.ask(1)
    told = await own.refuse(answer="yes", person="ada", project="nlp", actor=MEMBER)
    assert not told.sampled
    await checks.ask(2)
    found = await reviews.list_samples(all=False, project=None, limit=5)
    assert [one.request_id for one in found.samples] == ["req_1"]
    assert [(one.project, one.people) for one in found.refusals] == [("nlp", 1)]
    await own.refuse(answer="no", person="ada", project="nlp", actor=MEMBER)
    await checks.ask(3)
    assert len(checks.samples.kept) == 2


async def test_a_refusal_counts_even_where_the_disk_refuses_it(checks, own):
    checks.rules.refuses = True
    with pytest.raises(Exception, match="full"):
        await own.refuse(answer="yes", person="ada", project="nlp", actor=MEMBER)
    checks.rules.refuses = False
    await checks.ask()
    assert checks.samples.kept == []


async def test_the_verdict_that_it_does_not_fit_opens_an_incident(checks, reviews, incidents):
    await checks.ask(1)
    await checks.ask(2)
    first, second = (one.id for one in checks.samples.kept)
    fits = await reviews.decide(id=first, verdict="fits", reason="It is the study.", actor=REVIEWER)
    assert (fits.verdict, fits.incident, fits.decided_by) == ("fits", None, "rosa")
    assert incidents.opened == []
    wrong = await reviews.decide(id=second, verdict="does-not-fit", reason="An advert.", actor=REVIEWER)
    assert wrong.incident == "inc_1"
    assert incidents.opened == [(second, "An advert.", "rosa")]
    with pytest.raises(Conflict):
        await reviews.decide(id=second, verdict="fits", reason="Oh.", actor=REVIEWER)


async def test_exactly_what_the_rule_says_was_taken_and_a_proof_names_what_was_not(checks, reviews):
    await checks.book.set_rate("approved", Fraction(1, 3), "uid 0")
    for number in range(60):
        await checks.ask(number)
    today = day_of(checks.clock.now_ms())
    proof = await reviews.verify(day=today)
    assert proof.ok
    assert proof.requests == 60
    assert 5 < proof.samples < 40
    hidden, *rest = checks.samples.kept
    unchosen = next(
        one for one in checks.samples.rows if one not in {kept.request_id for kept in checks.samples.kept}
    )
    checks.samples.kept = [*rest, replace(hidden, request_id=unchosen)]
    proof = await reviews.verify(day=today)
    assert (proof.ok, proof.missing, proof.extra) == (False, (hidden.request_id,), (unchosen,))


async def test_the_seed_of_a_day_is_published_by_its_hash_ahead_and_told_after_thirty_days(
    checks, own, reviews
):
    today = day_of(checks.clock.now_ms())
    ahead = {one.day: one for one in (await own.seeds()).seeds}
    assert len(ahead) == 8
    assert all(one.seed is None for one in ahead.values())
    checks.clock.time_ms += 30 * DAY_MS
    assert {one.day: one.seed for one in (await own.seeds()).seeds}[today] is None
    checks.clock.time_ms += DAY_MS
    told = {one.day: one for one in (await own.seeds()).seeds}[today]
    assert commitment(bytes.fromhex(told.seed)) == ahead[today].sha256
    assert (await reviews.verify(day=today)).seed == told.seed


async def test_a_day_that_nobody_knows_or_whose_samples_are_gone_cannot_be_proved(checks, reviews):
    with pytest.raises(NotFound, match="did not run"):
        await reviews.verify(day=None)
    with pytest.raises(BadRequest):
        await reviews.verify(day="tomorrow")
    today = day_of(checks.clock.now_ms())
    checks.clock.time_ms += 92 * DAY_MS
    with pytest.raises(NotFound, match="deleted by now"):
        await reviews.verify(day=today)


async def test_what_a_crash_left_out_is_taken_at_the_next_start(checks):
    await checks.ask(1, written=False)
    again = Checks(checks.clock, checks.rules, checks.samples, checks.seals)
    again.book = checks.book
    assert await checks.taker.catch_up() == 1
    (taken,) = checks.samples.kept
    assert (taken.request_id, taken.kind, taken.purpose) == ("req_1", "", "A study of bias")
    assert await checks.taker.catch_up() == 0


async def test_a_line_of_a_batch_that_comes_again_is_taken_once_it_is_settled(checks):
    await checks.ask(1, settled=False)
    assert checks.samples.kept == []
    await checks.ask(1)
    assert [one.request_id for one in checks.samples.kept] == ["req_1"]


async def test_a_model_that_changes_its_tier_is_sampled_as_it_is_now(checks, reviews):
    await checks.ask(1, recipe=replace(RECIPE, tier="open"))
    checks.clock.time_ms += 1
    await checks.ask(2)
    assert [one.request_id for one in checks.samples.kept] == ["req_2"]
    assert (await reviews.verify(day=day_of(checks.clock.now_ms()))).ok
    assert [one.tier for one in checks.rules.kept["tiers"]] == ["open", "approved"]


async def test_rules_survive_a_restart(checks, own):
    await own.refuse(answer="yes", person="ada", project="nlp", actor=MEMBER)
    await checks.ask(1, caller=Caller("key_2", "bob", "nlp"))
    again = await Checks(rules=checks.rules).load()
    assert again.book.choice_of("ada").refuses
    assert again.book.rules.tier_of("m", checks.clock.now_ms()) == "approved"
    assert [one.seed for one in again.book.seeds] == [one.seed for one in checks.book.seeds]


async def test_a_seed_that_nobody_made_ahead_is_made_and_written_down(checks):
    checks.clock.time_ms += 100 * DAY_MS
    await checks.ask()
    day = day_of(checks.clock.now_ms())
    assert [one.day for one in checks.rules.kept["seeds"]][-1] == day
    assert len(checks.samples.kept) == 1


async def test_a_set_rate_counts_from_then_on_and_is_refused_where_it_is_none(checks, reviews):
    shown = await reviews.set_rate(tier="approved", rate="1/7", actor=REVIEWER)
    assert [(one.tier, one.rate) for one in shown.rates] == [("approved", "1/7")]
    assert checks.rules.kept["rates"][-1].set_by == "rosa"
    with pytest.raises(BadRequest):
        await reviews.set_rate(tier="approved", rate="often", actor=REVIEWER)


async def test_a_key_that_ended_reads_nothing_more(checks, own, reviews):
    await consent(own)
    (key,) = (await reviews.add_key(file=PAIR.public, label="Rosa", actor=REVIEWER)).keys
    ended = await reviews.end_key(id=key.id)
    assert [one.state for one in ended.keys] == ["ended"]
    await checks.ask()
    assert checks.seals.rows == []
    again = await Checks(rules=checks.rules, seals=checks.seals).load()
    assert (again.keys.count, len(again.keys.all)) == (0, 1)
    with pytest.raises(NotFound):
        await reviews.end_key(id="other")


async def test_no_more_keys_than_content_is_sealed_to(reviews):
    for _ in range(8):
        await reviews.add_key(file=make_key_pair().public, label="R", actor=REVIEWER)
    with pytest.raises(Conflict, match="key-end"):
        await reviews.add_key(file=PAIR.public, label="Rosa", actor=REVIEWER)


async def test_content_whose_time_is_over_is_deleted(checks, own, reviews):
    await reviews.add_key(file=PAIR.public, label="Rosa", actor=REVIEWER)
    await consent(own)
    await checks.ask()
    checks.clock.time_ms += 30 * DAY_MS

    class Enough(Exception):
        pass

    async def pause(_seconds):
        raise Enough

    with pytest.raises(Enough):
        await keep_samples(checks.book, checks.seals, checks.clock, checks.log, pause)
    assert checks.seals.rows == []
    assert day_of(checks.clock.now_ms() + 7 * DAY_MS) in {one.day for one in checks.book.seeds}


async def test_more_than_can_be_written_is_left_out_and_found_again(checks, monkeypatch):
    monkeypatch.setattr("appliance.services.sampling.taking.MOST_WAITING", 1)
    small = await Checks().load()
    for number in (1, 2):
        small.watch(number).ended(Outcome.COMPLETED, Meters())
    assert small.taker._waiting.qsize() == 1
    assert [one[1] for one in small.log.records] == ["sample_left_out"]


async def test_what_costs_nothing_is_looked_at_by_nobody(checks):
    assert ADA.holder == "ada"
    await checks.book.set_rate("approved", Fraction(0), "uid 0")
    await checks.ask()
    assert checks.samples.kept == []
