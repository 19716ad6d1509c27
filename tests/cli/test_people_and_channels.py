"""Signing in; users, teams and channels: what an administrator does at the command line, on a real server."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zoneinfo
from pathlib import Path

import pytest

from tests.cli.office import NOWHERE, Office
from tests.real_server import PASSWORD

pytestmark = pytest.mark.xdist_group("cli-people")


def test_sign_in_is_kept_used_and_forgotten(office: Office) -> None:
    url = office.server.url.removeprefix("http://")
    signed_in = office.cli("login", url, "--user", "ana", "--password-stdin", given=PASSWORD + "\n", role=None)
    assert signed_in.stdout == f"Sesión iniciada en http://{url} como ana (asesor).\n"
    (kept,) = office.server.home.rglob("accounts.json")
    assert kept.stat().st_mode & 0o077 == 0
    who = office.cli("whoami", "-o", "json", role=None)
    assert json.loads(who.stdout)["name"] == "ana"
    # the server of the last login is the one to use
    assert office.cli("whoami", role=None, AGENT_CONSOLE_SERVER="").returncode == 0
    assert office.cli("logout", role=None).returncode == 0
    assert "agent-console login" in office.refused("whoami", role=None)


def test_print_token_prints_nothing_else(office: Office) -> None:
    ran = office.cli(
        "login", office.server.url, "--user", "sofia", "--password-stdin", "--print-token", given=PASSWORD, role=None
    )
    token = ran.stdout.removesuffix("\n")
    assert token and token == token.strip()
    who = office.cli("whoami", "-o", "json", role=None, AGENT_CONSOLE_TOKEN=token)
    assert json.loads(who.stdout)["name"] == "sofia"


def test_wrong_password_and_missing_password(office: Office) -> None:
    wrong = office.refused("login", office.server.url, "--user", "ana", "--password-stdin", given="x\n", role=None)
    assert wrong == "El nombre o la contraseña no son correctos."
    assert "--password-stdin" in office.refused("login", office.server.url, "--user", "ana", role=None, code=2)


def test_an_expired_token_says_sign_in_again(office: Office) -> None:
    ran = office.cli("convs", role=None, AGENT_CONSOLE_TOKEN="no such token")
    assert ran.returncode == 1
    assert "Entre de nuevo" in ran.stderr


def test_users_come_change_and_go(office: Office) -> None:
    said = office.done(
        "user", "add", "rosa", "--display-name", "Rosa", "--password-stdin", role="admin", given=PASSWORD
    )
    assert f"agent-console login {office.server.url} --user rosa" in said
    assert office.server.sign_in("rosa")
    changed = office.json("user", "set", "rosa", "--role", "supervisor", "--language", "en", role="admin")
    assert (changed["role"], changed["language"]) == ("supervisor", "en")
    assert office.json("user", "show", "rosa", role="admin") == changed
    assert "rosa" in office.done("user", "list", "-q", role="admin").split()
    listed = csv.DictReader(io.StringIO(office.done("user", "list", "-o", "csv", role="admin")))
    assert next(row for row in listed if row["name"] == "rosa")["role"] == "supervisor"
    assert "supervisor" in office.done("user", "list", role="admin")
    office.done("user", "set", "rosa", "--inactive", role="admin")
    assert office.json("user", "show", "rosa", role="admin")["active"] is False
    assert office.done("user", "remove", "rosa", role="admin") == "Se quitó rosa.\n"
    assert office.json("user", "show", "rosa", role="admin")["teams"] == []
    assert office.refused("user", "show", "nobody", role="admin") == "No existe el usuario nobody."


def test_a_taken_name_a_weak_password_and_nothing_to_change(office: Office) -> None:
    assert "ya está en uso" in office.refused("user", "add", "ana", "--password-stdin", role="admin", given=PASSWORD)
    assert "al menos 8" in office.refused("user", "add", "beto", "--password-stdin", role="admin", given="short")
    assert "Diga qué cambiar" in office.refused("user", "set", "ana", role="admin", code=2)


def test_an_advisor_is_told_that_it_is_not_theirs_to_do(office: Office) -> None:
    said = office.refused("user", "add", "eve", "--password-stdin", given=PASSWORD)
    assert said == "Su función no permite esto. Pídalo a un supervisor o a un administrador."
    assert office.refused("team", "add", "mine", lang="en").startswith("Your role does not allow this.")


def test_teams_come_change_and_go(office: Office) -> None:
    office.done("team", "add", "Créditos", "--member", "ana", role="admin")
    grown = office.json("team", "set", "Créditos", "--add", "sofia", "--drop", "ana", role="admin")
    assert grown["members"] == ["sofia"]
    office.done("team", "set", "Créditos", "--name", "Crédito", role="admin")
    assert office.json("team", "show", "Crédito", role="admin")["members"] == ["sofia"]
    both = office.refused("team", "set", "Crédito", "--member", "ana", "--add", "ana", role="admin", code=2)
    assert both == "Dé --member, o bien --add y --drop."
    office.done("team", "remove", "Crédito", role="admin")
    assert "No existe el equipo" in office.refused("team", "show", "Crédito", role="admin")


def test_whatsapp_is_added_with_its_secrets_kept_out_of_sight(office: Office, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("EAAfromafile\n")
    words = ["--set", "phone_number_id=7", "--set", f"access_token=@{token}", "--set", "app_secret=-"]
    words += ["--set", "verify_token=v", "--set", f"graph_url={NOWHERE}"]
    said = office.done("channel", "add", "whatsapp", "second", *words, role="admin", given="fromstdin\n")
    assert f"URL de devolución de llamada: {office.server.url}/hooks/second" in said
    assert "--public-url https://" in said
    assert "Token de verificación" in said
    shown = office.json("channel", "show", "second", role="admin")
    assert shown["settings"]["phone_number_id"] == "7"
    assert shown["settings"]["access_token"] == shown["settings"]["app_secret"] == "set"
    everything = office.done("channel", "show", "second", role="admin") + said
    assert "EAAfromafile" not in everything and "fromstdin" not in everything
    assert "puesto" in everything
    office.done("channel", "remove", "second", role="admin")


def test_a_channel_is_tested_changed_and_switched_off(office: Office) -> None:
    said = office.done("channel", "add", "webchat", "web", "--set", "origins=https://coop.example", role="admin")
    assert f'<script src="{office.server.url}/chat/web/widget.js" async></script>' in said
    assert "https://coop.example" in office.done("channel", "test", "web", role="admin")
    tested = office.cli("channel", "test", "wa", role="admin")
    assert tested.returncode == 1
    assert "Revise la red" in tested.stdout
    assert "aún no funciona" in tested.stderr
    changed = office.json("channel", "set", "web", "--set", "title=Ayuda", "--inactive", role="admin")
    assert changed["active"] is False
    assert changed["settings"]["title"] == "Ayuda"
    assert set(office.done("channel", "list", "-q", role="admin").split()) == {"wa", "web"}
    office.done("channel", "remove", "web", role="admin")


def test_bad_settings_are_told(office: Office) -> None:
    said = office.refused("channel", "add", "webchat", "bad", "--set", "frobnicate=1", role="admin")
    assert said == "No existe el ajuste frobnicate; existen: color, language, origins, title."
    said = office.refused("channel", "add", "telegram", "bad", "--set", "mode=poll", role="admin")
    assert said == "Falta el ajuste token: el token del bot, de @BotFather."
    said = office.refused("channel", "add", "telegram", "bad", "--set", "mode=poll", role="admin", lang="en")
    assert said == "The setting token is missing: the bot's token, from @BotFather."
    said = office.refused("hook", "add", "crm", "crm.example", role="admin")
    assert said == "url debe ser una dirección http(s) como https://crm.example.com/events."
    assert "no existe" in office.refused("channel", "add", "webchat", "bad", "--set", "origins=@/no/such", role="admin")


def test_the_organisation_has_a_name_and_a_zone(office: Office) -> None:
    named = ("--name", "Cooperativa", "--zone", "America/El_Salvador", "--country", "gt")
    changed = office.json("org", "set", *named, role="admin")
    assert changed == {"name": "Cooperativa", "zone": "America/El_Salvador", "country": "GT"}
    assert changed == office.json("org", "show")
    assert "XX" in office.refused("org", "set", "--country", "xx", role="admin")
    assert "America/El_Salvador" in office.refused("org", "set", "--zone", "Mars/Olympus", role="admin")
    assert "Diga qué cambiar" in office.refused("org", "set", role="admin", code=2)


def test_times_are_the_organisations_wherever_this_computer_is(office: Office) -> None:
    """People read them in its zone, also after it changed; programs get UTC milliseconds, whatever the zone."""

    def shown(zone: str, *words: str) -> str:
        office.done("org", "set", "--zone", zone, role="admin")
        ran = office.cli("deliveries", *words, role="admin", TZ="Pacific/Auckland")
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    office.customer_writes("buenas")
    [delivery] = office.json("deliveries", "--limit", "1", role="admin")
    at = dt.datetime.fromtimestamp(delivery["received_at"] / 1000, dt.UTC)
    for zone in ("America/El_Salvador", "Asia/Tokyo"):
        local = at.astimezone(zoneinfo.ZoneInfo(zone))
        said = shown(zone, "--limit", "1")
        assert f" {local.hour}:{local.minute:02}" in said.splitlines()[1], said
        assert json.loads(shown(zone, "--limit", "1", "-o", "json"))[0]["received_at"] == delivery["received_at"]
        assert str(delivery["received_at"]) in shown(zone, "--limit", "1", "-o", "csv")
    office.done("org", "set", "--zone", "America/El_Salvador", role="admin")
