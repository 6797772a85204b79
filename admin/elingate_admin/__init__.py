"""The ``elingate`` command: an administrator's side of the cloud's HTTP API, and nothing else."""
