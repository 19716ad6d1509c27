"""A stand-in for the part of a provider that gives out OAuth 2 tokens: for tests, and for trying sign-ins out.

In the process::

    authority = Authority(user="servicio@coop.example")
    async with serve(authority) as url:                   # token_url = url + "/token", device_url = url + "/device" …
        world.state.takes = authority.takes               # the mail world lets in who has one of its tokens
        authority.approve(code)                           # somebody types the code in
        authority.expire()                                # mail servers refuse every access token there is
        authority.revoke()                                # and the refresh tokens are worth nothing any more

    POST /token         refresh_token, client_credentials, authorization_code (with PKCE), device_code
    POST /device        a code to sign in with
    GET  /authorize     signs in at once, and sends the browser back
    GET  /tokeninfo     whose access token that is (Dovecot asks here)
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.sandbox.graph_server import serving
from server.sandbox.steering import as_json

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-client-secret"


class Asked(NamedTuple):
    """One request for tokens."""

    grant: str
    form: dict[str, str]


class Authority:
    """The stand-in's controls. `rotates`: a refresh token is good for one use, and brings the next one. `lasts`: for
    how many seconds an access token is said to hold."""

    def __init__(self, user: str, *, rotates: bool = True, lasts: int = 3600) -> None:
        self.user = user
        self.rotates = rotates
        self.lasts = lasts
        #: codes count as typed in as soon as they are given out
        self.hurried = False
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.asked: list[Asked] = []
        #: answered in place of what would be right, one after the other: status and body
        self.faults: list[tuple[int, dict[str, object]]] = []
        self._devices: dict[str, str] = {}  # device code → state
        self._codes: dict[str, dict[str, str]] = {}  # code → what the browser came with

    # ---------------------------------------------------------------- controls

    def takes(self, user: str, token: str) -> bool:
        """Whether a mail server lets somebody in."""
        return user == self.user and token in self.access

    def refresh_token(self) -> str:
        """One that is good, as a sign-in leaves behind."""
        self.refresh.add(made := f"refresh-{secrets.token_hex(8)}")
        return made

    def expire(self) -> None:
        self.access.clear()

    def revoke(self) -> None:
        self.expire()
        self.refresh.clear()

    def approve(self, user_code: str, state: str = "approved") -> None:
        """Somebody types the code in (or, with `declined`, says no)."""
        self._devices[_device(user_code)] = state

    # ---------------------------------------------------------------- endpoints

    async def device(self, request: Request) -> Response:
        form = await _form(request)
        if form.get("client_id") != CLIENT_ID:
            return _no("unauthorized_client", 401)
        code = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
        self._devices[_device(code)] = "approved" if self.hurried else "pending"
        return as_json(
            {
                "device_code": _device(code),
                "user_code": code,
                "verification_uri": f"{request.base_url}signin",
                "expires_in": 900,
                "interval": 1,
            }
        )

    async def authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code":
            return _no("unauthorized_client", 400)
        code = secrets.token_hex(8)
        self._codes[code] = query
        return RedirectResponse(f"{query['redirect_uri']}/?{urlencode({'code': code, 'state': query['state']})}", 302)

    async def token(self, request: Request) -> Response:
        form = await _form(request)
        grant = form.get("grant_type", "").rpartition(":")[2]
        self.asked.append(Asked(grant, form))
        if self.faults:
            status, body = self.faults.pop(0)
            return as_json(body, status)
        if form.get("client_id") != CLIENT_ID or form.get("client_secret", CLIENT_SECRET) != CLIENT_SECRET:
            return _no("invalid_client", 401)
        grants = {
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_secret,
            "device_code": self._by_device,
            "authorization_code": self._by_code,
        }
        refused = grants[grant](form) if grant in grants else "unsupported_grant_type"
        return _no(refused) if refused else self._granted(grant)

    def _granted(self, grant: str) -> Response:
        access = f"access-{secrets.token_hex(8)}"
        self.access.add(access)
        answer: dict[str, object] = {"token_type": "Bearer", "expires_in": self.lasts, "access_token": access}
        if grant in ("device_code", "authorization_code") or (grant == "refresh_token" and self.rotates):
            answer["refresh_token"] = self.refresh_token()
        return as_json(answer)

    async def tokeninfo(self, request: Request) -> Response:
        if request.query_params.get("access_token") in self.access:
            return as_json({"email": self.user, "scope": "mail"})
        return _no("invalid_token")

    # ---------------------------------------------------------------- grants: what is wrong, if anything

    def _by_refresh_token(self, form: dict[str, str]) -> str:
        given = form.get("refresh_token", "")
        if given not in self.refresh:
            return "invalid_grant"
        if self.rotates:
            self.refresh.discard(given)
        return ""

    def _by_secret(self, form: dict[str, str]) -> str:
        return "" if "client_secret" in form else "invalid_client"

    def _by_device(self, form: dict[str, str]) -> str:
        state = self._devices.get(form.get("device_code", ""), "unknown")
        if state == "approved":
            del self._devices[form["device_code"]]
        return {"approved": "", "pending": "authorization_pending", "declined": "access_denied"}.get(
            state, "expired_token"
        )

    def _by_code(self, form: dict[str, str]) -> str:
        began = self._codes.pop(form.get("code", ""), {})
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = began.get("redirect_uri") == form.get("redirect_uri") and began.get("code_challenge") == proof
        return "" if began and same else "invalid_grant"


def _device(user_code: str) -> str:
    return f"device-{hashlib.sha256(user_code.encode()).hexdigest()}"


async def _form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}


def _no(error: str, status: int = 400) -> Response:
    return as_json({"error": error, "error_description": f"the stand-in says {error}"}, status)


def make_app(authority: Authority) -> Starlette:
    """The ASGI app of a stand-in."""
    return Starlette(
        routes=[
            Route("/token", authority.token, methods=["POST"]),
            Route("/device", authority.device, methods=["POST"]),
            Route("/authorize", authority.authorize, methods=["GET"]),
            Route("/tokeninfo", authority.tokeninfo, methods=["GET"]),
        ]
    )


@contextlib.asynccontextmanager
async def serve(authority: Authority, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve the stand-in on a real socket while the block runs; gives its URL."""
    async with serving(make_app(authority), host, port) as url:
        yield url
