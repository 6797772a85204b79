"""What an operator sees of the agent, and how its parts are kept alive."""
