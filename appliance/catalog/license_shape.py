"""The shape of ``license`` in a recipe's TOML: a text for well-known open licenses, a table for all others.

A table says word by word what it allows, so that no license passes for an open one because a line is missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.domain.license import AcceptanceLevel, LicenseTerms, Redistribution

Expression = Annotated[str, Meta(pattern=r"^[A-Za-z0-9(][A-Za-z0-9.+() -]{0,119}\Z")]
Sentence = Annotated[str, Meta(min_length=1, max_length=1000)]
Sentences = Annotated[tuple[Sentence, ...], Meta(max_length=64)]


@dataclass(frozen=True, slots=True)
class OpenLicense:
    """Use, change and pass on, for everybody and everything. ``text_sha256`` where the text comes along."""

    title: str
    text_sha256: str = ""
    attribution: str = ""


OPEN_LICENSES: Final[Mapping[str, OpenLicense]] = MappingProxyType(
    {
        "0BSD": OpenLicense("BSD Zero Clause License"),
        "Apache-2.0": OpenLicense(
            "Apache License 2.0", "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
        ),
        "BSD-2-Clause": OpenLicense("BSD 2-Clause License"),
        "BSD-3-Clause": OpenLicense("BSD 3-Clause License"),
        "CC-BY-4.0": OpenLicense(
            "Creative Commons Attribution 4.0", attribution="Name the author and the license."
        ),
        "CC0-1.0": OpenLicense("Creative Commons Zero 1.0"),
        "ISC": OpenLicense("ISC License"),
        "MIT": OpenLicense("MIT License", "10d5120a16805804ffda8b688c220bfb4e8f39741b57320604d455a309e01972"),
        "OpenMDW-1.0": OpenLicense("OpenMDW License 1.0"),
        "Unlicense": OpenLicense("The Unlicense"),
    }
)


class LicenseToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See ``domain.license.LicenseTerms``. What limits others has no default."""

    expression: Expression
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    acceptance: AcceptanceLevel
    redistribution: Redistribution
    derivatives: Redistribution
    text_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")] | None = None
    uses_allowed: Sentences = ()
    uses_denied: Sentences = ()
    attribution: Annotated[str, Meta(max_length=1000)] = ""
    output_terms: Annotated[str, Meta(max_length=1000)] = ""
    lease: bool = False
    on_lapse: Literal["finish", "stop"] = "finish"
    on_revocation: Literal["quarantine", "delete"] = "quarantine"

    def __post_init__(self) -> None:
        """Refuse what the single fields cannot: the decoder turns ``ValueError`` into a validation error."""
        if self.acceptance == "none":
            self._refuse_open_by_accident()
        elif self.text_sha256 is None:
            raise ValueError("`acceptance` needs `text_sha256`: nobody can accept a text that is not known")

    def _refuse_open_by_accident(self) -> None:
        if self.uses_denied:
            raise ValueError("`uses_denied` bind nobody while `acceptance` is none: say who has to accept")
        if "yes" in {self.redistribution, self.derivatives} and not is_open(self.expression):
            raise ValueError(
                f"{self.expression} is none of the open licenses: say who has to accept it, or that "
                "`redistribution` and `derivatives` are same-terms or no"
            )

    def value(self) -> LicenseTerms:
        """The terms as the rest of Carrel knows them."""
        return LicenseTerms(
            expression=self.expression,
            title=self.title,
            text_sha256=self.text_sha256 or "",
            acceptance=self.acceptance,
            uses_allowed=self.uses_allowed,
            uses_denied=self.uses_denied,
            redistribution=self.redistribution,
            derivatives=self.derivatives,
            attribution=self.attribution,
            output_terms=self.output_terms,
            lease=self.lease,
            on_lapse=self.on_lapse,
            on_revocation=self.on_revocation,
        )


def is_open(expression: str) -> bool:
    """Whether every license that an SPDX expression names is known as open."""
    return all(name in OPEN_LICENSES for name in re.split(r" AND | OR |[() ]+", expression) if name)


def terms_of(license: str | LicenseToml) -> LicenseTerms:
    """The terms, whichever way they are written. A text that is no open license allows nothing but a look."""
    if isinstance(license, LicenseToml):
        return license.value()
    known = OPEN_LICENSES.get(license)
    if known is None:
        return LicenseTerms(license, redistribution="no", derivatives="no")
    return LicenseTerms(
        license, title=known.title, text_sha256=known.text_sha256, attribution=known.attribution
    )


def refuse_unsaid(license: str | LicenseToml) -> None:
    """Raises ``ValueError`` where a license that is not known as open is named and its terms are not said."""
    if isinstance(license, str) and license not in OPEN_LICENSES:
        raise ValueError(
            f"`license` {license} is none of the open ones, so its terms must be said: write `[license]`"
        )
