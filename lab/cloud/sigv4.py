"""Is this request signed by whom it says: botocore's own signer recomputes the signature."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SignerCredentials

from lab.cloud.errors import AccessDenied
from lab.cloud.iam import CredentialStore, Identity
from lab.cloud.web import Request

_HEADER: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
_SKEW: Final = timedelta(minutes=5)
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"


def verify(request: Request, store: CredentialStore, service: str, region: str) -> Identity:
    """Who signed ``request``; raises AccessDenied with the reason otherwise.

    The date must be within five minutes, host and date must be among the signed headers, and the
    body must be the one that was signed (for S3 it may be left unsigned, as AWS allows).
    """
    match = _HEADER.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        raise AccessDenied("no AWS signature version 4")
    key, day, its_region, its_service, names, signature = match.groups()
    if (its_region, its_service) != (region, service):
        raise AccessDenied(f"signed for {its_service} in {its_region}")
    stamp = request.headers.get("x-amz-date", "")
    utc = datetime.now(UTC)
    _check_date(stamp, day, utc)
    signed = names.split(";")
    if not {"host", "x-amz-date"} <= set(signed):
        raise AccessDenied("host and x-amz-date must be signed")
    _check_body(request, service)
    token = request.headers.get("x-amz-security-token", "")
    credentials, identity = store.find(key, token, utc)
    again = _signature(request, signed, stamp, credentials.key, credentials.secret, service, region)
    if not hmac.compare_digest(again, signature):
        raise AccessDenied("the signature does not match")
    return identity


def _check_date(stamp: str, day: str, utc: datetime) -> None:
    try:
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise AccessDenied("no readable x-amz-date") from error
    if not stamp.startswith(day) or abs(utc - at) > _SKEW:
        raise AccessDenied("the signature is not of now")


def _check_body(request: Request, service: str) -> None:
    declared = request.headers.get("x-amz-content-sha256")
    if declared is None or (service == "s3" and declared == _UNSIGNED):
        return  # without the header the signature itself covers the body's hash
    if declared != hashlib.sha256(request.body).hexdigest():
        raise AccessDenied("the body is not the one that was signed")


def _signature(
    request: Request,
    signed: list[str],
    stamp: str,
    key: str,
    secret: str,
    service: str,
    region: str,
) -> str:
    host = request.headers.get("host", "")
    again = AWSRequest(
        method=request.method,
        url=f"http://{host}{request.target}",
        headers={name: request.headers.get(name, "") for name in signed},
        data=request.body,
    )
    again.context["timestamp"] = stamp
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    signer: Any = kind(SignerCredentials(key, secret), service, region)
    canonical = signer.canonical_request(again)
    return str(signer.signature(signer.string_to_sign(again, canonical), again))
