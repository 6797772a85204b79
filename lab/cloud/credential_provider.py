"""The lab's IoT credential provider: an edge's certificate in, short-lived keys of its role out.

As AWS does it: ``GET /role-aliases/{alias}/credentials`` over mutual TLS with the thing's name in
``x-amzn-iot-thingname``. A certificate of another authority fails in the handshake; one whose
common name is not the thing gets 403.
"""

import hashlib
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from lab.cloud.iam import CredentialStore, Statement, now, role_statements, trusted_services
from lab.cloud.identity import CertificateAuthority
from lab.cloud.resources import Stack
from lab.cloud.template import ROLE, ROLE_ALIAS
from lab.cloud.web import LoopbackServer, Reply, Request

_PATH: Final = re.compile(r"/role-aliases/([^/]+)/credentials")
_SERVICE: Final = "credentials.iot.amazonaws.com"
DEFAULT_ALIAS: Final = "elingate-edge"
_LIFETIME_S: Final = 3600.0  # what AWS takes where the alias says nothing


@dataclass(frozen=True, slots=True)
class EdgeRole:
    """The role that an alias stands for."""

    alias: str
    name: str
    statements: tuple[Statement, ...]
    lifetime_s: float


def edge_roles(stack: Stack) -> dict[str, EdgeRole]:
    """Alias to role: of each RoleAlias, else of the one role that trusts the provider."""
    roles = {name: p for name, p in stack.template.of_type(ROLE) if stack.exists(name)}
    aliases: dict[str, EdgeRole] = {}
    for _, properties in stack.template.of_type(ROLE_ALIAS):
        spec = stack.resolve(properties)
        name = str(spec["RoleArn"]).rsplit("/", 1)[1]
        alias = str(spec["RoleAlias"])
        lifetime_s = float(spec.get("CredentialDurationSeconds", _LIFETIME_S))
        aliases[alias] = _role(stack, alias, name, roles[name], lifetime_s)
    if not aliases:
        for name, role in roles.items():
            if _SERVICE in trusted_services(role):
                aliases[DEFAULT_ALIAS] = _role(stack, DEFAULT_ALIAS, name, role, _LIFETIME_S)
    return aliases


class CredentialProvider:
    """Exchanges a certificate for the keys of a session that carries the thing's name.

    ``lifetime_s`` replaces what the template says, where it is given.
    """

    def __init__(
        self, roles: Mapping[str, EdgeRole], store: CredentialStore, lifetime_s: float | None
    ) -> None:
        self._roles = roles
        self._store = store
        self._lifetime_s = lifetime_s

    def serve(self, authority: CertificateAuthority, port: int) -> LoopbackServer:
        """Answer over mutual TLS; only certificates of ``authority`` get through the handshake."""
        own = authority.issue("localhost", server=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(own.certificate, own.key)
        tls.load_verify_locations(authority.ca)
        tls.verify_mode = ssl.CERT_REQUIRED
        return LoopbackServer(self.answer, port, tls).start()

    def answer(self, request: Request) -> Reply:
        """The keys, or 403 as AWS says it."""
        match = _PATH.fullmatch(request.path)
        role = self._roles.get(match[1]) if match else None
        thing = request.headers.get("x-amzn-iot-thingname", "")
        if role is None or not thing or thing != _common_name(request.certificate):
            return Reply.of(403, {"message": "Access Denied"})
        session = hashlib.sha256(request.certificate).hexdigest()  # AWS: the certificate's id
        keys = self._store.issue(
            role.name,
            session,
            role.statements,
            {"credentials-iot:ThingName": thing},
            role.lifetime_s if self._lifetime_s is None else self._lifetime_s,
            now(),
        )
        expires = keys.expires.strftime("%Y-%m-%dT%H:%M:%SZ") if keys.expires else ""
        document = {
            "accessKeyId": keys.key,
            "secretAccessKey": keys.secret,
            "sessionToken": keys.token,
            "expiration": expires,
        }
        return Reply.of(200, {"credentials": document})


def _role(
    stack: Stack, alias: str, name: str, role: Mapping[str, Any], lifetime_s: float
) -> EdgeRole:
    return EdgeRole(alias, name, role_statements(stack.resolve(role)), lifetime_s)


def _common_name(certificate: bytes) -> str:
    subject = x509.load_der_x509_certificate(certificate).subject
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""
