"""The edge agent: places emergency calls on the trunk and brings callbacks home, needing neither
cloud nor disk."""
