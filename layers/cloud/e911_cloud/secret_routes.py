"""The routes of what is shown once, or not at all: client tokens, webhook secrets, the public half
of the signing key.
"""

from __future__ import annotations

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from e911_cloud.documents import Id, SecretAnswer, SigningKey, TokenAnswer, TokenRequest
from e911_cloud.drafts import Drafts
from e911_cloud.parameters import Secrets
from e911_cloud.signer import Signer
from e911_cloud.tokens import Tokens


def add_secret_routes(
    app: APIGatewayHttpResolver, drafts: Drafts, tokens: Tokens, secrets: Secrets, signer: Signer
) -> None:
    """Add the routes to ``app``."""

    @app.post("/v1/branches/<branch>/token")
    def make_token(branch: Id, request: TokenRequest | None = None) -> TokenAnswer:
        asked = request or TokenRequest()
        return TokenAnswer(token=tokens.make(branch, asked.networks))

    @app.post("/v1/webhooks/<target>/secret")
    def make_secret(target: Id) -> SecretAnswer:
        drafts.get("target", target)
        return SecretAnswer(secret=secrets.make_webhook_secret(target))

    @app.get("/v1/signing-key")
    def signing_key() -> SigningKey:
        return SigningKey.model_validate(signer.public_key(), from_attributes=True)
