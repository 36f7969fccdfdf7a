"""``/compare/poll``: what a class votes on. A browser is given two answers as A and B; which model wrote
which stays here until the vote is over.
"""

from contextlib import AsyncExitStack
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from appliance.domain.generation import GenerationRequest, SamplingWishes
from appliance.domain.prompts import ChatPrompt, Message
from appliance.edge.errors import answer_and_log
from appliance.edge.leaving import while_connected
from appliance.edge.request_ids import request_id_of
from appliance.edge.sending import EventStream
from appliance.errors import BadRequest, CarrelError, NotAuthenticated, NotFound
from appliance.web.acting import act
from appliance.web.blind_stream import blind_stream
from appliance.web.comparing import Column, answered_columns
from appliance.web.errors import is_htmx, to_page
from appliance.web.forms import read_form
from appliance.web.pages import Pages
from appliance.web.parts import WebParts
from appliance.web.polling import ClassPoll, polls_for
from appliance.web.polls import LETTERS, Letter, PollQuestion, question_of
from appliance.web.questions import ModelName
from appliance.web.unnamed import unnamed
from appliance.web.visitors import SignInFirst, require_lead, require_visitor

AnyRequest = Request[Any, Any, Any]

_PING_S: Final = 15.0
_Id = Annotated[str, Meta(min_length=1, max_length=64)]


class PollForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which vote."""

    poll: _Id


class VoteForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which answer was better."""

    poll: _Id
    choice: Literal["a", "b", "tie"]


class AskForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a class is asked."""

    lesson: _Id
    prompt: Annotated[str, Meta(min_length=1, max_length=2000)]
    a: ModelName
    b: ModelName
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 1


class EndForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which class is asked no more."""

    lesson: _Id


def poll_routes(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    """Those of the class, and those of who teaches it."""
    return [*_for_the_class(parts, pages), *_for_the_teacher(parts, pages)]


def _for_the_class(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    @post("/compare/poll/{letter:str}", name="poll_stream", status_code=200)
    async def stream(request: AnyRequest) -> Response[bytes]:
        try:
            return await _streamed(request, parts, _letter(request))
        except SignInFirst:
            return _as_json(request, parts, NotAuthenticated("Your session is over."))
        except CarrelError as refused:
            return _as_json(request, parts, refused)

    @post("/compare/poll", name="poll_answers", status_code=200)
    async def answers(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, PollForm)
        found = await _both(request, parts, form.poll)
        return pages.show(request, "poll_answers.html", one=_own_poll(request, parts), columns=found)

    @post("/compare/vote", name="poll_vote", status_code=200)
    async def vote(request: AnyRequest) -> Response[bytes]:
        form = await read_form(request, VoteForm)
        one = _own_poll(request, parts)
        await act(request, "class.vote", {"name": one.lesson.id, "poll": form.poll, "choice": form.choice})
        if not is_htmx(request):
            return to_page(request, "/compare")
        return pages.show(request, "_tally.html", one=_own_poll(request, parts), voted=form.choice)

    return [stream, answers, vote]


def _for_the_teacher(parts: WebParts, pages: Pages) -> list[HTTPRouteHandler]:
    @get("/compare/tally/{lesson:str}", name="poll_tally")
    async def tally(request: AnyRequest) -> Response[bytes]:
        visitor = require_visitor(request.scope, own=True)
        wanted = request.path_params["lesson"]
        for one in polls_for(visitor, parts):
            if one.lesson.id == wanted:
                return pages.show(request, "_tally.html", one=one, voted="")
        raise NotFound("There is no vote in this class now.")

    @post("/compare/ask", name="poll_ask")
    async def ask(request: AnyRequest) -> Response[bytes]:
        require_lead(request.scope)
        form = await read_form(request, AskForm)
        if form.a == form.b:
            raise BadRequest("Choose two models, or the same one in two forms.", param="b")
        given = {"name": form.lesson, "prompt": form.prompt, "a": form.a, "b": form.b, "seed": form.seed}
        await act(request, "class.poll", given)
        return to_page(request, "/compare")

    @post("/compare/end", name="poll_end")
    async def end(request: AnyRequest) -> Response[bytes]:
        require_lead(request.scope)
        form = await read_form(request, EndForm)
        await act(request, "class.poll", {"name": form.lesson, "end": True})
        return to_page(request, "/compare")

    return [tally, ask, end]


def _letter(request: AnyRequest) -> Letter:
    for one in LETTERS:
        if request.path_params["letter"] == one:
            return one
    raise NotFound("A vote has the answers a and b.")


def _own_poll(request: AnyRequest, parts: WebParts) -> ClassPoll:
    """The vote of the class where the visitor sits. Raises ``NotFound``."""
    for one in polls_for(require_visitor(request.scope), parts):
        if not one.leads:
            return one
    raise NotFound("There is no vote for you now: you sit in no class that goes on.")


def _question(request: AnyRequest, parts: WebParts, poll: str, letter: Letter) -> PollQuestion:
    return question_of(parts.polls, _own_poll(request, parts).lesson.id, poll, letter)


async def _streamed(request: AnyRequest, parts: WebParts, letter: Letter) -> Response[bytes]:
    form = await read_form(request, PollForm)
    asked = _question(request, parts, form.poll, letter)
    caller, request_id = require_visitor(request.scope).caller, request_id_of(request.scope)
    async with AsyncExitStack() as abandoned:
        try:
            async with while_connected(request.receive):
                answer = await abandoned.enter_async_context(
                    parts.answers.ask(caller, _request(asked, request_id))
                )
        except CarrelError as refused:
            raise unnamed(refused, asked.model) from None
        # From here on the stream ends the answer.
        close = abandoned.pop_all().aclose
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    chunks = blind_stream(answer, asked.model, request_id)
    return EventStream(chunks, close=close, ping_s=_PING_S, headers=headers)


async def _both(request: AnyRequest, parts: WebParts, poll: str) -> tuple[Column, ...]:
    """Both answers in one piece, with nothing that says which is which."""
    caller, request_id = require_visitor(request.scope).caller, request_id_of(request.scope)
    asked = [_question(request, parts, poll, letter) for letter in LETTERS]
    requests = [_request(one, f"{request_id}-{place}") for place, one in enumerate(asked)]
    async with while_connected(request.receive):
        columns = await answered_columns(parts.answers, caller, requests, parts.clock)
    return tuple(_blind(one) for one in columns)


def _blind(one: Column) -> Column:
    refused = None if one.refused is None else unnamed(one.refused, one.model)
    return Column(one.letter, "", one.answer, refused)


def _request(asked: PollQuestion, request_id: str) -> GenerationRequest:
    prompt = ChatPrompt((Message("user", asked.prompt),))
    return GenerationRequest(request_id, asked.model, prompt, SamplingWishes(seed=asked.seed))


def _as_json(request: AnyRequest, parts: WebParts, error: CarrelError) -> Response[bytes]:
    """As the API tells errors: a script reads it."""
    answer = answer_and_log(error, request.scope, parts.log)
    return Response(
        answer.body, status_code=answer.status, headers=answer.headers, media_type="application/json"
    )
