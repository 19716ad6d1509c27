"""What a person set up for their console: keys, notifications, links, in one TOML file; and what the console remembers
by itself: the colours chosen last, who has seen the tour, the macros recorded.

The settings are the person's own file (`config.toml` in the user's configuration folder) and are only read; a mistake
in it is said in words and the rest holds. Without the file nothing is read and nothing imported. What is remembered is
a file of the console's own beside it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from agent_console.i18n import _

if TYPE_CHECKING:
    from agent_console.keymap import Keymap
    from agent_console.presentation.notify import Wishes

#: bytes of a settings file that are read; a longer one is none of ours
MOST: Final = 200_000
_KNOWN: Final = ("preset", "keys", "notify", "hyperlinks")


@dataclass(frozen=True)
class Settings:
    """`keymap`, `notify`: None where nothing was set. `hyperlinks`: whether the terminal gets links as such; None: as
    it can take them. `problems` are sentences."""

    keymap: Keymap | None = None
    notify: Wishes | None = None
    hyperlinks: bool | None = None
    problems: tuple[str, ...] = ()


class Remembered(msgspec.Struct):
    """`theme`: the colours chosen last. `toured`: who has seen the tour (`user@server`). `macros`: name to steps.
    `searches`: what was searched for, the newest first. `path`: where it is kept; None forgets it all."""

    theme: str = ""
    toured: list[str] = []
    macros: dict[str, list[str]] = {}
    searches: list[str] = []
    path: str | None = None

    def keep(self) -> str:
        """Write it down, as a whole; why that failed, empty if it did not."""
        if self.path is None:
            return ""
        import tempfile

        path = Path(self.path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(self, path=None)), indent=2))
            Path(name).replace(path)
        except OSError as error:
            return error.strerror or str(error)
        return ""


def folder() -> Path:
    """The user's configuration folder for the console."""
    import platformdirs

    return Path(platformdirs.user_config_dir("agent-console", appauthor=False))


def path() -> Path:
    """The settings file."""
    return folder() / "config.toml"


def remembered() -> Remembered:
    """What is remembered; a file that can't be read is as none."""
    path = folder() / "remembered.json"
    found = Remembered()
    with contextlib.suppress(OSError, msgspec.DecodeError):
        found = msgspec.json.decode(path.read_bytes()[:MOST], type=Remembered)
    found.path = str(path)
    return found


def load(file: Path | None = None, preset: str = "") -> Settings:
    """The settings in `file` (default: the user's own, which need not be there). `preset` goes before the file's.

    Raises OSError if a `file` that was named can't be read.
    """
    try:
        text = _text_of(file or path())
    except OSError:
        if file is not None:
            raise
        text = ""
    if not text.strip() and not preset:
        return Settings()
    from agent_console import keymap

    data, problems = _parsed(text) if text.strip() else ({}, [])
    problems += [_("There is no setting {name}.").format(name=repr(each)) for each in data if each not in _KNOWN]
    named = data.get("preset", "default")
    found = keymap.build(preset or (named if isinstance(named, str) else str(named)), _table(data, "keys", problems))
    wishes = None
    if notify := _table(data, "notify", problems):
        from agent_console.presentation.notify import read_wishes

        wishes, wrong = read_wishes(notify)
        problems += wrong
    hyperlinks = data.get("hyperlinks")
    if hyperlinks is not None and not isinstance(hyperlinks, bool):
        problems.append(_("{name} is true or false.").format(name="hyperlinks"))
        hyperlinks = None
    return Settings(found, wishes, hyperlinks, (*problems, *found.problems))


def _text_of(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(MOST).decode("utf-8-sig", errors="replace")


def _parsed(text: str) -> tuple[dict[str, Any], list[str]]:
    import tomllib

    try:
        return tomllib.loads(text), []
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, [_("The settings file can't be read: {why}").format(why=error)]


def _table(data: Mapping[str, Any], name: str, problems: list[str]) -> Mapping[str, object]:
    found = data.get(name, {})
    if isinstance(found, dict):
        return found
    problems.append(_("{name} is a table: write [{name}] and its lines below.").format(name=name))
    return {}
