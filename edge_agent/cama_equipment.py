"""What the CAMA core is told of a trunk: its carrier's interface sheet, in the core's own terms."""

from __future__ import annotations

from edge_agent.config import Config
from edge_agent.doors import CamaWire


def cama_trunks(config: Config) -> dict[str, CamaWire]:
    """The CAMA trunks by name, each with its spans."""
    return {}
