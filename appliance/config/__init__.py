"""Settings: the only reader of the environment, of the configuration file and of platformdirs.

``options`` is what can be set, ``places`` where everything lies, ``loading`` decides between flag,
environment, file and default, ``file`` reads and writes the TOML, ``process`` looks at this process. Nothing
in here is a secret: keys are hashed in the store and shown once, so ``Settings`` may be printed and logged.
"""

from appliance.config.loading import Origin, OriginKind, Settings, Surroundings, load_settings, places_of
from appliance.config.places import Places, UserFolders, prepare_places
from appliance.config.process import from_process, surroundings

__all__ = [
    "Origin",
    "OriginKind",
    "Places",
    "Settings",
    "Surroundings",
    "UserFolders",
    "from_process",
    "load_settings",
    "places_of",
    "prepare_places",
    "surroundings",
]
