"""The colours can be read, and every theme has all of them."""

from __future__ import annotations

import pytest

from agent_console.presentation import palette
from agent_console.presentation.look import Look

READ = ("ink", "ink-strong")
SIGNS = ("ink-accent", "ink-warning", "ink-breach", "ink-good", "ink-note")


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", [name for name in palette.THEMES if name not in palette.NATIVE])
def test_contrast(name: str) -> None:
    variables, _dark = palette.THEMES[name]
    high = name.endswith("contrast")
    for surface in ("page", "bar", "cursor", "cursor-away", "drawer", "notice"):
        for ink in variables:
            if not ink.startswith(("ink", "channel")):
                continue
            least = 7 if ink in READ or high else 4.5
            assert contrast(variables[ink], variables[surface]) >= least, (ink, surface)


@pytest.mark.parametrize("name", palette.THEMES)
def test_every_theme_has_every_colour(name: str) -> None:
    variables, _dark = palette.THEMES[name]
    assert set(variables) == set(palette.DARK)
    Look.of(variables, palette.ATTRIBUTES.get(name))


@pytest.mark.parametrize("name", sorted(palette.NATIVE))
def test_the_terminals_own_colours_are_left_to_it(name: str) -> None:
    """Sixteen colours by name at most: each person has made them readable on their own background."""
    variables, _dark = palette.THEMES[name]
    assert all(value.startswith("ansi_") for value in variables.values())
    assert {variables[each] for each in ("page", "bar", "drawer", *READ)} == {"ansi_default"}


def test_without_colour_every_tone_still_looks_different() -> None:
    variables, _dark = palette.THEMES[palette.WITHOUT_COLOUR]
    assert set(variables.values()) == {"ansi_default"}
    look = Look.of(variables, palette.ATTRIBUTES[palette.WITHOUT_COLOUR])
    assert look.cursor.reverse and look.cursor_away.underline
    assert look.breach.underline and look.muted.dim and look.note.italic
    assert look.text != look.strong != look.breach


def test_people_choose_by_short_names() -> None:
    assert {palette.named(name) for name in palette.NAMES} == set(palette.THEMES)
    assert palette.named("agent-console-light") == "agent-console-light"
    assert palette.named("pink") == ""
    assert [palette.name_of(palette.named(name)) for name in palette.NAMES] == list(palette.NAMES)
