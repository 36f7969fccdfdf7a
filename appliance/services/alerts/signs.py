"""What is told of incidents, and of what is broken or runs out. Only ids, counts and commands: never what was
said.
"""

import hashlib
from collections.abc import Sequence

from appliance.domain.alerts import AlertLevel, Sign
from appliance.domain.license import Lease
from appliance.domain.oversight import Incident, Level
from appliance.domain.people import Caller
from appliance.domain.results import ModelSummary
from appliance.policy.tripwires.wires import CANARY_KEY

_LEVELS = {Level.WARN: AlertLevel.WARN, Level.THROTTLE: AlertLevel.WARN, Level.HOLD: AlertLevel.URGENT}


def of_incident(incident: Incident, happened: str) -> Sign | None:
    """An incident that was opened, raised or appealed, from the level warn on; and every canary."""
    next_step = f"carrel incident show {incident.id}"
    whose = f"{incident.holder} in {incident.project_id}"
    if happened == "appealed":
        says = f"{whose} appeals incident {incident.id} ({incident.wire})."
        return Sign("appeal", incident.id, AlertLevel.WARN, says, next_step)
    if happened not in {"opened", "raised"}:
        return None
    if incident.wire == CANARY_KEY:
        says = f"A key that nobody was given is used: {incident.key_id}, of {whose}."
        return Sign("canary", incident.key_id, AlertLevel.URGENT, says, next_step)
    if incident.level not in _LEVELS:
        return None
    kind = "hold" if incident.level is Level.HOLD else "incident"
    says = f"Tripwire {incident.wire}: level {incident.level} for {whose}."
    return Sign(kind, incident.id, _LEVELS[incident.level], says, next_step)


def of_key_in_the_clear(caller: Caller) -> Sign:
    """Others on the network can have read a key that is good for long; it was refused."""
    says = f"A key was sent in the clear: {caller.key_id}, of {caller.holder} in {caller.project_id}."
    return Sign("clear", caller.key_id, AlertLevel.WARN, says, f"carrel key revoke {caller.key_id}")


def of_disk(name: str, free_bytes: int, least_bytes: int) -> Sign | None:
    """A folder's disk. Below a quarter of the least it is urgent."""
    if free_bytes >= least_bytes:
        return None
    level = AlertLevel.URGENT if free_bytes < least_bytes // 4 else AlertLevel.WARN
    says = f"{free_bytes // 2**20} MiB are free on the disk of the folder for {name}."
    return Sign("disk", name, level, says, "carrel doctor")


def of_model(model: ModelSummary) -> Sign | None:
    """A model that failed, or whose files are damaged."""
    next_step = f"carrel model show {model.id}"
    if model.state == "failed":
        return Sign("worker", model.id, AlertLevel.URGENT, f"{model.id} is broken and stopped.", next_step)
    if model.damaged:
        return Sign("files", model.id, AlertLevel.URGENT, f"Files of {model.id} are damaged.", next_step)
    return None


def of_lease(lease: Lease | None) -> Sign | None:
    """One that has run out, in its days of grace or after them, or was taken back."""
    if lease is None or lease.state == "valid":
        return None
    level = AlertLevel.WARN if lease.state in {"grace", "clock-suspect"} else AlertLevel.URGENT
    says = f"The lease of {lease.model} is in state {lease.state}."
    return Sign("lease", lease.model, level, says, f"carrel license show {lease.model}")


def of_storage(trouble: str | None) -> Sign | None:
    """Nothing can be recorded any more."""
    if trouble is None:
        return None
    return Sign("storage", "ledger", AlertLevel.URGENT, "Nothing can be recorded any more.", "carrel doctor")


def of_alarms(alarms: Sequence[str]) -> Sequence[Sign]:
    """What `carrel status` warns of, sentence by sentence."""
    return [
        Sign("status", hashlib.sha256(one.encode()).hexdigest()[:12], AlertLevel.WARN, one, "carrel status")
        for one in alarms
    ]


def of_waiting(kind: str, since_ms: Sequence[int], limit_ms: int, now_ms: int, next_step: str) -> Sign | None:
    """People wait for a decision longer than the limit. All of a kind are one matter."""
    late = [one for one in since_ms if now_ms - one >= limit_ms]
    if not late:
        return None
    hours = (now_ms - min(late)) // 3_600_000
    says = f"{len(late)} of kind {kind} wait for a decision, the oldest for {hours} hours."
    return Sign(kind, "queue", AlertLevel.NOTE, says, next_step)


def of_audit(fault: str | None) -> Sign | None:
    """The chain does not hold."""
    if fault is None:
        return None
    says = "The audit log is not what was written."
    return Sign("audit", "log", AlertLevel.URGENT, says, "carrel audit verify")
