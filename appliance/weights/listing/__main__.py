"""The listing process: one question about a repository, its answer, the end."""

import sys

import msgspec

from appliance.confinement.confine import shut
from appliance.errors import CarrelError
from appliance.outbound.certificates import trusted
from appliance.outbound.ranged.connecting import Dialer
from appliance.weights.fetching.hub import Hub
from appliance.weights.fetching.token_file import read_token
from appliance.weights.listing.reading import read
from appliance.weights.listing.wire import (
    LONGEST_QUESTION_BYTES,
    QUESTION,
    Answer,
    Failed,
    HubPlace,
    Listed,
    ListRepository,
    Question,
    Read,
)


def main() -> int:
    """Whatever is wrong with the hub, the answer says it."""
    shut()
    question = QUESTION.decode(sys.stdin.buffer.read(LONGEST_QUESTION_BYTES))
    try:
        answer = _answer(question)
    except CarrelError as error:
        answer = Failed(error.code, error.message)
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    sys.stdout.buffer.flush()
    return 0


def _answer(question: Question) -> Answer:
    place = question.place
    token = read_token(place.token)
    if isinstance(question, ListRepository):
        return Listed(_hub(place, token).list_files(question.repository, question.revision))
    return Read(read(question, Dialer(trusted(place.ca_file), place.proxy), token))


def _hub(place: HubPlace, token: str) -> Hub:
    return Hub(place.hub, token, place.proxy, place.ca_file)


if __name__ == "__main__":
    sys.exit(main())
