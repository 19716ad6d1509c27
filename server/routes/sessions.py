"""Sign in, sign out, who am I."""

from __future__ import annotations

from server import wire
from server.commands.accounts import CloseSession, OpenSession
from server.commands.door import SYSTEM, Refusal
from server.commands.queries import FindCredentials, GetUser
from server.routes.auth import address, bearer, new_token, token_hash
from server.routes.endpoint import Call, Endpoint

DAY_MS = 86_400_000
#: characters of a session's label that are kept
LABEL = 100


async def sign_in(call: Call, given: wire.SignIn) -> wire.Session:
    """Trade a password for a token. A try counts as failed until it is known to be right, so that many at once gain
    nothing; unknown users, wrong passwords and switched-off users are all the same from outside."""
    services = call.services
    now = services.door.store.clock()
    user, origin = given.user.strip().lower()[:200], address(call.scope)
    wait = max(services.users_out.wait_ms(user, now), services.addresses_out.wait_ms(origin, now))
    if wait:
        raise Refusal(429, "locked_out", retry_after=-(-wait // 1000))
    services.users_out.failed(user, now)
    services.addresses_out.failed(origin, now)
    found = await services.door.ask(SYSTEM, FindCredentials(user=user))
    stored = found.password_hash if found is not None and found.active else ""
    if not await services.passwords.verify(stored, given.password) or found is None:
        raise Refusal(401, "bad_credentials")
    services.users_out.succeeded(user)
    services.addresses_out.forgive(origin)
    token = new_token()
    expires_at = now + services.settings.session_days * DAY_MS
    opening = OpenSession(
        user_id=found.id, token_hash=token_hash(token), label=given.label[:LABEL], expires_at=expires_at
    )
    await services.door.do(SYSTEM, opening)
    person = await services.door.ask(SYSTEM, GetUser(name=found.name))
    return wire.Session(token=token, user=person, expires_at=expires_at)


async def sign_out(call: Call) -> None:
    hash = token_hash(bearer(call.scope) or "")
    await call.do(CloseSession(token_hash=hash))


async def me(call: Call) -> wire.User:
    user: wire.User = await call.ask(GetUser(name=call.who.name))
    return user


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/sessions",
        summary="Sign in: trade a password for a bearer token",
        handler=sign_in,
        needs=None,
        body=wire.SignIn,
        answer=wire.Session,
        status=201,
        codes=("bad_credentials", "locked_out"),
    ),
    Endpoint(
        method="DELETE",
        path="/sessions/current",
        summary="Sign out: the token that makes this call is worth nothing from now on",
        handler=sign_out,
    ),
    Endpoint(method="GET", path="/me", summary="The user who calls", handler=me, answer=wire.User),
)
