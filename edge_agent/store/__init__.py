"""What the edge keeps on disk: bindings, records on their way, verified snapshots."""
