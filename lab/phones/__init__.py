"""Phones behind a UC platform, with a SIP user agent that shares no line with the product's."""
