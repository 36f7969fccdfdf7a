"""The shape of ``[upstream]`` in a recipe's TOML: a model that is hosted elsewhere. Reads no file."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.catalog.file_shape import FileToml
from appliance.domain.recipe import RecipeForm
from appliance.domain.upstream import ENGINE, Feature, Price, Upstream
from appliance.errors import ConfigInvalid
from appliance.outbound.address import Address

Micro = Annotated[int, Meta(ge=0, le=10**12)]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}\Z")]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class MoneyToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Millionths of the lab's money for a million tokens. Cached ones cost as much as others unless it is
    said.
    """

    prompt_micro: Micro
    completion_micro: Micro
    cached_micro: Micro | None = None


class PriceToml(MoneyToml, frozen=True, forbid_unknown_fields=True):
    """The same in micro-credits, which budgets pay; ``money`` is what the host charges."""

    money: MoneyToml | None = None

    def value(self) -> Price:
        """The price as the rest of Carrel knows it."""
        return _price(self, None if self.money is None else _price(self.money))


class UpstreamToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See ``domain.upstream.Upstream``. ``tokenizer`` is the model's ``tokenizer.json``, if it is at hand."""

    name: Name
    address: Annotated[str, Meta(min_length=8, max_length=500)]
    model: Annotated[str, Meta(pattern=r"^[!-~]{1,200}\Z")]
    price: PriceToml
    features: Annotated[tuple[Feature, ...], Meta(min_length=1, max_length=16)]
    key: Name | None = None
    plain_http: bool = False
    length_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    silence_s: Seconds = 120.0
    answer_s: Seconds = 900.0
    tokenizer: Annotated[tuple[FileToml, ...], Meta(max_length=16)] = ()

    def __post_init__(self) -> None:
        """Refuse what the single fields cannot: the decoder turns ``ValueError`` into a validation error."""
        try:
            Address.parse(self.address, plain_http=self.plain_http)
        except ConfigInvalid as error:
            raise ValueError(error.message) from None
        if not {"chat", "completions"} & set(self.features):
            raise ValueError("`features` must have chat or completions")
        if self.tokenizer and not any(file.name == "tokenizer.json" for file in self.tokenizer):
            raise ValueError("`tokenizer` must have tokenizer.json")

    def value(self) -> Upstream:
        """The host as the rest of Carrel knows it."""
        return Upstream(
            name=self.name,
            address=self.address.rstrip("/"),
            model=self.model,
            key=self.key or "",
            price=self.price.value(),
            features=frozenset(self.features),
            plain_http=self.plain_http,
            length_field=self.length_field,
            silence_s=self.silence_s,
            answer_s=self.answer_s,
        )

    @property
    def form(self) -> RecipeForm:
        """What stands for forms, so that it is listed and found as other models are."""
        return RecipeForm(ENGINE, ENGINE, tuple(file.value() for file in self.tokenizer))


def _price(said: MoneyToml, money: Price | None = None) -> Price:
    cached = said.prompt_micro if said.cached_micro is None else said.cached_micro
    return Price(said.prompt_micro, cached, said.completion_micro, money)
