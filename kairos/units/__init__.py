"""The daemon as a systemd service: what its sandbox must let through, and the unit files for that."""

from kairos.units.files import Service, service_for
from kairos.units.installation import Installation, this_installation
from kairos.units.needs import Network, SandboxNeeds, needs_of
from kairos.units.owner import Owner, owner_named, this_owner

__all__ = [
    "Installation",
    "Network",
    "Owner",
    "SandboxNeeds",
    "Service",
    "needs_of",
    "owner_named",
    "service_for",
    "this_installation",
    "this_owner",
]
