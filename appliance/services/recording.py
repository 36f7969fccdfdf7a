"""What the box keeps of a request, in words. It must say what is true: tests hold it against the tables."""

from typing import Final

from appliance.domain.me import Records

OF_EACH_REQUEST: Final = {
    "request_id": "its id",
    "key_id": "the key",
    "person_id": "the person",
    "project_id": "the project",
    "model_id": "the model",
    "recipe_revision": "the revision of the model's recipe",
    "file_sha256": "the hash of the model's file",
    "engine_build": "the build of the engine",
    "started_ms": "when it began",
    "ended_ms": "when it ended",
    "outcome": "how it ended",
    "prompt_tokens": "how many tokens the prompt had",
    "cached_tokens": "how many of them were reused",
    "completion_tokens": "how many tokens the answer had",
    "gpu_ms": "how long it was computed",
    "wall_ms": "how long it took",
    "gflop": "what it cost",
    "hold_gflop": "what was held for it",
    "gflop_of_prompt": "what its prompt could cost",
    "gflop_per_token": "what a token of its answer could cost",
    "resumable": "whether it was a line of a batch",
    "flop_method": "how its cost was counted",
    "kind": "whether answers or a model were computed",
    "op": "whether a chat, a completion or vectors were asked for",
    "report_part": "which report to a registry it was counted in, by day and place, if any",
    "accounts": "which budgets it was taken from",
    "energy_mj": "how much energy it took, where the GPUs tell",
    "money_micro": "what a model elsewhere cost in money, where its price is known",
    "seq": "its place in the order of requests",
}
"""Column of the usage table to what it means."""

_FILES: Final = "Files that you send and that your batches write hold prompts and answers; they are kept"
_ELSEWHERE: Final = (
    "Prompts to models whose `leaves_box` names a host, and their answers, are known to that host too."
)
_SAMPLES: Final = (
    "A random part of requests is put beside the purpose of your project, as these numbers, for a reviewer; "
    "prompt and answer of those only where you agreed, sealed to reviewers' keys. "
    "POST /v1/me/sample/refuse ends it for you, POST /v1/me/sample/choice tells how it stands."
)


def records_of(
    *, file_days: int, usage_days: int = 180, log_days: int = 14, upstreams: bool = False
) -> Records:
    """What is recorded on a box that keeps files, rows and logs for so many days, and may use models hosted
    elsewhere.
    """
    rows = f"Of each request the box keeps what is listed here for {usage_days} days, then sums of the day."
    return Records(
        of_each_request=tuple(OF_EACH_REQUEST.values()),
        statements=(
            rows,
            "Prompts and answers are in no log and no record of usage. Those of requests are forgotten.",
            f"{_FILES} until you delete them, or for {file_days} days, or while a batch needs them.",
            "Of a key it keeps the name, a hash, the last four characters, and when it was made and ends.",
            f"The log has request ids, times, states and errors, for {log_days} days.",
            _SAMPLES,
            *([_ELSEWHERE] if upstreams else ()),
            "Who looks at what, and for how long everything is kept: GET /v1/policy.",
        ),
    )
