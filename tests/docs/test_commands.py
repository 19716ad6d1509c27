"""Every `agent-console …` that a page shows is one that the command line understands: words, options, kinds of values.

It is parsed as it is when somebody types it, and nothing is done. NAME, FILE and the like stand for themselves; ID and
NUMBER for a number; brackets around an option say that it may be left out. A command that is only named (in running
text, or with an ellipsis) need not be whole.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_console import i18n
from agent_console.cli import asking, grammar, nouns, start

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md"]
#: fences of shell lines; others hold files of some kind
SHELL = ("", "sh", "bash")
_FENCE = re.compile(r"^ *```(\S*)$")
_INLINE = re.compile(r"`((?:\$ )?(?:agent-console|make demo) [^`]+)`")
_NUMBERS = {"ID": "12", "NUMBER": "12", "NÚMERO": "12", "MESSAGE": "12", "MENSAJE": "12"}
#: what Typer says of a command of which something is left out
UNFINISHED = ("MissingParameter", "NoArgsIsHelpError")
Said = list[str]


def lines(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of shell blocks, continued ones put together, and the commands in running text; whether it is whole."""
    fence: str | None = None
    begun = ""
    for line in text.splitlines():
        opened = _FENCE.match(line)
        if opened:
            fence = opened[1] if fence is None else None
        elif fence is None:
            yield from ((found[1], False) for found in _INLINE.finditer(line))
        elif fence in SHELL:
            begun += line.rstrip("\\")
            if not line.endswith("\\"):
                yield begun, True
                begun = ""


def commands(line: str) -> Iterator[Said]:
    """What is handed to `agent-console` on one line of a shell."""
    if "agent-console" not in line and "make demo" not in line:
        return
    read = shlex.shlex(line, posix=True, punctuation_chars="|;<>")
    read.whitespace_split, read.commenters = True, "#"
    words: Said = []
    for word in [*read, ";"]:
        if not set(word) <= set("|;<>"):
            words.append(word)
            continue
        said = handed(words)
        if said is not None:
            yield said
        words = ["into", "file"] if set(word) <= set("<>") else []


def handed(words: Said) -> Said | None:
    """The arguments, where these words run `agent-console`."""
    while words and (words[0] in ("$", "sudo", "exec") or "=" in words[0]):
        words = words[1:]
    if words[:1] == ["-u"]:
        words = words[2:]
    if words[:2] == ["make", "demo"]:
        return ["demo", *shlex.split(words[2].removeprefix("ARGS="))] if words[2:] else ["demo"]
    if not words or words[0].rpartition("/")[2] != "agent-console":
        return None
    return [_NUMBERS.get(word.strip("[]"), word.strip("[]") if "[-" in word else word) for word in words[1:]]


def parse(said: Said) -> None:
    """Read it as the command line does; raises where it would complain."""
    rest = [word for word in start.take_shared(said).rest if word != "…"]
    if not rest or rest[0] in ("COMMAND", "--plain", "--theme", "--help", "--version"):
        return
    noun = nouns.find(rest[0])
    assert noun is not None, f"there is no {rest[0]}"
    command: Any = grammar._command(noun)
    name, args, above = noun.name, rest[1:], None
    while True:
        context = command.make_context(name, list(args), parent=above)
        if not hasattr(command, "resolve_command"):
            return
        left = [*context._protected_args, *context.args]
        if not left:
            return
        name, command, args = command.resolve_command(context, left)
        above = context


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_understood(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "stdin_text", lambda: "12")
    wrong = []
    for line, whole in lines(page.read_text(encoding="utf-8")):
        for said in commands(line):
            try:
                parse(said)
            except Exception as error:
                if type(error).__name__ in UNFINISHED and (not whole or "…" in said):
                    continue
                wrong.append(f"agent-console {shlex.join(said)}: {type(error).__name__} {error}")
    assert not wrong, "\n".join(wrong)


def test_what_is_wrong_is_found() -> None:
    for line in (
        "agent-console rout list",
        "sudo -u root agent-console user add",
        "agent-console convs --veiw mine",
        "echo x | agent-console sla add x --warn soon",
        'make demo ARGS="--fro 20"',
        "agent-console conv 12 hand-on",
    ):
        (said,) = commands(line)
        with pytest.raises((Exception, AssertionError)):
            parse(said)


def test_lines_are_read_as_a_shell_reads_them() -> None:
    page = "\n".join((
        "text `agent-console doctor` text",
        "```",
        'agent-console convs "sla<10m" -q | agent-console conv - claim   # not: agent-console x',
        "agent-console topic export > agent-console.toml; A=b agent-console whoami",
        "agent-console login \\",
        "    URL",
        "```",
        "```toml",
        "agent-console = 1",
        "```",
    ))  # fmt: skip
    assert [said for line, _whole in lines(page) for said in commands(line)] == [
        ["doctor"], ["convs", "sla<10m", "-q"], ["conv", "-", "claim"],
        ["topic", "export"], ["whoami"], ["login", "URL"],
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AGENT_CONSOLE_"):
            monkeypatch.delenv(name)
    i18n.set_language("en")
