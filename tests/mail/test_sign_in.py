"""A channel that somebody signed in to with a browser, on a running server."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from server.app import Settings, start
from server.channels.oauth_sign_in import REDIRECT
from server.sandbox.oauth import CLIENT_SECRET
from server.store.store import Store
from server.wire import BrowserSignIn
from tests.mail.mailroom import Mailroom
from tests.mail.token_post import TokenPost
from tests.routes.desk import NO_TLS, Desk, until

ANSWER = "/channels/correo/sign-in/answer"


@pytest.fixture
def post() -> Iterator[TokenPost]:
    with TokenPost() as post:
        yield post


@pytest.fixture
def admin(room: Mailroom) -> Iterator[httpx.Client]:
    with room.desk.client("admin") as admin:
        yield admin


def begun(admin: httpx.Client) -> BrowserSignIn:
    answer = admin.post("/channels/correo/sign-in")
    assert answer.status_code == 200, answer.text
    return BrowserSignIn(**answer.json())


def signed_in(admin: httpx.Client, post: TokenPost) -> None:
    """Somebody signs in with a code."""
    sign_in = begun(admin)
    post.do(lambda: post.authority.approve(sign_in.code))
    assert admin.post(ANSWER, json={"ticket": sign_in.ticket}).json() == {"done": True, "later_ms": 0}


def by_address(admin: httpx.Client, post: TokenPost) -> BrowserSignIn:
    """A sign-in at a provider that has no codes for this."""
    change = {"settings": {"device_url": "", "authorize_url": f"{post.url}/authorize?theme=dark"}}
    assert admin.patch("/channels/correo", json=change).is_success
    return begun(admin)


def secrets(post: TokenPost) -> list[str]:
    authority = post.authority
    used = {value for asked in authority.asked for name, value in asked.form.items() if "token" in name}
    return [CLIENT_SECRET, *authority.access, *authority.refresh, *(used - {""})]


# ---------------------------------------------------------------- signing in


def test_with_a_code(room: Mailroom, post: TokenPost, admin: httpx.Client) -> None:
    until(lambda: room.health() == "sign_in", "the channel says that nobody has signed in")
    sign_in = begun(admin)
    assert sign_in.url.startswith(post.url) and sign_in.code and sign_in.user == "servicio@coop.example"
    assert (sign_in.every_ms, sign_in.lasts_ms) == (1_000, 900_000)
    assert admin.post(ANSWER, json={"ticket": sign_in.ticket}).json() == {"done": False, "later_ms": 0}
    post.authority.faults += [(400, {"error": "slow_down"}), (503, {})]
    assert admin.post(ANSWER, json={"ticket": sign_in.ticket}).json() == {"done": False, "later_ms": 5_000}
    assert admin.post(ANSWER, json={"ticket": sign_in.ticket}).json() == {"done": False, "later_ms": 0}
    post.do(lambda: post.authority.approve(sign_in.code))
    assert admin.post(ANSWER, json={"ticket": sign_in.ticket}).json() == {"done": True, "later_ms": 0}
    assert admin.get("/channels/correo").json()["settings"]["refresh_token"] == "set"
    post.write("ana@mail.example", text="hola")
    room.arrived(1)
    assert room.health() == ""


def test_with_an_address(room: Mailroom, post: TokenPost, admin: httpx.Client) -> None:
    sign_in = by_address(admin, post)
    assert sign_in.code == "" and "theme=dark" in sign_in.url
    asked = parse_qs(urlsplit(sign_in.url).query)
    assert asked["redirect_uri"] == [REDIRECT] and asked["login_hint"] == ["servicio@coop.example"]
    assert asked["code_challenge_method"] == ["S256"] and asked["scope"] == ["mail offline_access"]
    browser = httpx.get(sign_in.url, verify=NO_TLS)
    ended = browser.headers["location"]
    assert ended.startswith(f"{REDIRECT}/?code=")
    assert admin.post(ANSWER, json={"ticket": sign_in.ticket, "answer": f" {ended}\n"}).json()["done"]
    post.write("ana@mail.example", text="hola")
    room.arrived(1)
    again = admin.post(ANSWER, json={"ticket": sign_in.ticket, "answer": ended})
    assert again.status_code == 422 and "invalid_grant" in again.json()["params"]["detail"]


@pytest.mark.parametrize(
    "answer",
    ["", "hola", "http://[", f"{REDIRECT}/?code=x", f"{REDIRECT}/?code=x&state=y", f"{REDIRECT}/?error=access_denied"],
)
def test_with_an_address_of_another_sign_in(admin: httpx.Client, post: TokenPost, answer: str) -> None:
    refused = admin.post(ANSWER, json={"ticket": by_address(admin, post).ticket, "answer": answer})
    assert refused.status_code == 422 and refused.json()["code"] == "sign_in_failed"
    assert not [asked for asked in post.authority.asked if asked.grant == "authorization_code"]


def test_what_cannot_be_signed_in_to(room: Mailroom, post: TokenPost, admin: httpx.Client) -> None:
    sign_in = begun(admin)
    post.do(lambda: post.authority.approve(sign_in.code, "declined"))
    declined = admin.post(ANSWER, json={"ticket": sign_in.ticket})
    assert declined.status_code == 422 and "access_denied" in declined.json()["params"]["detail"]
    assert admin.post(ANSWER, json={"ticket": "device unknown"}).json()["code"] == "sign_in_failed"
    assert admin.post(ANSWER, json={"ticket": "hola"}).json()["code"] == "sign_in_failed"
    assert admin.post("/channels/nowhere/sign-in").status_code == 404
    assert room.api.post("/channels/correo/sign-in").status_code == 403
    assert room.api.post(ANSWER, json={"ticket": sign_in.ticket}).status_code == 403
    admin.patch("/channels/correo", json={"settings": {"client_id": "somebody-else"}})
    assert "unauthorized_client" in admin.post("/channels/correo/sign-in").json()["params"]["detail"]
    admin.patch("/channels/correo", json={"settings": {"device_url": "https://127.0.0.1:9/device"}})
    assert admin.post("/channels/correo/sign-in").json()["code"] == "sign_in_failed"
    for settings in ({"device_url": ""}, {"grant": "client_credentials"}, {"sign_in": "password", "password": "x"}):
        assert admin.patch("/channels/correo", json={"settings": settings}).is_success
        for refused in (admin.post("/channels/correo/sign-in"),):
            assert refused.json()["code"] == "bad_settings" and refused.json()["params"]["why"] == "no_sign_in"


# ---------------------------------------------------------------- what becomes of it


def test_each_new_refresh_token_outlives_the_server(room: Mailroom, post: TokenPost, admin: httpx.Client) -> None:
    signed_in(admin, post)
    post.write("ana@mail.example", text="uno")
    room.arrived(1)
    for n in (2, 3):  # as the hours pass
        post.expire()
        post.write("ana@mail.example", text=str(n))
        room.arrived(n)
        checks = admin.post("/channels/correo/test").json()["items"]  # which opens the channel by its name
        assert all(check["ok"] for check in checks), checks
    tokens = [asked.form["refresh_token"] for asked in post.authority.asked if asked.grant == "refresh_token"]
    assert len(set(tokens)) == len(tokens) >= 3, "each was used once"
    renewed = room.desk.read("SELECT * FROM events WHERE kind = 'channel.renewed'")
    assert len(renewed) == len(tokens)
    folder = room.desk.running.services.settings.data
    room.desk.running.stop()
    with start(Settings(data=folder, port=0)) as running:
        after = Mailroom(Desk(running, room.desk.tokens), post)
        with after.api:
            post.write("ana@mail.example", text="cuatro")
            after.arrived(4)
            conversation = after.conversations()[0]["id"]
            after.until_status(after.answer(conversation, "Con gusto."), "sent")
            assert after.health() == ""


def test_a_sign_in_that_the_provider_ended(room: Mailroom, post: TokenPost, admin: httpx.Client) -> None:
    signed_in(admin, post)
    post.write("ana@mail.example", text="hola")
    room.arrived(1)
    post.revoke()
    until(lambda: room.health() == "sign_in", "the channel says what to do")
    message = room.answer(room.conversations()[0]["id"], "Con gusto.")
    until(lambda: room.desk.read("SELECT * FROM attempts WHERE message_id = ?", message), "it was tried")
    assert room.message(message)["status"] != "failed", "what waits is not lost"
    signed_in(admin, post)
    room.until_status(message, "sent")
    post.write("ana@mail.example", text="sigo aquí")
    room.arrived(2)
    assert room.health() == ""


def test_secrets_stay_secret(room: Mailroom, post: TokenPost, admin: httpx.Client) -> None:
    signed_in(admin, post)
    post.write("ana@mail.example", text="uno")
    room.arrived(1)
    post.expire()
    post.write("ana@mail.example", text="dos")
    room.arrived(2)
    shown = admin.get("/channels/correo").text + admin.get("/channels").text + admin.get("/events?since=0").text
    rows = [str(tuple(row)) for table in ("events", "channels") for row in room.desk.read(f"SELECT * FROM {table}")]
    assert len(secrets(post)) > 3
    assert not [secret for secret in secrets(post) if secret in shown or secret in "".join(rows)]
    stored: Store = room.desk.running.services.door.store
    kept = stored.secrets.open(room.desk.read("SELECT secrets FROM channels")[0]["secrets"])
    assert kept["refresh_token"] in post.authority.refresh
