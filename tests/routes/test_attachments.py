"""Files: up, stored under their hash, and down again as downloads."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.desk import filetypes
from server.routes import uploads
from server.wire import API
from tests.routes.desk import Desk, until


def upload(desk: Desk, data: bytes | Iterator[bytes], mime: str = "image/png", name: str = "foto.png", **more: str):  # type: ignore[no-untyped-def]
    with desk.client("advisor") as ana:
        return ana.post(
            "/attachments", content=data, headers={"Content-Type": mime, "X-File-Name": quote(name, safe=""), **more}
        )


def test_a_file_goes_up_and_comes_down(desk: Desk, tmp_path: Path) -> None:
    data = os.urandom(700_000)
    made = upload(desk, data, name="captura ñandú.png")
    assert made.status_code == 201
    attachment = made.json()
    assert attachment["kind"] == "image"
    assert attachment["file_name"] == "captura ñandú.png"
    assert (attachment["size"], attachment["state"]) == (len(data), "stored")
    digest = hashlib.sha256(data).hexdigest()
    assert (tmp_path / "media" / digest[:2] / digest).read_bytes() == data
    with desk.client("supervisor") as sofia:
        answer = sofia.get(f"/attachments/{attachment['id']}")
    assert answer.content == data
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''captura%20%C3%B1and%C3%BA.png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not list((tmp_path / "media" / "tmp").iterdir())


def test_the_same_key_stores_it_once_and_the_same_file_is_kept_once(desk: Desk) -> None:
    first, again = (upload(desk, b"data", **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert first.json() == again.json()
    other = upload(desk, b"data", name="other.png")
    assert other.json()["id"] != first.json()["id"]
    assert len({row["sha256"] for row in desk.read("SELECT sha256 FROM attachments")}) == 1


@pytest.mark.parametrize(
    ("mime", "kept", "kind"),
    [
        ("image/jpeg", "image/jpeg", "image"),
        ("Audio/OGG; codecs=opus", "audio/ogg", "audio"),
        ("video/mp4", "video/mp4", "video"),
        ("application/pdf", "application/pdf", "document"),
        ("text/html", "text/html", "document"),
        ("", "application/octet-stream", "document"),
        ("no type at all", "application/octet-stream", "document"),
        ("text/html\t<script>", "application/octet-stream", "document"),
    ],
)
def test_the_type_says_the_kind(desk: Desk, mime: str, kept: str, kind: str) -> None:
    made = upload(desk, b"data", mime=mime).json()
    assert (made["mime"], made["kind"]) == (kept, kind)


def test_nothing_is_no_file(desk: Desk) -> None:
    answer = upload(desk, b"")
    assert (answer.status_code, answer.json()["code"]) == (422, "empty")


def test_a_file_over_the_cap_leaves_nothing_behind(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.routes.attachments.UPLOAD_LIMIT", 1_000_000)
    answer = upload(desk, iter([b"x" * 65536] * 40))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    until(lambda: not list((tmp_path / "media" / "tmp").iterdir()), "the clean-up")
    assert not desk.read("SELECT 1 FROM attachments")


def test_an_upload_that_is_cut_off_leaves_nothing_behind(desk: Desk, tmp_path: Path) -> None:
    temporary = tmp_path / "media" / "tmp"
    with socket.create_connection(("127.0.0.1", desk.running.port)) as raw:
        raw.sendall(
            f"POST {API}/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.tokens['advisor']}\r\n"
            f"Content-Length: 1000000\r\n\r\n".encode()
            + b"x" * 400_000
        )
        until(lambda: temporary.exists() and list(temporary.iterdir()), "the upload's begin")
    until(lambda: not list(temporary.iterdir()), "the clean-up")
    assert not desk.read("SELECT 1 FROM attachments")


def test_nobody_uploads_without_signing_in(desk: Desk, tmp_path: Path) -> None:
    with desk.client() as nobody:
        assert nobody.post("/attachments", content=b"data").status_code == 401
    assert not (tmp_path / "media" / "tmp").exists()


def test_what_a_crash_left_is_cleared_at_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / "media" / "tmp" / "abc"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a file")
    uploads.clear_temporary(tmp_path / "media")
    assert not left.exists()


@given(st.text(max_size=400))
@example("..%2f..%2fetc%2fpasswd")
@example("C:\\Users\\ana\\foto.png")
@example("gpj.\u202etxt")
@example("/")
def test_a_file_name_has_no_path_and_no_tricks(name: str) -> None:
    clean = uploads.clean_name(name)
    assert len(clean) <= filetypes.NAME
    assert not set(clean) & set("/\\\u202e\x00\n\r\x1b\u2066")
    assert clean == clean.strip()
