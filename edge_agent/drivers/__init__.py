"""The edge of the edge: sockets, devices, clocks and dice; cores are known here by protocol
only.
"""
