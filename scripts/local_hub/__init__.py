"""A hub of this machine: it speaks the file API of the real client, and misbehaves on request.

    with LocalHub(folder) as hub:
        hub.address, hub.commit("owner/name"), hub.switches, hub.seen

``folder`` holds ``owner/name/<files>``. Every file is also at ``<address>/files/owner/name/<path>``, as on a
plain web server, and at ``<address>/mirror/<its sha256>``. ``python -m scripts.local_hub FOLDER`` serves
until its input ends.
"""

from scripts.local_hub.server import LocalHub
from scripts.local_hub.switches import Seen, Switches

__all__ = ["LocalHub", "Seen", "Switches"]
