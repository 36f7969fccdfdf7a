"""A prompt as text or as token ids, and lists of either."""

from typing import Annotated, Final

from msgspec import Meta

from appliance.api.openai.wire import check_prompt_size
from appliance.domain.prompts import TextPrompt, TokenPrompt
from appliance.errors import BadRequest

MOST_PROMPTS: Final = 128
MOST_TOKENS: Final = 2**18
"""Of one prompt that is token ids already: more than a model reads, and few enough for a frame."""
_PROMPTS_WORTH: Final = 8
"""All texts of a call together may be as long as so many of the longest ones."""

TokenBody = Annotated[int, Meta(ge=0, lt=2**31)]
TokensBody = Annotated[list[TokenBody], Meta(max_length=MOST_TOKENS)]
PromptsBody = str | Annotated[list[str | TokenBody | TokensBody], Meta(max_length=MOST_TOKENS)]
"""A text, texts, token ids, or lists of token ids."""


def read_prompts(
    body: PromptsBody, *, most_bytes: int, field: str = "prompt", most: int = MOST_PROMPTS
) -> tuple[TextPrompt | TokenPrompt, ...]:
    """The prompts, in order; at least one, none empty, no text over ``most_bytes``. Raises ``BadRequest``."""
    prompts = _listed(body, field)
    if not 1 <= len(prompts) <= most:
        raise BadRequest(f"`{field}` must hold 1 to {most} texts, or lists of tokens.", param=field)
    sizes = [_text_bytes(prompt) for prompt in prompts]
    for number, prompt in enumerate(prompts):
        param = field if len(prompts) == 1 else f"{field}[{number}]"
        if not (sizes[number] or (isinstance(prompt, TokenPrompt) and prompt.tokens)):
            raise BadRequest(f"`{param}` must not be empty.", param=param)
        check_prompt_size(sizes[number], most_bytes, param)
    check_prompt_size(sum(sizes), most_bytes * _PROMPTS_WORTH, field)
    return prompts


def _text_bytes(prompt: TextPrompt | TokenPrompt) -> int:
    return len(prompt.text.encode()) if isinstance(prompt, TextPrompt) else 0


def _listed(body: PromptsBody, field: str) -> tuple[TextPrompt | TokenPrompt, ...]:
    if isinstance(body, str):
        return (TextPrompt(body),)
    texts = [one for one in body if isinstance(one, str)]
    if body and len(texts) == len(body):
        return tuple(map(TextPrompt, texts))
    tokens = [one for one in body if isinstance(one, int)]
    if body and len(tokens) == len(body):
        return (TokenPrompt(tuple(tokens)),)
    lists = [tuple(one) for one in body if isinstance(one, list)]
    if len(lists) == len(body):
        return tuple(map(TokenPrompt, lists))
    raise BadRequest(f"`{field}` mixes texts, token ids and lists; send one kind.", param=field)
