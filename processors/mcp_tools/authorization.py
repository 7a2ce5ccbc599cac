"""Tokens for MCP servers that want them, by OAuth 2 client credentials.

The flow: https://modelcontextprotocol.io/extensions/auth/oauth-client-credentials
"""

import warnings

from mcp.client.auth import TokenStorage
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from mcp.shared.exceptions import MCPDeprecationWarning

from processors.mcp_tools.servers import ClientCredentials


class _Memory(TokenStorage):
    """Tokens live as long as the connection: the next one asks for another."""

    def __init__(self) -> None:
        self._tokens: OAuthToken | None = None
        self._client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._client = client_info


def authorization(url: str, credentials: ClientCredentials) -> ClientCredentialsOAuthProvider:
    """What gets a token for the server at ``url``, and a new one when that has expired."""
    with warnings.catch_warnings():
        # The issuer may be left out, as documented: the setting says what that means.
        warnings.simplefilter("ignore", MCPDeprecationWarning)
        return ClientCredentialsOAuthProvider(
            url,
            _Memory(),
            credentials.client_id,
            credentials.client_secret,
            issuer=credentials.issuer,
        )
