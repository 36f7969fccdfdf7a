"""The gates that every request goes through, in their order, and who looks on."""

from appliance.domain.clock import Clock
from appliance.services.admission.access import AccessGate
from appliance.services.admission.admission import Admission
from appliance.services.admission.gates import Gate
from appliance.services.admission.licensing import LicenseGate
from appliance.services.admission.watching import Watcher
from appliance.services.classes.gate import ClassGate
from appliance.services.models.models import ModelService
from appliance.services.peers.gate import OwnersWord, PeerGate
from appliance.services.people.standing import StandingGate
from appliance.wiring.duties import Owing
from appliance.wiring.licenses import Licensing
from appliance.wiring.oversight import Oversight
from appliance.wiring.people import People
from appliance.wiring.restrictions import Restricting


def admission(
    models: ModelService,
    there: People,
    *,
    seen: Oversight,
    sampler: Watcher,
    guard: Watcher,
    licensing: Licensing,
    owing: Owing,
    restricting: Restricting,
    lessons: ClassGate,
    first_uses: Watcher,
    clock: Clock,
) -> Admission:
    """Who asks is judged first, then the model for them, then what is asked."""
    peers = licensing.access.loans.peers
    gates: list[Gate] = [
        StandingGate(there.standing),
        lessons,
        seen.hold,
        PeerGate(peers),
        LicenseGate(licensing.permits),
        AccessGate(OwnersWord(licensing.access.rule, peers)),
        owing.gate,
        restricting.gate,
    ]
    watchers: list[Watcher] = [seen.tripping, owing.compute, sampler, guard, first_uses]
    return Admission(
        models.permitting,
        gates,
        clock,
        watchers=watchers,
        refused=restricting.decisions.refused,
        rename=lessons.rename,
    )
