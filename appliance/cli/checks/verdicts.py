"""The three verdicts of a check."""

from appliance.domain.results import Check


def ok(id: str, reason: str) -> Check:
    """Nothing to do."""
    return Check(id=id, state="ok", reason=reason, fix="")


def warn(id: str, reason: str, fix: str) -> Check:
    """The box runs, with less than it could have."""
    return Check(id=id, state="warn", reason=reason, fix=fix)


def fail(id: str, reason: str, fix: str) -> Check:
    """The box does not run, or not safely."""
    return Check(id=id, state="fail", reason=reason, fix=fix)
