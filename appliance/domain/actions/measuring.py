"""What is measured."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Permission, Place
from appliance.domain.actions.rows import integer, text

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "",
        "bench",
        "Measure how an OpenAI-compatible API serves many at once.",
        results.BenchReport,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(
            text("url", "Address of the API, up to and with /v1; this box if left out."),
            text("model", "Model id; the only one that is served if left out."),
            text("concurrency", "Streams at once, one level after the other; 1,8,32 if left out."),
            text("rate", "Instead: requests a second that arrive at random, such as 2 or 1,5,20."),
            text(
                "workload",
                "What is asked: a class with one system prompt, or chats of all lengths.",
                default="shared-prefix",
                choices=("shared-prefix", "chat"),
            ),
            integer("requests", "Requests of each level; 4 a stream if left out.", least=1, most=1_000_000),
            integer("max_tokens", "Longest answer, in tokens.", default=64, least=1, most=1_000_000),
            integer("warmup", "Requests that go before and are not measured.", default=2, most=10_000),
            integer("seed", "Another seed asks other questions.", default=0, most=2**31),
            text("goodput", "Limits in ms that a request must keep to count: ttft:200,tpot:50,e2el:5000."),
            text("plot", "PNG to write; needs the extra `bench`.", most=4096),
        ),
    ),
)
