"""The budgets, measured on real processes: one file per budget, the apparatus in ``bench.rig``."""
