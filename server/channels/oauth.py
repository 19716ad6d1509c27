"""OAuth 2.0 (RFC 6749): access tokens for providers that take no passwords.

How somebody lets us in the first time is in `oauth_sign_in`.
"""

from __future__ import annotations

import asyncio

import httpx
import msgspec

from server.channels.base import Refused, SendError, TryAgain, Vault
from server.channels.foreign import scalar, string
from server.facts import Failure

#: the two ways to an access token: from what somebody's sign-in left behind, or as an application of its own
GRANTS = ("refresh_token", "client_credentials")

#: seconds that the endpoint may take
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
#: a token is renewed so many seconds before it ends, but not before so much of its life is over
EARLY_SECONDS, SHARE = 300.0, 0.5
#: seconds a token holds if the provider does not say
UNTOLD_SECONDS = 300.0
#: characters of a token or code
TOKEN_LIMIT = 16_384

#: errors (RFC 6749, OpenID Connect, RFC 8628) that only somebody's signing in again will mend
_ENDED = frozenset(
    {
        "invalid_grant",
        "interaction_required",
        "login_required",
        "consent_required",
        "access_denied",
        "authorization_declined",
        "expired_token",
    }
)
_FOR_NOW = frozenset({"temporarily_unavailable", "server_error"})


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider knows us as, and where its endpoints are. Nobody signs in if `grant` is client_credentials."""

    token_url: str
    client_id: str
    client_secret: str = ""
    scope: str = ""
    grant: str = GRANTS[0]
    authorize_url: str = ""
    device_url: str = ""


class OAuthError(Refused):
    """The provider's answer was an error. `error`: its code."""

    def __init__(self, failure: Failure, error: str) -> None:
        super().__init__(failure)
        self.error = error


async def ask(client: Client, url: str, form: dict[str, str], http: httpx.AsyncClient) -> dict[str, object]:
    """What an endpoint answers. Raises OAuthError, Refused or TryAgain; their words hold nothing of the request."""
    own = {"client_id": client.client_id, "client_secret": client.client_secret, "scope": client.scope}
    try:
        response = await http.post(
            url,
            data={name: value for name, value in (own | form).items() if value},
            headers={"Accept": "application/json"},
            timeout=TIMEOUT,
            follow_redirects=False,
        )
    except httpx.HTTPError as error:
        raise TryAgain(Failure(reason="provider_down", detail=f"{type(error).__name__}: {error}"[:300])) from error
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        answer = None
    if response.is_success and isinstance(answer, dict) and not answer.get("error"):
        return answer
    raise _error(response, answer if isinstance(answer, dict) else {})


def _error(response: httpx.Response, answer: dict[str, object]) -> SendError:
    code = scalar(answer.get("error"))
    detail = " ".join(scalar(answer.get("error_description"), 1000).split())[:300]
    if not (code or detail):
        detail = f"HTTP {response.status_code}, and no answer of OAuth 2"
    if response.status_code == 429 or code == "slow_down":
        after = response.headers.get("retry-after", "")
        return TryAgain(
            Failure(reason="rate", code=code, detail=detail), int(after) * 1000 if after.isdecimal() else None
        )
    if code in _FOR_NOW or response.is_server_error or response.is_success:
        return TryAgain(Failure(reason="provider_down", code=code, detail=detail))
    return OAuthError(Failure(reason="sign_in" if code in _ENDED else "token", code=code, detail=detail), code)


class Tokens:
    """The access tokens of one channel: fetched when one is needed, in memory until shortly before they end.

    `refresh_token`: as the settings have it. A new one that the provider gives goes into the vault before the access
    token is used; many providers take the old one no more.
    """

    def __init__(self, client: Client, refresh_token: str) -> None:
        self.client = client
        self._refresh_token = refresh_token
        self._token = ""
        self._until = 0.0

    async def token(self, vault: Vault, http: httpx.AsyncClient, refused: str = "") -> str:
        """An access token that holds for a while; not `refused`, which a server did not take. Raises Refused or
        TryAgain. Whoever asks may be cancelled: a renewal that is on its way ends all the same, lest it be lost."""
        if self._holds(refused):
            return self._token
        renewal = asyncio.ensure_future(self._renewed(vault, http, refused))
        renewal.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(renewal)

    def _holds(self, refused: str) -> bool:
        return self._token not in ("", refused) and asyncio.get_running_loop().time() < self._until

    async def _renewed(self, vault: Vault, http: httpx.AsyncClient, refused: str) -> str:
        async with vault.lock:
            if not self._holds(refused):
                self._token = ""  # refused, or too old: not to be had again if there is no new one
                began = asyncio.get_running_loop().time()
                answer = await self._granted(vault, http)
                self._token = string(answer.get("access_token"), TOKEN_LIMIT)
                if not self._token:
                    raise TryAgain(Failure(reason="provider_down", detail="the answer has no access token"))
                lasts = seconds(answer.get("expires_in"), UNTOLD_SECONDS)
                self._until = began + max(lasts - EARLY_SECONDS, lasts * SHARE)
            return self._token

    async def _granted(self, vault: Vault, http: httpx.AsyncClient) -> dict[str, object]:
        form = {"grant_type": self.client.grant}
        if self.client.grant != "refresh_token":
            return await ask(self.client, self.client.token_url, form, http)
        before = await vault.current("refresh_token", self._refresh_token)
        if not before:
            raise Refused(Failure(reason="sign_in"))  # nobody has signed in yet
        answer = await ask(self.client, self.client.token_url, form | {"refresh_token": before}, http)
        after = string(answer.get("refresh_token"), TOKEN_LIMIT)
        if after not in ("", before):
            self._refresh_token = after
            await vault.renew("refresh_token", before, after)
        return answer


def seconds(value: object, otherwise: float) -> float:
    """A number of seconds, which some providers write as text."""
    try:
        return max(0.0, float(scalar(value)))
    except ValueError:
        return otherwise
