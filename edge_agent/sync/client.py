"""The cloud as the edge reaches it: objects from S3, records by signed POST, short-lived keys.

The only import of boto3 on the edge. Every call ends within seconds; an edge's certificate is
exchanged at the credential provider for keys that live for an hour.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config as ClientConfig
from botocore.credentials import CredentialResolver, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session
from botocore.session import Session

from e911.wire import Document
from edge_agent.sync.puller import Absent, Failed, Fetched, NotModified
from edge_agent.sync.pusher import Posted, Unposted

TIMEOUT_S = 5.0
LARGEST_OBJECT = 512 << 20
METHOD = "device-certificate"


class CredentialsRefused(Exception):
    """The credential provider does not know this certificate or this thing."""


UNREACHED = (BotoCoreError, CredentialsRefused, OSError, ValueError, KeyError)
"""What a call may end with where network, provider or answer is not what it should be."""


class CredentialSource(Protocol):
    """Where short-lived keys come from."""

    def fetch(self) -> dict[str, str]:
        """``access_key``, ``secret_key``, ``token`` and ``expiry_time`` (ISO 8601).

        Raises:
            CredentialsRefused: the answer is no.
            BotoCoreError: nobody answered.
        """


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """The certificate of this edge, exchanged at AWS IoT's credential provider by mutual TLS."""

    endpoint: str
    role_alias: str
    thing: str
    ca: Path
    certificate: Path
    key: Path

    def fetch(self) -> dict[str, str]:
        """Ask ``GET /role-aliases/{alias}/credentials``."""
        url = f"{self.endpoint.rstrip('/')}/role-aliases/{self.role_alias}/credentials"
        request = AWSRequest("GET", url, headers={"x-amzn-iot-thingname": self.thing})
        http = URLLib3Session(
            verify=str(self.ca),
            timeout=TIMEOUT_S,
            client_cert=(str(self.certificate), str(self.key)),
        )
        response = http.send(request.prepare())
        if response.status_code != 200:
            raise CredentialsRefused(f"HTTP {response.status_code}")
        keys = json.loads(response.content)["credentials"]
        return {
            "access_key": keys["accessKeyId"],
            "secret_key": keys["secretAccessKey"],
            "token": keys["sessionToken"],
            "expiry_time": keys["expiration"],
        }


class Cloud:
    """One edge's view of its cloud."""

    def __init__(
        self,
        source: CredentialSource,
        *,
        region: str,
        bucket: str,
        api: str,
        edge: str,
        aws_endpoint: str = "",
    ) -> None:
        self._session = Session()
        self._session.register_component(
            "credential_provider", CredentialResolver([_Provider(source)])
        )
        self._region = region
        self._bucket = bucket
        self._records = f"{api.rstrip('/')}/v1/edges/{edge}/records"
        self._http = URLLib3Session(timeout=TIMEOUT_S)
        self._s3: Any = boto3.Session(botocore_session=self._session).client(
            "s3",
            region_name=region,
            endpoint_url=aws_endpoint or None,
            config=ClientConfig(
                connect_timeout=TIMEOUT_S,
                read_timeout=TIMEOUT_S,
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path" if aws_endpoint else "auto"},
            ),
        )

    def get(self, key: str, etag: str = "") -> Fetched | NotModified | Absent | Failed:
        """One object, or only the news that it is what it was."""
        condition = {"IfNoneMatch": etag} if etag else {}
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key, **condition)
            if answer["ContentLength"] > LARGEST_OBJECT:
                return Failed("is larger than any snapshot")
            return Fetched(answer["Body"].read(), answer["ETag"])
        except ClientError as error:
            return _no_object(error)
        except UNREACHED as error:
            return Failed(type(error).__name__)

    def post(self, records: tuple[Document, ...]) -> Posted | Unposted:
        """Send records, signed for ``execute-api``."""
        body = json.dumps({"records": list(records)}).encode()
        request = AWSRequest(
            "POST", self._records, data=body, headers={"content-type": "application/json"}
        )
        try:
            credentials = self._session.get_credentials()
            SigV4Auth(credentials, "execute-api", self._region).add_auth(request)
            response = self._http.send(request.prepare())
        except UNREACHED as error:
            return Unposted(type(error).__name__)
        if response.status_code != 200:
            return Unposted(f"HTTP {response.status_code}", response.status_code)
        return _posted(response.content)


class _Provider:
    """What botocore asks for credentials; it refreshes them itself before they end."""

    METHOD = METHOD

    def __init__(self, source: CredentialSource) -> None:
        self._source = source

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._source.fetch, METHOD)


def _no_object(error: ClientError) -> NotModified | Absent | Failed:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    if status == 304:
        return NotModified()
    if status == 404 or code == "AccessDenied":
        return Absent()
    return Failed(f"HTTP {status} {code}")


def _posted(content: bytes) -> Posted | Unposted:
    try:
        answer = json.loads(content)
        refused = {str(each["id"]): str(each["reason"]) for each in answer["refused"]}
        return Posted(frozenset(map(str, answer["taken"])), refused)
    except (ValueError, KeyError, TypeError):
        return Unposted("the answer is not understood")
