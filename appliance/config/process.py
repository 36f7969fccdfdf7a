"""Looks at this process: its environment, its user, its cores. Nothing else in Carrel does."""

import os
import socket
from collections.abc import Mapping
from typing import Final

from platformdirs import PlatformDirs

from appliance.config.loading import Settings, Surroundings, as_variables, load_settings
from appliance.config.places import UserFolders

_KEY_PREFIX: Final = "crl_"
_FOR_GATEWAY: Final = frozenset(
    {"HF_ENDPOINT", "HOME", "USER", "LOGNAME", "PATH", "TMPDIR", "TZ", "LANG", "LD_LIBRARY_PATH"}
)
_FOR_GATEWAY_PREFIXES: Final = ("CARREL_", "XDG_", "LC_", "OMP_", "CUDA_", "NVIDIA_", "PYTHON")


def surroundings(environ: Mapping[str, str] | None = None) -> Surroundings:
    """This process's surroundings; tests give an environment of their own."""
    dirs = PlatformDirs("carrel", appauthor=False)
    folders = UserFolders(
        config=dirs.user_config_path,
        data=dirs.user_data_path,
        state=dirs.user_state_path,
        log=dirs.user_log_path,
    )
    return Surroundings(
        environ=dict(os.environ) if environ is None else environ,
        uid=os.getuid(),
        cores=len(os.sched_getaffinity(0)),
        folders=folders,
        host_name=socket.gethostname(),
    )


def from_process(flags: Mapping[str, object] | None = None) -> Settings:
    """The settings of this process. Raises ``ConfigInvalid``."""
    return load_settings(surroundings(), flags)


def student_key(environ: Mapping[str, str]) -> str | None:
    """The key that the user set for this box, or None.

    ``OPENAI_API_KEY`` counts only if it is one of ours: a key of another service is not sent to this box.
    """
    own = environ.get("CARREL_API_KEY", "").strip()
    other = environ.get("OPENAI_API_KEY", "").strip()
    return own or (other if other.startswith(_KEY_PREFIX) else "") or None


def foreign_key(environ: Mapping[str, str]) -> str | None:
    """The key for an address that the user named: any service's, as its own clients read it, or None."""
    return environ.get("OPENAI_API_KEY", "").strip() or environ.get("CARREL_API_KEY", "").strip() or None


def gateway_environment(environ: Mapping[str, str], flags: Mapping[str, object]) -> dict[str, str]:
    """What a gateway started in the background gets of the operator's environment: no keys, no tokens.

    ``flags`` are settings of the command line; the gateway sees them as variables.
    """
    kept = {name: value for name, value in environ.items() if _is_for_gateway(name)}
    return {**kept, **as_variables(flags)}


def _is_for_gateway(name: str) -> bool:
    return name != "CARREL_API_KEY" and (name in _FOR_GATEWAY or name.startswith(_FOR_GATEWAY_PREFIXES))
