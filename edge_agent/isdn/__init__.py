"""ISDN primary rate, user side: a Q.921 link and Q.931 calls that speak the leg language, without
I/O.
"""
