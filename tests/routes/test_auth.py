"""Signing in and out, and what a token is worth."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from server.routes import passwords
from server.wire import API, ZONE_HEADER
from tests.routes.desk import HASH, PASSWORD, Desk, open_desk, until


def sign_in(desk: Desk, user: str = "ana", password: str = PASSWORD, **headers: str) -> httpx.Response:
    with desk.client() as client:
        return client.post("/sessions", json={"user": user, "password": password}, headers=headers)


def test_a_password_is_traded_for_a_token(desk: Desk) -> None:
    answer = sign_in(desk)
    assert answer.status_code == 201
    session = answer.json()
    assert session["user"]["name"] == "ana"
    assert session["user"]["role"] == "advisor"
    assert session["expires_at"] > time.time() * 1000
    with desk.client(token=session["token"]) as client:
        assert client.get("/me").json() == session["user"]


def test_a_sign_in_name_is_taken_in_any_case(desk: Desk) -> None:
    assert sign_in(desk, " Ana ").status_code == 201


def test_neither_token_nor_password_is_stored(desk: Desk, tmp_path: Path) -> None:
    token = sign_in(desk).json()["token"]
    with desk.client("admin") as admin:
        made = admin.post(
            "/users", json={"name": "eva", "password": "eva's own passphrase"}, headers={"Idempotency-Key": "k1"}
        )
    assert made.status_code == 201
    desk.running.stop()
    files = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert files
    for secret in (token, PASSWORD, "eva's own passphrase"):
        assert not any(secret.encode() in content for content in files)


def test_a_wrong_password_and_an_unknown_user_look_the_same(desk: Desk) -> None:
    wrong, unknown = sign_in(desk, password="not it at all"), sign_in(desk, user="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"


def test_an_unknown_user_takes_as_long_as_a_wrong_password() -> None:
    def cost(stored: str) -> float:
        started = time.perf_counter()
        assert not passwords.verify(stored, "not it at all")
        return time.perf_counter() - started

    known, unknown = (statistics.median(cost(stored) for _ in range(5)) for stored in (HASH, ""))
    assert unknown > known / 3


def test_the_stand_in_for_nobody_has_our_parameters() -> None:
    assert not passwords.HASHER.check_needs_rehash(passwords.NOBODY)
    assert not passwords.HASHER.check_needs_rehash(passwords.hash_password(PASSWORD))


def test_a_switched_off_user_cannot_sign_in(desk: Desk) -> None:
    with desk.client("admin") as admin:
        assert admin.patch("/users/ana", json={"active": False}).is_success
    assert sign_in(desk).json()["code"] == "bad_credentials"


def test_guessing_locks_out_even_the_right_password(desk: Desk) -> None:
    for _ in range(5):
        assert sign_in(desk, password="a guess, a guess").status_code == 401
    locked = sign_in(desk)
    assert locked.status_code == 429
    assert locked.json()["code"] == "locked_out"
    assert int(locked.headers["retry-after"]) == locked.json()["params"]["retry_after"] >= 1
    assert sign_in(desk, user="sofia").status_code == 201, "others are not locked out"


def test_guesses_at_the_same_time_count_as_well(desk: Desk) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: sign_in(desk, password=f"guess {n}").status_code, range(12)))
    assert answers.count(429) >= 12 - 6


def test_signing_in_forgets_earlier_mistakes(desk: Desk) -> None:
    for _ in range(3):
        for _ in range(3):
            sign_in(desk, password="a mistake")
        assert sign_in(desk).status_code == 201


def test_an_address_is_locked_out_by_what_its_proxy_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.routes.services.FREE_PER_ADDRESS", 3)
    with open_desk(tmp_path, trusted_proxies=("127.0.0.1",)) as desk:
        for n in range(3):
            sign_in(desk, user=f"guess{n}", **{"X-Forwarded-For": "203.0.113.9"})
        assert sign_in(desk, **{"X-Forwarded-For": "203.0.113.9"}).json()["code"] == "locked_out"
        assert sign_in(desk, **{"X-Forwarded-For": "203.0.113.10"}).status_code == 201
        # an IPv6 customer line has a whole /64
        for n in range(3):
            sign_in(desk, user=f"guess{n}", **{"X-Forwarded-For": f"2001:db8::{n}"})
        assert sign_in(desk, **{"X-Forwarded-For": "2001:db8::99"}).json()["code"] == "locked_out"
        assert sign_in(desk, **{"X-Forwarded-For": "2001:db8:0:1::99"}).status_code == 201


def test_a_proxy_nobody_named_is_not_believed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.running.services.addresses_out, "_free", 2)
    for n in range(2):
        sign_in(desk, user=f"guess{n}", **{"X-Forwarded-For": f"203.0.113.{n}"})
    assert sign_in(desk, **{"X-Forwarded-For": "203.0.113.77"}).json()["code"] == "locked_out"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer nonsense", "Basic YW5hOmFuYQ==", "Bearer ünïcode", "bearer" + " x" * 500],
)
def test_without_a_valid_token_there_is_nothing(desk: Desk, authorization: str) -> None:
    headers = {b"Authorization": authorization.encode("latin-1", "replace")} if authorization else {}
    answer = httpx.get(desk.url + API + "/me", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_signing_out_ends_the_token_at_once(desk: Desk) -> None:
    token = desk.sign_in("ana")
    with desk.client(token=token) as client:
        assert client.get("/me").is_success  # now the token is remembered
        assert client.delete("/sessions/current").status_code == 204
        assert client.get("/me").status_code == 401
    with desk.client("advisor") as client:
        assert client.get("/me").is_success, "other sessions of the same user go on"


def test_switching_a_user_off_ends_their_sessions(desk: Desk) -> None:
    with desk.client("admin") as admin, desk.client("advisor") as ana:
        assert ana.get("/me").is_success
        assert admin.patch("/users/ana", json={"active": False}).is_success
        until(lambda: ana.get("/me").status_code == 401, "the end of the session")


def test_another_role_needs_another_sign_in(desk: Desk) -> None:
    with desk.client("admin") as admin, desk.client("supervisor") as sofia:
        assert sofia.get("/me").is_success
        assert admin.patch("/users/sofia", json={"role": "admin"}).is_success
        until(lambda: sofia.get("/me").status_code == 401, "the end of the session")
    with desk.client(token=desk.sign_in("sofia")) as sofia:
        assert sofia.get("/status").is_success


def test_a_token_is_worth_nothing_after_its_time(desk: Desk) -> None:
    with desk.client(token=desk.sign_in("ana", lasts_ms=-1)) as client:
        assert client.get("/me").status_code == 401


def test_a_short_password_is_refused(desk: Desk) -> None:
    with desk.client("admin") as admin:
        answer = admin.post("/users", json={"name": "eva", "password": "short"})
        assert answer.status_code == 422
        assert answer.json()["code"] == "weak_password"
        assert answer.json()["params"]["minimum"] == passwords.SHORTEST
        assert admin.get("/users/eva").status_code == 404


def test_everybody_may_change_their_own_password_and_nobody_elses(desk: Desk) -> None:
    with desk.client("advisor") as ana:
        assert ana.patch("/users/sofia", json={"password": "something else altogether"}).status_code == 403
        assert ana.patch("/users/ana", json={"password": "something else altogether"}).is_success
        until(lambda: ana.get("/me").status_code == 401, "the end of the sessions with the old password")
    assert sign_in(desk).status_code == 401
    assert sign_in(desk, password="something else altogether").status_code == 201


def test_who_is_signed_in_is_told_the_organisations_zone(desk: Desk) -> None:
    with desk.client("admin") as root, desk.client() as nobody:

        def told() -> str:
            return root.get("/me").headers[ZONE_HEADER]

        for zone in ("America/El_Salvador", "Europe/Madrid"):
            assert root.patch("/organisation", json={"zone": zone}).status_code == 200
            until(lambda: told() == root.get("/organisation").json()["zone"])
            assert told() == zone
        assert ZONE_HEADER not in nobody.get("/me").headers
        assert ZONE_HEADER not in nobody.get("/healthz").headers
