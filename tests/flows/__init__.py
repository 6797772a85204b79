"""Playbooks over the gateway: whole calls, told leg by leg."""
