"""What copying does to a key is forgiven; what is no key is told how it looks."""

import pytest

from appliance.edge.callers import key_in
from appliance.errors import NotAuthenticated

KEY = "crl_0123456789"


@pytest.mark.parametrize(
    "value",
    [
        f"Bearer {KEY}",
        f"bearer  {KEY}",
        f"Bearer\t{KEY}",
        f"Bearer {KEY} ",
        f"Bearer {KEY}\t \t",
        f'Bearer "{KEY}"',
        f"Bearer '{KEY}' ",
        f"Bearer `{KEY}`",
        f"Bearer \u201c{KEY}\u201d",
        f"Bearer {KEY}\u00a0",
    ],
)
def test_what_stands_around_a_key_is_forgiven(value):
    assert key_in([(b"authorization", value.encode())]) == KEY
    plain = value.removeprefix("Bearer").removeprefix("bearer")
    assert key_in([(b"x-api-key", plain.encode())]) == KEY


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (KEY, "does not begin with the word Bearer"),
        (f"Basic {KEY}", "does not begin with the word Bearer"),
        (f"Bearer{KEY}", "does not begin with the word Bearer"),
        (f"Bearer Bearer {KEY}", "twice"),
        (f"Bearer {KEY} {KEY}", "does not hold one key"),
        ('Bearer ""', "does not hold one key"),
        ("Bearer " + "a" * 201, "does not hold one key"),
        ("Bearer schl\u00fcssel", "does not hold one key"),
    ],
)
def test_what_is_no_key_is_told_why_and_how_it_looks(value, says):
    with pytest.raises(NotAuthenticated) as refused:
        key_in([(b"authorization", value.encode())])
    assert says in refused.value.message
    assert "`Authorization: Bearer crl_...` is the form" in refused.value.message
    assert KEY not in refused.value.message
