"""Why a request came to nothing, in the words of whoever has to explain it to a student: pure."""

import re
from typing import Final

_ID: Final = re.compile(r"req_[0-9A-Za-z]{4,}")
_MOST_ID: Final = 80

_PLAIN: Final = {
    "invalid_api_key": "The box does not know the key that was sent: it is mistyped, expired or revoked.",
    "not_allowed": "The key is good, but it may not do this.",
    "not_licensed": "The model's license or lease does not let it be used now.",
    "not_permitted": "Who asked may not use this model yet: access, a duty or an agreement is missing.",
    "restricted": "A rule of this lab does not let the model be used this way.",
    "rate_limit_exceeded": "Too many requests came in a short time. Waiting a moment is enough.",
    "insufficient_quota": "The budget is used up: it needs more credits, or a new day.",
    "queue_full": "Too many others were waiting. Trying again later is enough.",
    "person_limit_reached": "As many requests as one person may have at once were running already.",
    "upstream_busy": "The service elsewhere that computes this model was busy.",
    "model_not_found": "There is no model of that name here, or its name is mistyped.",
    "not_found": "What was asked for is not there.",
    "model_not_running": "The model is known, but it does not run.",
    "model_loading": "The model was still being loaded.",
    "queue_timed_out": "It waited for its turn for too long.",
    "context_length_exceeded": "Prompt and answer together are longer than the model can hold.",
    "body_too_large": "What was sent is larger than the box takes.",
    "invalid_request": "What was sent is not what the box expects: the message says which part.",
    "request_timeout": "What was sent did not come in time.",
    "replica_failed": "The model's process broke while it answered. The box starts it again.",
    "upstream_failed": "The service elsewhere that computes this model failed.",
    "insufficient_storage": "The box cannot write to its disk.",
    "offline": "It needs the network, and the box is offline.",
}
_BY_CLASS: Final = {4: "Something in the request was not right.", 5: "Something in the box was not right."}


def request_id_in(text: str) -> str:
    """The id in what somebody pasted: a whole error message, or the id alone; empty where there is none."""
    found = _ID.search(text)
    return found.group()[:_MOST_ID] if found else text.strip()[:_MOST_ID]


def in_plain_words(code: str, status: int) -> str:
    """What an error means for whoever met it."""
    return _PLAIN.get(code) or _BY_CLASS.get(status // 100, "It was not answered.")
