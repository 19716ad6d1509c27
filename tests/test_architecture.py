"""What the import graph cannot see: what a start really loads, and how large the pieces are."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real_server import environment

ROOT = Path(__file__).resolve().parent.parent
LONGEST_CLASS = 400
LONGEST_FILE = 500

_LIST = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def loaded_by(code: str, home: Path) -> set[str]:
    """The top-level packages in a fresh interpreter after `code` ran there."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{_LIST}"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(home, LC_ALL="C.UTF-8"),
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names = json.loads(done.stdout.splitlines()[-1])
    return set(names)


def run_command(*arguments: str) -> str:
    """Code that runs one command of the command line and survives its exit."""
    return (
        f"import sys; sys.argv = ['agent-console', *{list(arguments)!r}]\n"
        "from agent_console.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code"
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["convs", "--help"], ["channel", "add", "--help"], ["serve", "--help"]]
)
def test_help_loads_no_framework(arguments: list[str], tmp_path: Path) -> None:
    heavy = {"textual", "httpx", "sqlite_utils", "starlette", "uvicorn", "websockets", "cryptography", "keyring"}
    assert not heavy & loaded_by(run_command(*arguments), tmp_path)


def test_console_loads_no_database_and_no_server(tmp_path: Path) -> None:
    loaded = loaded_by("import agent_console.app", tmp_path)
    assert "textual" in loaded
    assert not {"sqlite_utils", "sqlite3", "starlette", "uvicorn"} & loaded


def test_console_imports_the_network_after_the_first_paint(tmp_path: Path) -> None:
    assert not {"httpx", "websockets"} & loaded_by("import agent_console.app", tmp_path)


def test_server_loads_no_console(tmp_path: Path) -> None:
    loaded = loaded_by("import server.app", tmp_path)
    assert "starlette" in loaded
    assert not {"agent_console", "textual", "typer", "pandas"} & loaded


def test_shapes_load_nothing_but_msgspec(tmp_path: Path) -> None:
    bare = loaded_by("import msgspec", tmp_path)
    assert loaded_by("import server.wire, server.facts", tmp_path) - bare == {"server"}


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms or ("agent_console", "server", "bench", "tools", "tests"):
        yield from sorted((ROOT / room).rglob("*.py"))


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert lengths, "no sources found"
    too_long = {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > LONGEST_FILE}
    assert not too_long, f"longer than {LONGEST_FILE} lines"


def test_no_class_is_too_long() -> None:
    too_long = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_CLASS:
                    too_long[f"{path.relative_to(ROOT)}:{node.name}"] = length
    assert not too_long, f"longer than {LONGEST_CLASS} lines"


def test_nobody_waits_with_wait_for() -> None:
    """Before Python 3.12 it keeps a cancellation that comes just as its time is up or its wish comes true to itself:
    what was told to end goes on. `asyncio.timeout` does not."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("agent_console", "server")
        if "wait_for" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "asyncio.wait_for"
    ]
    assert not found, "use asyncio.timeout"
