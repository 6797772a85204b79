"""The AWS of the lab: the project's own template.yaml and its real handlers, on loopback."""

from lab.cloud.control import CloudControl
from lab.cloud.local_cloud import LocalCloud

__all__ = ["CloudControl", "LocalCloud"]
