"""Every bound of a completion request, one inside and one outside."""

import pytest

from tests.api.text_scripts import reads

INSIDE = [
    ("prompt", "x" * 10_000), ("prompt", ["x"]), ("prompt", ["x"] * 128), ("prompt", [1, 2, 3]),
    ("prompt", [[1], [2, 3]]), ("prompt", [0]), ("prompt", [2**31 - 1]),
    ("max_tokens", 1), ("max_tokens", 2**22), ("max_tokens", None),
    ("n", 1), ("n", 128), ("n", None), ("best_of", 1), ("best_of", None),
    ("echo", False), ("echo", True), ("suffix", ""), ("suffix", None),
    ("logprobs", None), ("logprobs", 0), ("logprobs", 20),
    ("frequency_penalty", 2), ("presence_penalty", -2), ("repetition_penalty", 1.1), ("temperature", 0),
    ("logit_bias", {"5": -100}), ("seed", 2**63 - 1), ("stop", ["x"] * 16),
    ("add_special_tokens", True), ("prompt_logprobs", None), ("user", "ada"),
]  # fmt: skip

OUTSIDE = [
    ("prompt", "x" * 10_001), ("prompt", ["x" * 10_001, "y"]), ("prompt", ["x" * 8_000] * 11), ("prompt", ""),
    ("prompt", []), ("prompt", [""]), ("prompt", ["a", ""]), ("prompt", [[]]), ("prompt", ["x"] * 129),
    ("prompt", [[1]] * 129), ("prompt", [-1]), ("prompt", [2**31]), ("prompt", [1.5]), ("prompt", [True]),
    ("prompt", [["a"]]), ("prompt", [1, "a"]), ("prompt", ["a", [1]]), ("prompt", [1, [1]]),
    ("prompt", [[[1]]]), ("prompt", None), ("prompt", 7), ("prompt", {"a": 1}),
    ("max_tokens", 0), ("max_tokens", -1), ("max_tokens", 2**22 + 1), ("max_tokens", 1.5),
    ("n", 0), ("n", 129), ("best_of", 2), ("best_of", 0),
    ("echo", "yes"), ("suffix", "x"),
    ("logprobs", -1), ("logprobs", 21), ("logprobs", True), ("logprobs", 1.5),
    ("frequency_penalty", 2.1), ("logit_bias", {"a": 1}), ("logit_bias", {"5": 101}),
    ("add_special_tokens", False), ("prompt_logprobs", 1), ("response_format", {"type": "json_object"}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), INSIDE)
async def test_completion_value_inside_its_bound_is_served(served, field, value):
    served.box.script = reads()
    response = await served.complete(**{field: value})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(("field", "value"), OUTSIDE)
async def test_completion_value_outside_its_bound_is_a_400_naming_the_field(served, error_of, field, value):
    response = await served.complete(**{field: value})
    assert response.status_code == 400
    error = error_of(response)
    assert error["type"] == "invalid_request_error"
    assert str(error["param"]).startswith(field)
    assert not served.box.requests


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 0, "echo": True, "n": 2}, "n"),
        ({"n": 3, "best_of": 2}, "best_of"),
        ({"n": 9, "prompt": ["x"] * 114}, "n"),
        ({"echo": True, "logprobs": 20, "prompt": ["x" * 1_000] * 10, "n": 10}, "echo"),
        ({"echo": True, "logprobs": 20, "prompt": [[1] * 2_500], "n": 10}, "echo"),
        ({"repetition_penalty": 1.1, "repeat_penalty": 1.2}, "repeat_penalty"),
    ],
)
async def test_fields_that_do_not_go_together_are_a_400(served, error_of, fields, param):
    response = await served.complete(**fields)
    assert response.status_code == 400
    assert error_of(response)["param"] == param
    assert not served.box.requests


@pytest.mark.parametrize(
    "fields",
    [
        {"max_tokens": 0, "echo": True},
        {"n": 3, "best_of": 3},
        {"n": 3, "best_of": 1},
        {"n": 8, "prompt": ["x"] * 128},
        {"echo": True, "logprobs": 20, "prompt": ["x" * 1_000] * 9, "n": 10},
        {"echo": True, "logprobs": 20, "prompt": [[1] * 2_400], "n": 10},
    ],
)
async def test_fields_that_just_go_together_are_served(served, fields):
    served.box.script = reads()
    response = await served.complete(**fields)
    assert response.status_code == 200, response.text
