"""The header ``x-carrel-notice``: what a caller is told beside an answer, such as that their use is odd."""

from typing import Final

from appliance.domain.generation import Accepted

MOST_CHARACTERS: Final = 1000
"""Of all sentences together: clients and proxies bound what a header may be."""


def notice_header(accepted: Accepted) -> dict[str, str]:
    """Nothing where there is nothing to tell. Printable ASCII; other characters become ``?``."""
    if not accepted.notices:
        return {}
    text = " ".join(" ".join(accepted.notices).split())
    plain = text.encode("ascii", "replace").decode("ascii")
    shown = "".join(one if one.isprintable() else "?" for one in plain)
    return {"x-carrel-notice": shown[:MOST_CHARACTERS]}
