"""``share entry``: the recipe under which other labs know a model of this box that they may only ask."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.catalog.drafting.text import recipe_text
from appliance.catalog.publishing.sharing import shared_id
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.sharing_shape import RecordToml, SharingToml
from appliance.catalog.toml_shape import RecipeToml
from appliance.catalog.upstream_shape import PriceToml, UpstreamToml
from appliance.domain.recipe import Recipe
from appliance.domain.restriction import NO_LIMITS, Limits, Restriction, Scope
from appliance.domain.results import Result
from appliance.domain.results.peers import AccessEntry
from appliance.domain.shapes import ModelShapes
from appliance.domain.upstream import Feature
from appliance.errors import BadRequest, ConfigInvalid
from appliance.outbound.address import Address
from appliance.policy.amounts import USUAL_ANSWER_TOKENS, USUAL_PROMPT_TOKENS
from appliance.policy.budget import parse_credits
from appliance.policy.flops import gflop
from appliance.policy.restrictions.combining import Rule
from appliance.services.peers.ports import Catalog, OwnList, SealingKey
from appliance.services.peers.record import record_in
from appliance.services.restrictions.written import Wanted, read
from appliance.services.sharing.ports import Identity, organization_of

_MILLION: Final = 10**6
_FEATURES: Final[tuple[Feature, ...]] = ("completions", "tools", "schemas", "logprobs", "seed", "sampling")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the owner adds to the recipe."""

    organization: str
    address: str
    plain_http: bool
    tier: str
    price: PriceToml
    record: RecordToml
    limits: Limits
    why: str
    sealing_key: str


class OfferService:
    """``shapes_of`` tells what a token of a model that runs costs; None where it does not run."""

    def __init__(
        self,
        catalog: Catalog,
        identity: Identity,
        own: OwnList,
        sealing: SealingKey,
        shapes_of: Callable[[Recipe], ModelShapes | None],
    ) -> None:
        self._catalog = catalog
        self._identity = identity
        self._own = own
        self._sealing = sealing
        self._shapes_of = shapes_of

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"share.entry": self.entry}

    async def entry(
        self,
        *,
        model: str,
        record: str,
        address: str,
        tier: str | None,
        restrictions: str | None,
        prompt_credits: str | None,
        answer_credits: str | None,
    ) -> AccessEntry:
        """Raises ``ModelNotFound``, ``BadRequest``, ``Conflict``, ``NotAllowed``."""
        organization = organization_of(self._identity)
        hosted, form = self._catalog.find(model)
        _refuse_unhosted(hosted)
        wanted = _restrictions(restrictions)
        terms = Terms(
            organization=organization,
            address=_checked(address),
            plain_http=address.startswith("http://"),
            tier=tier or hosted.tier,
            price=self._price(hosted, prompt_credits, answer_credits),
            record=record_in(record),
            limits=NO_LIMITS if wanted is None else wanted.limits,
            why="" if wanted is None else wanted.why,
            sealing_key=await asyncio.to_thread(self._sealing.public),
        )
        said = decode_recipe(self._catalog.toml_of(hosted.id), "of this model")
        made = _entry(said, terms, hosted.model_id(form))
        numbered = msgspec.structs.replace(made, revision=self._revision(made))
        toml = recipe_text(numbered, {})
        _require_readable(toml)
        return AccessEntry(
            model=numbered.id, revision=numbered.revision, organization=organization, toml=toml
        )

    def _price(self, hosted: Recipe, prompt: str | None, answer: str | None) -> PriceToml:
        """As it was said for a million tokens, else what their arithmetic costs here."""
        if prompt is not None and answer is not None:
            return PriceToml(parse_credits(prompt) or 0, parse_credits(answer) or 0)
        shapes = hosted.shapes or self._shapes_of(hosted)
        if shapes is None or prompt is not None or answer is not None:
            raise BadRequest(
                f"Say what {hosted.id} costs, with --prompt-credits and --answer-credits for a million "
                "tokens each; while it runs it can be reckoned from its arithmetic."
            )
        reading = gflop(shapes, prompt_tokens=USUAL_PROMPT_TOKENS, cached_tokens=0, generated_tokens=0)
        both = gflop(
            shapes,
            prompt_tokens=USUAL_PROMPT_TOKENS,
            cached_tokens=0,
            generated_tokens=USUAL_ANSWER_TOKENS,
        )
        return PriceToml(
            -(-reading * _MILLION // USUAL_PROMPT_TOKENS),
            -(-(both - reading) * _MILLION // USUAL_ANSWER_TOKENS),
        )

    def _revision(self, made: RecipeToml) -> int:
        """One more than the one that is listed, unless that says the same."""
        for one in self._own.models:
            if one.recipe.id == made.id:
                same = msgspec.structs.replace(made, revision=one.recipe.revision).value()
                return one.recipe.revision + (0 if same == one.recipe else 1)
        return 1


def _entry(said: RecipeToml, terms: Terms, hosted: str) -> RecipeToml:
    record = {field: getattr(terms.record, field) for field in RecordToml.__struct_fields__}
    chat: tuple[Feature, ...] = ("chat",) if said.chat_template is not None else ()
    try:
        return RecipeToml(
            id=shared_id(terms.organization, said.id),
            revision=1,
            title=said.title,
            summary=said.summary,
            license=said.license,
            tier=terms.tier,  # type: ignore[arg-type]
            context_tokens=said.context_tokens,
            max_sequences=said.max_sequences,
            defaults=said.defaults,
            known_limits=said.known_limits,
            upstream=UpstreamToml(
                name=terms.organization,
                address=terms.address,
                model=hosted,
                price=terms.price,
                features=(*chat, *_FEATURES),
                plain_http=terms.plain_http,
            ),
            sharing=SharingToml(
                **record,
                organization=terms.organization,
                kind="access",
                restrictions=terms.limits,
                why=terms.why,
                sealing_key=terms.sealing_key,
            ),
        )
    except ValueError as error:
        raise BadRequest(f"The model cannot be listed: {error}.") from error


def _refuse_unhosted(hosted: Recipe) -> None:
    if hosted.upstream is not None or hosted.draft:
        raise BadRequest(f"{hosted.id} does not run on this box, so nobody can be let ask it here.")
    if hosted.pooling or hosted.guard:
        raise BadRequest(f"{hosted.id} does not answer in words; only such models can be asked elsewhere.")


def _checked(address: str) -> str:
    try:
        base = Address.parse(address, plain_http=True).base
    except ConfigInvalid as error:
        raise BadRequest(f"`address` cannot be used: {error.message}", param="address") from error
    return base if base.endswith("/v1") else f"{base}/v1"


def _restrictions(text: str | None) -> Wanted | None:
    if text is None:
        return None
    found = read(text)
    if len(found) != 1:
        raise BadRequest(
            "The file of restrictions says one thing, of this model; `carrel restriction show` prints the "
            "form.",
            param="restrictions",
        )
    Rule.of(Restriction(Scope("owner", "new"), 0, found[0].limits, found[0].why, "", 0))
    return found[0]


def _require_readable(toml: str) -> None:
    try:
        decode_recipe(toml.encode(), "to be shared")
    except ConfigInvalid as error:
        raise BadRequest(f"The model cannot be shared: {error.message}") from error
