"""What the budgets are measured with: an agent, a phone, an exchange, a cloud, and a stopwatch."""
