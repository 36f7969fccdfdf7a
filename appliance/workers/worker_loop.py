"""What a worker does: drive one engine, hear the gateway between steps, tell each step in one frame."""

from appliance.engines.base import Engine
from appliance.workers.child_channel import ChildChannel
from appliance.workers.frames import Cancel, FrameError, Step, Stop, Submit, ToChild
from appliance.workers.pulse import Pulse


def serve(engine: Engine, channel: ChildChannel, pulse: Pulse) -> None:
    """Work until ``Stop``. Raises ``GatewayGone``, ``FrameError``, ``RunnerBroken``."""
    while True:
        for command in channel.wait() if engine.idle else channel.drain():
            if isinstance(command, Stop):
                return
            _apply(engine, command)
        if not engine.idle:
            pulse.step_begins()
            report = engine.step()
            pulse.step_ends()
            channel.send(Step(report.events, report.free))


def _apply(engine: Engine, command: ToChild) -> None:
    match command:
        case Submit(work=work):
            engine.submit(work)
        case Cancel(id=work_id):
            engine.cancel(work_id)
        case _:
            raise FrameError(f"a worker takes no {type(command).__name__}")
