"""Between the edge and the cloud: snapshots down, records up; never beside signalling."""
