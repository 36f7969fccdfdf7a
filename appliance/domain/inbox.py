"""The words of the inbox: what can wait for somebody, and how urgent that is."""

from enum import StrEnum


class Kind(StrEnum):
    """What waits."""

    APPLICATION = "application"
    """For access to a tier or a model, to be decided here."""
    BUDGET_REQUEST = "budget_request"
    INCIDENT = "incident"
    """What a tripwire noticed, nobody has looked at."""
    APPEAL = "appeal"
    """Somebody asks for another look at an incident."""
    SAMPLE = "sample"
    """A request drawn for a spot check."""
    REPORT = "report"
    """A flaw that somebody found in a model."""
    DOWNLOAD_FAILED = "download_failed"
    MODEL_PENDING = "model_pending"
    """A model that does not run, with the reason."""
    LICENSE_MISSING = "license_missing"
    """A model is on the box and may not be loaded."""
    NOTICE = "notice"
    """What the registry tells the operators."""
    CHECK = "check"
    """What the registry wants measured."""
    SHARE_REQUEST = "share_request"
    """An application for a model of this lab."""
    DUTY = "duty"
    """What a project owes for its compute."""
    ALARM = "alarm"
    STORAGE = "storage"
    LEASE_ENDING = "lease_ending"
    MESSAGE_REFUSED = "message_refused"
    """What the registry would not take."""


class Urgency(StrEnum):
    """How long it can wait."""

    NOW = "now"
    """Somebody is stopped by it, or will be within hours."""
    SOON = "soon"
    """Somebody waits, or will be stopped within days."""
    NOTE = "note"
    """It can wait, or is only good to know."""


REVIEWED = frozenset(
    {Kind.APPLICATION, Kind.BUDGET_REQUEST, Kind.INCIDENT, Kind.APPEAL, Kind.SAMPLE, Kind.REPORT}
)
"""Told to reviewers and administrators alone: whose they are is not for everybody who may look."""
MOST_ROWS = 200
