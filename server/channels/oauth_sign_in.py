"""How somebody lets us into an account the first time, with a browser that need not be on the server's machine.

With a code that they type in there (device authorization, RFC 8628); or, where the provider has no such thing for this
scope, with an address that they bring back (authorization code, RFC 6749, with PKCE, RFC 7636): the browser ends at one
that nobody listens on. Nothing is kept here between the two halves: the ticket has it all.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from server.channels.base import BadSettings, Refused, TryAgain
from server.channels.foreign import string
from server.channels.oauth import TOKEN_LIMIT, Client, OAuthError, ask, seconds
from server.facts import Failure
from server.wire import BrowserSignIn

#: where the browser is sent in the end; providers let programs without an address of their own name this one
REDIRECT = "http://localhost"

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: seconds between two questions, and that a code holds, if the provider does not say (RFC 8628)
_EVERY, _LASTS = 5.0, 900.0
#: milliseconds more between questions for a provider that finds them too many (RFC 8628)
_SLOWER_MS = 5_000
_URL_LIMIT = 2_048


async def begin(client: Client, user: str, http: httpx.AsyncClient) -> BrowserSignIn:
    """Begin a sign-in as `user`. Raises BadSettings, Refused or TryAgain."""
    if client.grant != "refresh_token":
        raise BadSettings("no_sign_in", f"with grant={client.grant} nobody signs in")
    if client.device_url:
        return await _with_code(client, user, http)
    if client.authorize_url:
        return _with_address(client, user)
    raise BadSettings("no_sign_in", "set device_url or authorize_url, where people sign in")


async def _with_code(client: Client, user: str, http: httpx.AsyncClient) -> BrowserSignIn:
    found = await ask(client, client.device_url, {}, http)
    device = string(found.get("device_code"), TOKEN_LIMIT)
    code = string(found.get("user_code"))
    url = string(found.get("verification_uri") or found.get("verification_url"), _URL_LIMIT)
    if not (device and code and url.startswith(("https://", "http://"))):
        raise TryAgain(Failure(reason="provider_down", detail="the answer has no code to sign in with"))
    return BrowserSignIn(
        url=url,
        code=code,
        ticket=f"device {device}",
        user=user,
        every_ms=int(1000 * min(max(seconds(found.get("interval"), _EVERY), 1.0), 60.0)),
        lasts_ms=int(1000 * min(seconds(found.get("expires_in"), _LASTS), 3600.0)),
    )


def _with_address(client: Client, user: str) -> BrowserSignIn:
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": REDIRECT,
        "scope": client.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": user,
        # without these two Google gives a refresh token only the first time, or none; others know or ignore them
        "access_type": "offline",
        "prompt": "consent",
    }
    mark = "&" if urlsplit(client.authorize_url).query else "?"
    return BrowserSignIn(
        url=f"{client.authorize_url}{mark}{urlencode(asked)}", ticket=f"code {state} {verifier}", user=user
    )


async def end(client: Client, ticket: str, answer: str, http: httpx.AsyncClient) -> str | None:
    """The refresh token that the sign-in brought; None while nobody has signed in yet. Raises Refused, or TryAgain with
    a longer pause than before if that was asked too often."""
    how, _, rest = ticket.partition(" ")
    if how == "device":
        form = {"grant_type": _DEVICE_GRANT, "device_code": rest}
    elif how == "code":
        state, _, verifier = rest.partition(" ")
        form = {
            "grant_type": "authorization_code",
            "code": _code(answer, state),
            "code_verifier": verifier,
            "redirect_uri": REDIRECT,
        }
    else:
        raise _failed("the sign-in was not begun here")
    try:
        found = await ask(client, client.token_url, form, http)
    except OAuthError as error:
        if error.error == "authorization_pending":
            return None
        raise
    except TryAgain as error:
        if how == "code":  # it may be used up: there is nothing to try again with
            raise _failed(f"{error.failure.code} {error.failure.detail}".strip()) from error
        raise TryAgain(error.failure, _SLOWER_MS if error.failure.reason == "rate" else None) from error
    token = string(found.get("refresh_token"), TOKEN_LIMIT)
    if not token:
        raise _failed("the provider gave no refresh token: does the scope ask for one (offline_access)?")
    return token


def _code(answer: str, state: str) -> str:
    """The code in the address that the browser ended at."""
    try:
        query = parse_qs(urlsplit(answer.strip()).query)
    except ValueError:
        query = {}
    if "error" in query:
        raise _failed(query["error"][0])
    code, given = query.get("code", [""])[0], query.get("state", [""])[0]
    if not code or not secrets.compare_digest(given.encode(), state.encode()):
        raise _failed(f"that is not the address that this sign-in ended at: it begins with {REDIRECT}, and has a code")
    return code


def _failed(words: str) -> Refused:
    return Refused(Failure(reason="sign_in", detail=words[:300]))
