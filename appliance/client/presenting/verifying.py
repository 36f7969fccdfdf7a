"""What was found of a model's files, and the table of its forms."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, state, table
from appliance.domain.amounts import size
from appliance.domain.results import Fidelity, FormCheck, FormFidelity, Verification


def verification(result: Verification) -> RenderableType:
    """A line a file, then what the forms cost where that was measured."""
    files = [
        (form.id, file.name, size(file.size_bytes), state(file.state), file.reason or "")
        for form in result.forms
        for file in form.files
    ]
    parts: list[RenderableType] = [
        table(("FORM", "FILE", "SIZE", "STATE", "WHY"), files, right=("SIZE",)),
        *(cell(f"{form.id}: {form.reason}") for form in result.forms if form.reason),
        Text(""),
        cell(_verdict(result.forms, ok=result.ok)),
    ]
    if result.fidelity is not None:
        parts += [Text(""), _fidelity(result.fidelity)]
    return Group(*parts)


def fidelity_line(one: FormFidelity) -> str:
    """In one line, for the sheet of a model."""
    if one.perplexity is None:
        return one.reason or "not measured"
    said = f"perplexity {one.perplexity:.3f}"
    if one.id.endswith(f"@{one.reference}"):
        return f"{said}, the form that others are compared with"
    return f"{said} ({one.reference} {one.reference_perplexity:.3f}), top-1 agreement {one.agreement:.1%}"


def _verdict(forms: tuple[FormCheck, ...], *, ok: bool) -> str:
    if ok:
        return "Every file is what its recipe says."
    wrong = ", ".join(form.id for form in forms if not form.ok)
    return f"Not as it should be: {wrong}. Put the files of the recipe back."


def _fidelity(result: Fidelity) -> RenderableType:
    rows = [_row(one) for one in result.forms]
    columns = (
        "FORM",
        "ENGINE",
        "WEIGHTS",
        "PERPLEXITY",
        "NATS A TOKEN",
        "MORE",
        "TOP-1 AGREES",
        "MEAN DIFFERENCE",
        "LARGEST",
        "TOKENS",
        "SECONDS",
        "WHY NOT",
    )
    head = cell(
        f"Read: the text {result.text_sha256[:12]} in passages of up to {result.window_tokens} tokens. "
        f"Compared with {_reference(result)}."
    )
    return Group(head, table(columns, rows, right=columns[2:-1]))


def _reference(result: Fidelity) -> str:
    return next((one.reference for one in result.forms if one.reference), "nothing")


def _row(one: FormFidelity) -> tuple[object, ...]:
    return (
        one.id,
        one.engine,
        size(one.size_bytes),
        _number(one.perplexity, ".4f"),
        _number(one.nll, ".5f"),
        _number(one.nll_difference, "+.5f"),
        _number(one.agreement, ".2%"),
        _number(one.mean_difference, ".5f"),
        _number(one.largest_difference, ".4f"),
        _number(one.tokens, ","),
        _number(one.seconds, ".1f"),
        one.reason or "",
    )


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


PRESENTERS: Final[dict[Any, Any]] = {Verification: verification}
