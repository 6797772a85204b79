"""A client is made once per container and follows AWS_ENDPOINT_URL, and so does pynamodb."""

from __future__ import annotations

import pytest

from e911_cloud import aws
from e911_cloud.tables import LookupRow, bind_tables


@pytest.mark.usefixtures("stack")
def test_clients_and_tables_go_to_the_endpoint_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4599")
    aws.client.cache_clear()
    assert aws.client("sqs").meta.endpoint_url == "http://127.0.0.1:4599"
    assert aws.client("sqs") is aws.client("sqs")
    bind_tables("elsewhere")
    connection = LookupRow._get_connection().connection
    assert connection.client.meta.endpoint_url == "http://127.0.0.1:4599"
    aws.client.cache_clear()
