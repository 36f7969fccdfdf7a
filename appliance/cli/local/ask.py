"""`carrel ask`: one question over HTTP with a key, so counted and authenticated like a student's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.visiting import only_model, own_url, passing_keys
from appliance.client.student import StudentClient
from appliance.config.process import student_key
from appliance.domain.results import Answer
from appliance.errors import NotAuthenticated

_KEY_NAME: Final = "carrel ask"


def ask(desk: Desk, *, question: str, model: str | None, max_tokens: int | None, url: str | None) -> Answer:
    """The model's answer. Raises what the API raises, ``NotAuthenticated`` without a key for another box."""
    with _key(desk, url) as key, StudentClient(url or own_url(desk), key) as client:
        return client.ask(model or only_model(client.models()), question, max_tokens)


@contextmanager
def _key(desk: Desk, url: str | None) -> Iterator[str]:
    """The user's key, or one made for this question and revoked after it."""
    given = student_key(desk.around.environ)
    if given is not None:
        yield given
    elif url is not None:
        raise NotAuthenticated("Set CARREL_API_KEY to a key of that box.")
    else:
        with passing_keys(desk, _KEY_NAME) as (key,):
            yield key


HANDLERS: Final = {"ask": ask}
