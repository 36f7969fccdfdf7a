"""What a box does with what people send, in sentences. Made from how it is set; it must say what is true."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.policy.retention import Record, Rule


@dataclass(frozen=True, slots=True)
class Facts:
    """How the box is set at this moment.

    ``wires`` is what each tripwire that is on looks for, ``rates`` which part of the requests is looked at,
    by tier. ``classifier`` is the local model that looks at texts, empty for none. ``reviewer_keys`` is to
    how many keys content is sealed. ``hosted_elsewhere`` are hosts that prompts may be sent to, ``alerts``
    the ways by which alerts leave the box, ``catalogs`` the lists of models that are asked for.
    """

    of_each_request: tuple[str, ...]
    rules: tuple[Rule, ...]
    wires: tuple[str, ...] = ()
    classifier: str = ""
    rates: Mapping[str, str] | None = None
    reviewer_keys: int = 0
    hosted_elsewhere: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    catalogs: tuple[str, ...] = ()
    offline: bool = False
    gives_weights: bool = False
    """Boxes of other labs may fetch files of models that this lab shares."""


@dataclass(frozen=True, slots=True)
class Section:
    """Statements about one question."""

    title: str
    statements: tuple[str, ...]


def sections(facts: Facts) -> tuple[Section, ...]:
    """The whole policy."""
    return (
        Section("What is kept of a request", _of_a_request(facts)),
        Section("Prompts and answers that are kept longer", _content(facts)),
        Section("How long", tuple(rule.sentence for rule in facts.rules)),
        Section("Who looks", _looking(facts)),
        Section("What leaves the box", _leaving(facts)),
        Section("What you can do", _rights(facts)),
    )


def keeps_content(facts: Facts) -> bool:
    """Whether anything is on by which others could read a prompt or an answer later."""
    return facts.reviewer_keys > 0


def _of_a_request(facts: Facts) -> tuple[str, ...]:
    forgotten = (
        "Prompts and answers are in no log and in no record of usage. They are forgotten when the request is "
        "over; nothing turns their logging on."
    )
    return (f"Of each request the box keeps: {', '.join(facts.of_each_request)}.", forgotten)


def _content(facts: Facts) -> tuple[str, ...]:
    days = {rule.record: rule.days for rule in facts.rules}
    files = (
        "Files that you send, and the answers of your batches, lie on the box until you delete them, or for "
        f"{days[Record.FILES]} days. Only your own keys read them."
    )
    if not facts.reviewer_keys:
        return (files, "No reviewer has a key, so no prompt and no answer is kept for anybody to look at.")
    sealed = (
        f"Prompt and answer of a spot check are kept for {days[Record.SAMPLE_CONTENT]} days if you, not only "
        f"your project, agreed. They are encrypted to the keys of reviewers ({facts.reviewer_keys} here); "
        "the box itself cannot read them. So are texts that you share in a flaw report."
    )
    return (files, sealed)


def _looking(facts: Facts) -> tuple[str, ...]:
    return (*_wires(facts), *_samples(facts), *_operators())


def _wires(facts: Facts) -> tuple[str, ...]:
    if not facts.wires:
        return ("No tripwire is on.",)
    texts = "Texts are looked at in memory; which rule fitted, and how often, is kept, never the text."
    classifier = (
        f"The model `{facts.classifier}`, on this box, is asked about some texts; what it says is counted."
        if facts.classifier
        else "No model is asked about your texts."
    )
    return (f"Tripwires are on for: {'; '.join(facts.wires)}.", texts, classifier)


def _samples(facts: Facts) -> tuple[str, ...]:
    drawn = {tier: rate for tier, rate in (facts.rates or {}).items() if rate != "0"}
    if not drawn:
        return ("No request is drawn for a spot check.",)
    parts = ", ".join(f"{rate} of those to models of tier {tier}" for tier, rate in drawn.items())
    seen = "A reviewer sees what is kept of the request beside the purpose that the project declared."
    return (f"Requests are drawn at random for spot checks: {parts}. {seen}",)


def _operators() -> tuple[str, ...]:
    seen = "Those who run the box see who used which model how much; leads see it of their project."
    return (f"{seen} Whatever they change is in an audit log, and a change of the log is found out.",)


def _leaving(facts: Facts) -> tuple[str, ...]:
    weights = (
        ("Boxes of other labs may fetch the files of models that this lab shares.",)
        if facts.gives_weights
        else ()
    )
    if facts.offline:
        silent = "The box is offline: it sends nothing to anybody but the answers to those who asked."
        return (silent, *weights)
    hosts = (
        f"Prompts to models that are hosted elsewhere go to {', '.join(facts.hosted_elsewhere)}; the model's "
        "name says so, and every answer of it has the header x-carrel-leaves-box."
        if facts.hosted_elsewhere
        else "No prompt and no answer leaves the box but to those who asked."
    )
    alerts = (
        f"Alerts go out by {' and '.join(facts.alerts)}: what happened and ids, never content."
        if facts.alerts
        else "Alerts are sent to nobody."
    )
    catalogs = (
        f"Lists of models are asked for at {', '.join(facts.catalogs)}."
        if facts.catalogs
        else "No list is asked for."
    )
    fetched = "Models are fetched when an operator wants them. There is no telemetry."
    return (hosts, alerts, catalogs, *weights, fetched)


def _rights(facts: Facts) -> tuple[str, ...]:
    refuse = "You can refuse to be drawn for spot checks: `POST /v1/me/sample/refuse`."
    return (
        "`GET /v1/me` says what you used and what is recorded of it.",
        "`POST /v1/me/person/export` gives you everything that is kept about you in the key's project.",
        "Who runs the box can give you that of all your projects.",
        *([refuse] if any(rate != "0" for rate in (facts.rates or {}).values()) else ()),
        "Whoever runs the box can erase you: your name, address and keys go, sums stay without you.",
    )
