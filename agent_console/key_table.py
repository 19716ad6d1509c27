"""The key table of the documentation, from the registry and the presets: `python -m agent_console.key_table
[--lang es|en]` prints `docs/keys.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from agent_console.actions import BY_ID, GROUPS, place_name
from agent_console.i18n import _
from agent_console.keymap import PRESETS, build
from agent_console.keys import key_name


def markdown() -> str:
    """The keys of the preset `default`, then where the others differ, then how to change them."""
    lines: list[str] = [f"# {_('Keys')}", ""]
    for title, ids in GROUPS:
        lines += [f"## {_(title)}", "", f"| {_('Key')} | {_('What it does')} | {_('Where')} |", "|---|---|---|"]
        for action in (BY_ID[each] for each in ids):
            where = ", ".join(place_name(place) for place in action.where)
            lines.append(f"| {shown(action.keys)} | {_(action.help)} | {where} |")
        lines.append("")
    lines += [f"## {_('Other presets')}", ""]
    others = [name for name in PRESETS if name != "default"]
    lines += [f"| {_('What it does')} | {' | '.join(PRESETS)} | {_('Action')} |", "|---" * (len(PRESETS) + 2) + "|"]
    maps = {name: build(name).keys for name in PRESETS}
    for action in BY_ID.values():
        if any(maps[name][action.id] != maps["default"][action.id] for name in others):
            cells = " | ".join(shown(maps[name][action.id]) for name in PRESETS)
            lines.append(f"| {_(action.help)} | {cells} | `{action.id}` |")
    lines += ["", *_how_to_change(), ""]
    return "\n".join(lines)


def shown(keys: Sequence[str]) -> str:
    """Keys as the table shows them."""
    return " ".join(f"`{key_name(key)}`" for key in keys) or _("commands (ctrl+p)")


def _how_to_change() -> list[str]:
    return [
        f"## {_('Your own keys')}",
        "",
        _("In the settings file (docs/settings.md), which `agent-console keys` names and checks:"),
        "",
        "```toml",
        'preset = "vim"',
        "",
        "[keys]",
        'resolve = "y"',
        'send = ["ctrl+s", "f5"]',
        'view_mine = "g m"',
        "refresh = []",
        "```",
    ]


def main(arguments: Iterable[str] = ()) -> None:
    """Print the key table."""
    from agent_console.i18n import set_language

    given = list(arguments)
    set_language(given[given.index("--lang") + 1] if "--lang" in given else "en")
    sys.stdout.write(markdown())


if __name__ == "__main__":
    main(sys.argv[1:])
