"""The domain of an ELIN gateway: pure values and rules, the same in Lambda and on the edge."""
