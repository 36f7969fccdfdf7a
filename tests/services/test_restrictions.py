"""Restrictions in the box: versions, what holds for whom, and changes that hold for the next request."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.generation import ServiceClass
from appliance.domain.people import ApiKey, Caller, KeyLimits
from appliance.domain.prompts import ChatPrompt, Message
from appliance.domain.restriction import Limits, Restriction, Scope
from appliance.errors import BadRequest, ModelNotFound, NotFound, Restricted, TryAgain
from appliance.services.admission.gates import Asked
from appliance.services.restrictions.book import RestrictionBook
from appliance.services.restrictions.gate import RestrictionGate
from appliance.services.restrictions.given import changed
from appliance.services.restrictions.operators import RestrictionService
from appliance.services.restrictions.origins import Origins
from appliance.services.restrictions.own import OwnRestrictions
from appliance.services.restrictions.rates import RateRules
from appliance.services.restrictions.trying import Trying
from appliance.services.restrictions.written import read, scope_named, write
from tests.models.fakes import recipe
from tests.policy.restricting import request

OPT = replace(recipe("opt"), tier="restricted", chat_template="{{ messages }}")
TINY = replace(recipe("tiny"), tier="open", chat_template="{{ messages }}")
RECIPES = {"opt": OPT, "tiny": TINY, "alias": OPT}
ADA = Caller("key_a", "ada", "course", "10.0.0.5")
ROOT = Actor("uid 0", Permission.ADMIN)
NOTHING_GIVEN = dict.fromkeys(Limits.__struct_fields__) | {
    "model": None,
    "tier": None,
    "project": None,
    "all": False,
    "lift": None,
}


class Versions:
    """Keeps the contract of the table."""

    def __init__(self):
        self.rows = []

    async def add(self, scope, limits, *, why, by, now_ms, removed=False):
        version = sum(one.scope == scope for one in self.rows) + 1
        self.rows.append(Restriction(scope, version, limits, why, by, now_ms, removed))
        return self.rows[-1]

    async def latest(self):
        return list({one.scope: one for one in self.rows}.values())

    async def history(self, scope):
        return [one for one in reversed(self.rows) if one.scope == scope]


class Names:
    def find(self, model):
        if model not in RECIPES:
            raise ModelNotFound("No such model.")
        return RECIPES[model], RECIPES[model].forms[0]


class Heard:
    def __init__(self):
        self.changes = []

    def changed(self, asked, change):
        self.changes.append((change.limit, change.by.name))


class Lab:
    """A gate, its book, and who changes it; the clock on the wall is ``hour``."""

    def __init__(self, clock, directory):
        self.hour = 12
        self.versions = Versions()
        self.heard = Heard()
        self.book = RestrictionBook(lambda model: RECIPES[model].tier if model in RECIPES else "")
        self.gate = RestrictionGate(
            self.book, self.heard, lambda _ms: datetime(2026, 9, 1, self.hour, tzinfo=UTC)
        )
        self.service = RestrictionService(
            self.book,
            self.versions,
            names=Names(),
            projects=directory,
            trying=Trying(self.book, self.gate, clock),
            clock=clock,
        )

    async def set(self, why="two GPUs", **given):
        return await self.service.set(**{**NOTHING_GIVEN, **given}, why=why, actor=ROOT)

    def ask(self, model="opt", caller=ADA, **more):
        asked = Asked(caller, RECIPES[model], model, request(**more), 0)
        return self.gate.let(asked)


@pytest.fixture
def lab(clock, directory):
    return Lab(clock, directory)


async def test_a_change_holds_for_the_next_request(lab):
    lab.ask(n=4)
    await lab.set(tier="restricted", n=2)
    with pytest.raises(Restricted) as refused:
        lab.ask(n=4)
    assert refused.value.details["restriction"] == {"name": "tier:restricted@1", "limit": "n"}
    assert refused.value.details["rule"] == {"name": "restriction", "waits_for": "you"}
    assert (refused.value.status, refused.value.exit_code) == (403, 4)
    lab.ask("tiny", n=4)
    await lab.set(tier="restricted", n=4)
    lab.ask(n=4)
    await lab.set(tier="restricted", n=3)
    await lab.service.remove(id="tier:restricted", why="over", actor=ROOT)
    lab.ask(n=4)


async def test_what_is_not_given_stays_and_what_is_lifted_goes(lab):
    await lab.set(model="opt", n=2, hours="mon-fri 08:00-18:00; sat 10:00-12:00", tools="no", logprobs="off")
    await lab.set(model="alias", max_tokens=9, lift="hours, tools")
    limits = lab.book.of_scope(Scope("model", "opt")).limits
    assert limits == Limits(n=2, logprobs="off", max_tokens=9)
    assert [one.version for one in (await lab.service.history(id="model:opt")).restrictions] == [2, 1]
    first = await lab.service.show(id="model:opt", version=1)
    assert "hours mon-fri 08:00-18:00, sat 10:00-12:00" in first.restriction.says


async def test_what_was_ended_begins_anew_with_the_next_version(lab):
    await lab.set(model="opt", n=2, max_tokens=9)
    await lab.service.remove(id="model:opt", why="over", actor=ROOT)
    assert (await lab.service.list()).restrictions == ()
    shown = await lab.set(model="opt", n=3)
    assert shown.restriction.version == 3
    assert lab.book.of_scope(Scope("model", "opt")).limits == Limits(n=3)


async def test_versions_are_read_back_at_the_next_start(lab):
    await lab.set(model="opt", n=2)
    await lab.set(all=True, n=3)
    await lab.service.remove(id="all", why="over", actor=ROOT)
    again = RestrictionBook(lambda _model: "")
    await again.load(lab.versions)
    assert [one.name for one in again.all()] == ["model:opt@1"]


async def test_restrictions_of_a_project_are_for_its_requests(lab, directory):
    await lab.set(project="default", n=1)
    lab.ask(n=2)
    with pytest.raises(Restricted):
        lab.ask(n=2, caller=replace(ADA, project_id="default"))


async def test_what_restrictions_change_is_told_to_the_caller_and_the_log(lab):
    await lab.set(model="opt", max_tokens=9, system_prompt="Be kind.")
    asked = lab.ask()
    assert [one.split(":")[0] for one in asked.notices] == [
        "Answers have at most 9 tokens",
        "The conversation begins with words of the lab",
    ]
    assert lab.heard.changes == [("max_tokens", "model:opt@1"), ("system_prompt", "model:opt@1")]
    assert asked.request.prompt == ChatPrompt((Message("system", "Be kind."), Message("user", "Hello")))


async def test_the_line_of_a_batch_waits_for_the_hours(lab):
    await lab.set(model="opt", hours="08:00-10:00")
    with pytest.raises(TryAgain) as refused:
        lab.ask(service_class=ServiceClass.OVERNIGHT)
    assert refused.value.retry_after_s == 20 * 3600
    with pytest.raises(Restricted):
        lab.ask()
    lab.hour = 9
    lab.ask()


async def test_only_the_permission_asks_no_restriction(lab):
    await lab.set(model="opt", networks="10.1.0.0/16")
    asked = Asked(ADA, OPT, "opt", None, 0)
    assert lab.gate.let(asked) is asked


async def test_a_batch_is_taken_from_the_networks_of_its_models(lab):
    await lab.set(model="opt", networks="10.0.0.0/24")
    origins = Origins(Names(), lab.gate)
    origins.check(ADA, "alias")
    origins.check(replace(ADA, address="10.0.1.5"), "tiny")
    origins.check(replace(ADA, address="10.0.1.5"), "unheard-of")
    for address in ("10.0.1.5", ""):
        with pytest.raises(Restricted):
            origins.check(replace(ADA, address=address), "alias")


async def test_rights_are_told_for_who_asks_for_them(lab):
    await lab.set(model="opt", fine_tune="no")
    lab.gate.check_right("course", "opt", "activations")
    with pytest.raises(Restricted, match="Fine tune of opt is not allowed") as refused:
        lab.gate.check_right("course", "opt", "fine_tune")
    assert refused.value.details["rule"]["waits_for"] == "admin"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"n": 1}, "one of a model"),
        ({"n": 1, "model": "opt", "all": True}, "one of a model"),
        ({"model": "opt"}, "Say what it limits"),
        ({"model": "opt", "logprobs": "many"}, "or off"),
        ({"model": "opt", "endpoints": "chats"}, "does not fit"),
        ({"model": "opt", "temperature": "3"}, "does not fit"),
        ({"model": "opt", "denied": "(\n"}, "cannot be read"),
        ({"model": "opt", "networks": "10.0.0.1/8"}, "no network"),
        ({"model": "opt", "n": 1, "lift": "nn"}, "no limit `nn`"),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_set(lab, given, told):
    with pytest.raises(BadRequest, match=told):
        await lab.set(**given)
    assert lab.versions.rows == []


async def test_nothing_is_set_of_what_does_not_exist(lab):
    with pytest.raises(ModelNotFound):
        await lab.set(model="unheard-of", n=1)
    with pytest.raises(NotFound, match="project list"):
        await lab.set(project="unheard-of", n=1)
    for verb in (lab.service.history, lab.service.show, lab.service.remove):
        more = {"version": None} if verb == lab.service.show else {}
        more |= {"why": "over", "actor": ROOT} if verb == lab.service.remove else {}
        with pytest.raises(NotFound, match="restriction list"):
            await verb(id="tier:open", **more)


FILE = """
[[restriction]]
tier = "restricted"
why = "single answers"
n = 1
logprobs = "off"
temperature = 1
hours = ["mon-fri 08:00-18:00"]
denied = ["(?i)poison"]

[[restriction]]
all = true
why = "everybody"
n = 8
"""


async def test_a_file_sets_what_it_names_once(lab):
    await lab.set(model="opt", n=5)
    for _ in range(2):
        done = await lab.service.apply(file=FILE, actor=ROOT)
        assert [(one.id, one.version) for one in done.restrictions] == [("tier:restricted", 1), ("all", 1)]
    assert [one.name for one in lab.book.all()] == ["all@1", "tier:restricted@1", "model:opt@1"]


async def test_a_file_that_is_wrong_anywhere_sets_nothing(lab):
    for wrong in ('denied = ["("]', "nn = 1", 'model = "opt"', "n = 0"):
        with pytest.raises(BadRequest):
            await lab.service.apply(file=f"{FILE}\n{wrong}\n", actor=ROOT)
    with pytest.raises(BadRequest, match="two things of all"):
        await lab.service.apply(file=FILE + '[[restriction]]\nall = true\nwhy = "x"\n', actor=ROOT)
    with pytest.raises(BadRequest, match="not TOML"):
        await lab.service.apply(file="[[", actor=ROOT)
    assert lab.versions.rows == []


def test_what_is_written_reads_the_same():
    for wanted in read(FILE):
        text = write(Restriction(wanted.scope, 1, wanted.limits, wanted.why, "uid 0", 0))
        assert read(text) == [wanted]


@pytest.mark.parametrize("id", ["all", "tier:open", "model:opt", "project:class-a"])
def test_a_restriction_is_named_by_its_scope_with_or_without_a_version(id):
    assert scope_named(id).id == scope_named(f"{id}@7").id == id


def test_a_list_of_patterns_is_one_a_line():
    limits = changed(Limits(), {"denied": "# words\n\n(?i)one\n  two  \n"}, None)
    assert limits.denied == ("(?i)one", "two")


async def test_a_request_is_tried_without_being_sent(lab):
    await lab.set(model="opt", max_tokens=9, denied="(?i)poison", prompt_tokens=50)

    async def tried(text="Hello", **more):
        empty = dict.fromkeys(("prompt_file", "max_tokens", "n", "logprobs"))
        where = {"model": "opt", "endpoint": "chat", "project": "default", "address": "127.0.0.1"}
        return await lab.service.test(**{**empty, **where, "text": text, **more})

    assert (await tried("POISON")).verdict == "refused"
    assert (await tried(max_tokens=10)).verdict == "refused"
    changed_one = await tried()
    assert (changed_one.verdict, changed_one.applied) == ("changed", ("model:opt@1",))
    assert "50 tokens" in changed_one.told[-1]
    assert (await tried(max_tokens=9)).verdict == "let"
    assert (await tried(model="tiny", max_tokens=10)).verdict == "let"
    assert (await tried(text=None, prompt_file="poison", endpoint="embeddings")).verdict == "refused"
    with pytest.raises(BadRequest, match="--prompt-file"):
        await tried(prompt_file="too")
    assert lab.heard.changes == []


async def test_a_caller_is_told_what_restricts_their_models_and_not_what_is_denied(lab):
    await lab.set(tier="restricted", n=2, denied="(?i)poison", networks="10.0.0.0/8")
    await lab.set(model="tiny", system_prompt="Secret words.")
    cards = [_card("opt@q8"), _card("named", alias_of="opt")]
    (one,) = OwnRestrictions(lab.book).of_caller(ADA, cards)
    assert (one.name, one.models) == ("tier:restricted@1", ("opt@q8", "named"))
    assert one.says == ("at most 2 answers to a prompt", "from 10.0.0.0/8 only", "1 denied pattern")
    assert lab.book.said_of("opt") == (f"tier:restricted@1: {'; '.join(one.says)} (two GPUs)",)


def _card(id, alias_of=""):
    class Card:
        pass

    card = Card()
    card.id, card.alias_of = id, alias_of
    return card


async def test_limits_of_keys_and_restrictions_are_rules_of_the_allowance(lab):
    await lab.set(tier="restricted", requests_per_day=5)
    await lab.set(tier="restricted", requests_per_minute=3)
    await lab.set(model="opt", n=2)
    keys = {"key_a": ApiKey("key_a", "k", "ab12", "ada", "course", 0, None, None, KeyLimits(running=2))}

    class Keys:
        def key(self, key_id):
            return keys.get(key_id)

    rules = RateRules(lab.book, Keys())
    key, tier = rules.of_request(ADA, "opt")
    assert (key.id, key.running, key.holder) == ("key:key_a", 2, "ada")
    assert (tier.id, tier.requests_per_minute, tier.requests_per_day) == ("tier:restricted", 3, 5)
    assert tier.by == "restriction tier:restricted@2 (two GPUs)"
    assert rules.of_request(ADA, "tiny") == [key]
    assert rules.of_caller(ADA) == [key, tier]
    keys.clear()
    assert rules.of_request(ADA, "tiny") == []
