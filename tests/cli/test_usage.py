"""How commands are written: help, languages, wrong usage, what a crash leaves. No server needed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_console import i18n
from agent_console.cli import start
from agent_console.cli.errors import WrongUsage
from agent_console.cli.nouns import NOUNS
from tests.real_server import environment

HEAVY = {"textual", "rich", "httpx", "websockets", "sqlite_utils", "starlette", "uvicorn", "keyring", "cryptography"}

#: prints the help and then, on stderr, which packages that took
_LOADED = """
import json, sys
sys.argv = ["agent-console", *{words}]
from agent_console.__main__ import main
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""


def run(home: Path, *words: str, given: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """`agent-console` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "agent_console", *words],
        input=given,
        text=True,
        capture_output=True,
        timeout=60,
        env=environment(home, **{"AGENT_CONSOLE_LANG": "es", **variables}),
        check=False,
    )


@pytest.mark.parametrize("words", [[], *([noun.name] for noun in NOUNS), ["conv", "12", "reply"], ["channel", "add"]])
def test_help_is_in_spanish_and_loads_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LOADED.format(words=json.dumps([*words, "--help"]))],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(tmp_path, AGENT_CONSOLE_LANG="es", COLUMNS="200"),
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Uso:")
    assert not re.search(r"\b(Usage|Options|Show|The|or)\b", ran.stdout)
    assert not HEAVY & set(json.loads(ran.stderr.splitlines()[-1]))


def test_top_level_help_does_without_typer(tmp_path: Path) -> None:
    code = _LOADED.format(words=json.dumps(["--help"]))
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment(tmp_path), check=True
    )
    loaded = set(json.loads(ran.stderr.splitlines()[-1]))
    assert not {"typer", "click", "msgspec", "server"} & loaded
    assert all(f"  {noun.name} " in ran.stdout for noun in NOUNS)


@pytest.mark.parametrize(
    ("variables", "usage"),
    [
        ({"AGENT_CONSOLE_LANG": "en"}, "Usage:"),
        ({"AGENT_CONSOLE_LANG": "en", "LC_ALL": "es_SV.UTF-8"}, "Usage:"),
        ({"AGENT_CONSOLE_LANG": "", "LC_ALL": "en_US.UTF-8", "LANG": "es_SV.UTF-8"}, "Usage:"),
        ({"AGENT_CONSOLE_LANG": "", "LC_ALL": "", "LC_MESSAGES": "es_SV", "LANG": "en_US.UTF-8"}, "Uso:"),
        ({"AGENT_CONSOLE_LANG": "", "LC_ALL": "C.UTF-8", "LC_MESSAGES": "", "LANG": ""}, "Uso:"),
        ({"AGENT_CONSOLE_LANG": "", "LC_ALL": "fr_FR.UTF-8", "LANG": "en_US.UTF-8"}, "Uso:"),
    ],
)
def test_language_comes_from_the_environment(variables: dict[str, str], usage: str, tmp_path: Path) -> None:
    assert run(tmp_path, "team", "--help", **variables).stdout.startswith(usage)


def test_lang_goes_before_the_environment_and_may_stand_anywhere(tmp_path: Path) -> None:
    assert run(tmp_path, "--lang", "en", "team", "--help").stdout.startswith("Usage:")
    assert run(tmp_path, "team", "--help", "--lang=en").stdout.startswith("Usage:")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["usr"], "No existe el comando 'usr'. ¿Quiso decir user?"),
        (["frobnicate"], "No existe el comando 'frobnicate'. Vea agent-console --help"),
        (["--frobnicate"], "No existe la opción --frobnicate. Vea agent-console --help"),
        (["user", "add"], "Falta NOMBRE. Vea agent-console user add --help"),
        (["user", "frobnicate"], "No existe el comando 'frobnicate'. Vea agent-console user --help"),
        (["user", "add", "x", "--rol", "a"], "No existe la opción --rol. ¿Quiso decir --role?"),
        (["conv", "1", "flag", "no", "sé"], "Sobran palabras: sé. Un texto de varias palabras va entre comillas."),
        (["conv", "1", "checklist"], "No existe el comando 'checklist'. ¿Quiso decir 'check', 'uncheck'?"),
        (["user", "add", "x", "--role", "king"], "--role espera advisor (asesor), supervisor, admin (administrador)."),
        (["convs", "--limit", "many"], "--limit espera un número (0 o más)."),
        (["conv", "1", "reply", "x", "--hold", "99"], "--hold espera un número (de 0 a 60)."),
        (["org", "set", "--zone"], "--zone necesita un valor."),
        (["keys", "--preset", "emacs"], "--preset espera uno de default, gmail, vim."),
        (["conv", "1", "stage"], "Falta ETAPA. Puede ser: welcome (bienvenida), diagnosis (diagnóstico)"),
        (["conv", "reply", "hello"], "Diga cuál conversación: agent-console conv 12 reply"),
        (["conv", "1x"], "Diga cuál conversación"),
        (["conv", "1", "2", "take-back"], "Esto se hace con una conversación a la vez."),
        (["conv", "1", "assign"], "Diga a quién"),
        (["conv", "1", "assign", "ana", "--nobody"], "Diga a quién"),
        (["conv", "1", "reply"], "Diga qué responder"),
        (["conv", "1", "reply", "x", "--template", "a:es"], "Una plantilla se envía sola"),
        (["conv", "1", "reply", "--template", "a"], "--template espera NOMBRE:IDIOMA"),
        (["channel", "add", "fax", "f"], "No existe el tipo de canal fax"),
        (["channel", "add", "webchat", "f", "--set", "origins"], "--set espera clave=valor"),
        (["init", "--data", "x"], "Falta --admin"),
        (["login", "http://127.0.0.1:9"], "Diga quién entra"),
        (["--lang", "fr"], "--lang espera es o en"),
        (["--server"], "--server necesita un valor"),
        (["api", "FETCH", "/me"], "MÉTODO es uno de GET"),
    ],
)
def test_wrong_usage_is_told_in_one_line_with_exit_2(words: list[str], said: str, tmp_path: Path) -> None:
    ran = run(tmp_path, *words)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert len(ran.stderr.splitlines()) == 1
    assert said in ran.stderr


def test_a_noun_alone_shows_its_help_with_exit_2(tmp_path: Path) -> None:
    ran = run(tmp_path, "channel")
    assert ran.returncode == 2
    assert "Uso: agent-console channel" in ran.stderr


def test_without_a_server_every_command_says_how_to_sign_in(tmp_path: Path) -> None:
    for words in (["whoami"], ["convs"], ["conv", "1"], ["user", "list"], ["events"], ["logout"]):
        ran = run(tmp_path, *words)
        assert ran.returncode == 1
        assert "agent-console login URL" in ran.stderr


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    ran = run(tmp_path, "whoami", "--server", "http://127.0.0.1:9", AGENT_CONSOLE_TOKEN="t")
    assert ran.returncode == 1
    assert ran.stderr == (
        "agent-console: http://127.0.0.1:9 no responde. Revise la dirección, y que el servidor esté funcionando.\n"
    )


def test_the_plain_console_needs_no_terminal_but_a_sign_in(tmp_path: Path) -> None:
    ran = run(tmp_path, "--plain")
    assert ran.returncode == 1
    assert "agent-console login URL" in ran.stderr


def test_the_console_wants_a_terminal(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert ran.returncode == 1
    assert "necesita una terminal" in ran.stderr


def test_version(tmp_path: Path) -> None:
    assert re.fullmatch(r"agent-console \S.*\n", run(tmp_path, "--version").stdout)


def test_a_reader_that_has_enough_is_no_failure(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "agent_console", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
    )
    assert process.stdout is not None
    process.stdout.close()  # before anything is printed
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(60) == 0


def test_a_crash_leaves_a_log_and_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def crash(args: list[str]) -> int:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(start, "_dispatch", crash)
    assert start.run(["--lang", "en", "convs"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "Traceback" not in said.err
    (log,) = tmp_path.rglob("crash-*.log")
    assert str(log) in said.err
    assert "ZeroDivisionError: oh" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_shared_options_are_taken_out_wherever_they_stand() -> None:
    assert start.take_shared(["--server", "u", "conv", "1", "--lang=es", "-q"]) == (["conv", "1", "-q"], "u", "es")
    assert start.take_shared(["conv", "1", "reply", "--", "--lang", "fr"]).rest[-2:] == ["--lang", "fr"]
    with pytest.raises(WrongUsage):
        start.take_shared(["convs", "--server"])


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("agent-console c", {"conv", "convs", "channel", "completion"}),
        ("agent-console conv 12 re", {"reply", "resolve"}),
    ],
)
def test_the_shell_completes(typed: str, offered: set[str], tmp_path: Path) -> None:
    words = typed.split(" ")
    ran = run(tmp_path, _AGENT_CONSOLE_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(words) - 1))
    assert ran.returncode == 0, ran.stderr
    assert offered <= set(ran.stdout.split())


def test_completion_prints_a_script(tmp_path: Path) -> None:
    assert "_AGENT_CONSOLE_COMPLETE" in run(tmp_path, "completion", "bash").stdout
    assert run(tmp_path, "completion", SHELL="/bin/tcsh").returncode == 2


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Commands run in this process change the language and what --server sets."""
    before, server = i18n.language(), os.environ.get("AGENT_CONSOLE_SERVER")
    yield
    i18n.set_language(before)
    if server is None:
        os.environ.pop("AGENT_CONSOLE_SERVER", None)
