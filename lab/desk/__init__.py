"""The security desk of the lab: a receiver of webhooks, and a SIP phone that takes messages."""
