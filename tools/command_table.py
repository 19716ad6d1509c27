"""Every command and what it does: `python tools/command_table.py > docs/commands.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from agent_console import i18n
from agent_console.cli import nouns

_HEAD = """\
# Commands

Every command of `agent-console`; `agent-console COMMAND --help` tells its options. Every one takes `--server URL` and
`--lang es|en`, and `-o text|json|csv` where it prints data. It exits with 0 when done, 1 when refused or failed, 2 when
asked wrongly. This page is made by `tools/command_table.py`.
"""


def page() -> str:
    """The page in Markdown, in English."""
    i18n.set_language("en")
    return "\n".join([_HEAD, *_parts(), ""])


def _parts() -> Iterator[str]:
    for key, title in nouns.GROUPS.items():
        yield f"## {title}\n\n| command | what it does |\n|---|---|"
        for noun in nouns.NOUNS:
            if noun.group == key:
                yield from _rows(noun)
        yield ""


def _rows(noun: nouns.Noun) -> Iterator[str]:
    from agent_console.cli import grammar  # its texts are read in the language that is set by then

    command: Any = grammar._command(noun)
    verbs = getattr(command, "commands", {})
    if not verbs:
        yield _row([noun.name, *_wants(command)], noun.help)
        return
    yield _row([noun.name, "…"], noun.help, strong=True)
    for name, verb in verbs.items():
        yield _row([noun.name, *(["ID…"] if noun.name == "conv" else []), name, *_wants(verb)], verb.help)


def _wants(command: Any) -> list[str]:
    """What has to be said, and what may be."""
    given = [each for each in command.params if each.param_type_name == "argument"]
    names = [str(each.metavar or each.name.upper()).strip("{}") for each in given]
    return [name if each.required or name.startswith("[") else f"[{name}]"
            for each, name in zip(given, names, strict=True)]  # fmt: skip


def _row(words: list[str], help: str, strong: bool = False) -> str:
    said = help.replace("|", "\\|")
    return f"| `{' '.join(words).replace('|', chr(92) + '|')}` | {f'**{said}**' if strong else said} |"


if __name__ == "__main__":
    sys.stdout.write(page())
