"""The page, whole, of what was read. Pure."""

from collections.abc import Sequence
from typing import Final

from appliance.registry.web.page.facts import MEASURES, Facts, Measure, Use
from appliance.registry.web.page.markup import Markup, joined, tag, words
from appliance.registry.web.page.numbers import age, day, people, short, whole
from appliance.registry.web.page.plots import OTHERS, SERIES, color_of, plot

SPANS: Final = (30, 90, 365)
STYLE_PATH: Final = "style.css"
_MOST_ROWS: Final = 50


def document(facts: Facts, span_days: int, measure: Measure) -> str:
    """HTML."""
    body = joined(
        tag("h1", f"Registry {facts.name}"),
        tag("p", f"As of {day(facts.made_s)} (UTC). Days are UTC days on which requests ended."),
        _choices(span_days, measure),
        _use("Use by institution", "Institution", facts.institutions, facts.days, measure),
        _use("Use by model", "Model", facts.models, facts.days, measure),
        _boxes(facts),
        _leases(facts),
        _catalog(facts),
    )
    head = Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>Registry {words(facts.name)}</title><link rel="stylesheet" href="{STYLE_PATH}"></head>'
    )
    return f"{head}{tag('body', body)}</html>"


def _choices(span_days: int, measure: Measure) -> Markup:
    spans = [_choice(f"{span} days", span, measure, chosen=span == span_days) for span in SPANS]
    kinds = [_choice(name, span_days, one, chosen=one == measure) for one, name in MEASURES.items()]
    return tag("nav", tag("div", *spans), tag("div", *kinds), aria_label="What is shown")


def _choice(name: str, span_days: int, measure: Measure, *, chosen: bool) -> Markup:
    address = f"?days={span_days}&of={measure}"
    return tag("a", name, href=address, aria_current="true" if chosen else None)


def _use(title: str, column: str, uses: Sequence[Use], days: Sequence[str], measure: Measure) -> Markup:
    if not uses:
        return joined(tag("h2", title), tag("p", "Nothing was reported for these days."))
    rows = [_use_row(at, use) for at, use in enumerate(uses[:_MOST_ROWS])]
    table = _table((column,), ("Requests", "Tokens", "Credits", "Users"), rows)
    left_out = len(uses) - _MOST_ROWS
    return joined(
        tag("h2", title),
        tag("div", tag("div", plot(title, uses, days, measure), _legend(uses)), table, class_="beside"),
        tag("p", f"{left_out} more are left out here and counted in the plot.") if left_out > 0 else "",
        tag("p", "Users: the most on one day, as boxes tell it; under ten are never told."),
    )


def _use_row(place: int, use: Use) -> list[Markup]:
    total = use.total
    return [
        tag("td", _swatch(place), use.name, class_="name"),
        *(
            tag("td", value, class_="number")
            for value in (
                short(total.requests),
                short(total.tokens),
                short(total.credits_micro / 1e6),
                people(total.most_users),
            )
        ),
    ]


def _legend(uses: Sequence[Use]) -> Markup:
    names = [use.name for use in uses[:SERIES]] + ([OTHERS] if len(uses) > SERIES else [])
    return tag("p", *(tag("span", _swatch(at), name, class_="key") for at, name in enumerate(names)))


def _swatch(place: int) -> Markup:
    return tag("span", class_=f"swatch {color_of(place)}", aria_hidden="true")


def _boxes(facts: Facts) -> Markup:
    rows = [
        [
            tag("td", box.name, class_="name"),
            tag("td", box.institution, class_="name"),
            tag("td", box.state, class_="alarm" if box.state != "active" else None),
            tag("td", box.last_day or "none", class_="short"),
            tag("td", age(facts.made_s, box.reported_s), class_="short"),
            tag("td", box.software, class_="short"),
            tag("td", whole(box.epoch), class_="number"),
            tag("td", whole(box.marks), class_="number alarm" if box.marks else "number"),
        ]
        for box in facts.boxes
    ]
    columns = ("Box", "Institution", "State", "Last day", "Reported", "Software")
    more = facts.boxes_in_all - len(facts.boxes)
    return joined(
        tag("h2", f"Boxes ({whole(facts.boxes_in_all)})"),
        _table(columns, ("Epoch", "Marks"), rows) if rows else tag("p", "No box has enrolled."),
        tag("p", f"{whole(more)} that reported later are left out; see `carrel registry boxes`.")
        if more > 0
        else "",
    )


def _leases(facts: Facts) -> Markup:
    rows = [
        [
            tag("td", one.model, class_="name"),
            tag("td", day(one.next_s), class_="short"),
            *(tag("td", whole(n), class_="number") for n in (one.valid, one.suspended, one.revoked)),
        ]
        for one in facts.leases
    ]
    table = _table(("Model", "First ends"), ("Valid", "Suspended", "Revoked"), rows)
    return joined(tag("h2", "Leases"), table if rows else tag("p", "No lease is in force."))


def _catalog(facts: Facts) -> Markup:
    rows = [
        [
            tag("td", one.id, class_="name"),
            tag("td", one.signed_by),
            tag("td", whole(one.revision), class_="number"),
        ]
        for one in facts.catalog
    ]
    ends = ", ".join(f"{role} {day(ms // 1000)}" for role, ms in facts.expires_ms.items() if ms)
    return joined(
        tag("h2", "Catalog"),
        tag("p", facts.catalog_fault, class_="alarm") if facts.catalog_fault else "",
        tag("p", f"Good until: {ends}.") if ends else "",
        _table(("Model", "Signed by"), ("Revision",), rows) if rows else tag("p", "It lists no model."),
    )


def _table(columns: Sequence[str], numbers: Sequence[str], rows: Sequence[Sequence[Markup]]) -> Markup:
    head = [tag("th", one, scope="col") for one in columns]
    head += [tag("th", one, scope="col", class_="number") for one in numbers]
    body = [tag("tr", *row) for row in rows]
    table = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body))
    return tag("div", table, class_="wide", tabindex=0)
