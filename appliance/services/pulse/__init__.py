"""What the box does from second to second: looked at once a second and kept in memory for ten minutes, its
hardware for an hour. Nothing of it is written down, and no token costs anything for it.
"""

from appliance.services.pulse.sampling import Sampler
from appliance.services.pulse.service import PulseService
from appliance.services.pulse.tally import Tally

__all__ = ["PulseService", "Sampler", "Tally"]
