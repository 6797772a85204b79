"""ISDN, primary and basic rate: a Q.921 link and Q.931 calls that speak legs, without I/O."""
