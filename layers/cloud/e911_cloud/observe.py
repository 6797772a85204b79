"""Logs hold ids of calls, edges and ERLs, and causes; never a number, a name, an address, a token
or a body.
"""

from __future__ import annotations

from aws_lambda_powertools import Logger


def logger(service: str) -> Logger:
    """The JSON logger of one function. Events are never logged: they hold what logs must not."""
    return Logger(service=service, log_uncaught_exceptions=False)
