"""An operator's arguments as wishes. Pure."""

from appliance.domain.running import RunWishes
from appliance.policy.placement import parse_gpu_numbers


def wishes_of(
    *, replicas: int | None, seats: int | None, context: int | None, deterministic: bool, gpus: str | None
) -> RunWishes:
    """Raises ``BadRequest`` for GPUs that are not written as ``0-3,6`` or ``none``."""
    return RunWishes(
        replicas=replicas,
        seats=seats,
        context_tokens=context,
        gpus=parse_gpu_numbers(gpus or ""),
        deterministic=deterministic,
    )
