"""Voice: G.711 passes as it is where two people talk, and is mixed only where more do."""
