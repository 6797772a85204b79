"""SIP without I/O: a back-to-back user agent's half of a call, from datagram to leg event and
back.
"""
