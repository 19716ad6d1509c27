"""Every style the console paints with, resolved once per theme from the theme's variables.

Colour means something or is absent: one accent, amber and red for the clock, a hue per channel. Whatever a colour says
is also said by a sign or a word, so that nothing is lost without colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.style import Style

#: two letters for each channel kind; its colour is the theme variable `channel-` and those letters
CHANNELS: Mapping[str, str] = {
    "whatsapp": "WA",
    "messenger": "FB",
    "instagram": "IG",
    "telegram": "TG",
    "sms": "SM",
    "email": "EM",
    "webchat": "WC",
    "webhook": "WH",
}


@dataclass(frozen=True)
class Look:
    """Foregrounds (`text` … `channels`) and the surfaces they are laid on (`page` … `drawer`). `hyperlinks`: links in
    texts are given to the terminal as such."""

    text: Style
    strong: Style
    muted: Style
    faint: Style
    accent: Style
    key: Style
    warn: Style
    breach: Style
    bad: Style
    good: Style
    unread: Style
    note: Style
    struck: Style
    rule: Style
    page: Style
    bar: Style
    cursor: Style
    cursor_away: Style
    drawer: Style
    notice: Style
    channels: Mapping[str, Style] = field(default_factory=dict)
    hyperlinks: bool = True

    @classmethod
    def of(
        cls, variables: Mapping[str, str], attributes: Mapping[str, str] | None = None, hyperlinks: bool = True
    ) -> Look:
        """The look of a theme. `variables`: the theme's CSS variables, colours as `#rrggbb` or `ansi_…`; `attributes`:
        what is added to some of them (bold, dim, reverse …)."""
        added = {name: Style.parse(text) for name, text in (attributes or {}).items()}

        def ink(name: str, *, bold: bool = False, italic: bool = False, strike: bool = False) -> Style:
            own = added.get(name)
            plain = Style(
                color=_colour(variables[name]), bold=bold or None, italic=italic or None, strike=strike or None
            )
            return plain if own is None else own + plain

        def surface(name: str) -> Style:
            plain = Style(color=_colour(variables["ink"]), bgcolor=_colour(variables[name]))
            own = added.get(name)
            if own is None:
                return plain
            # A reversed line shows the terminal's own colours, the other way round.
            return own + (Style(color="default", bgcolor="default") if own.reverse else plain)

        return cls(
            text=ink("ink"),
            strong=ink("ink-strong", bold=True),
            muted=ink("ink-muted"),
            faint=ink("ink-faint"),
            accent=ink("ink-accent"),
            key=ink("ink-accent", bold=True),
            warn=ink("ink-warning", bold=True),
            breach=ink("ink-breach", bold=True),
            bad=ink("ink-breach"),
            good=ink("ink-good"),
            unread=ink("ink-accent", bold=True),
            note=ink("ink-note"),
            struck=ink("ink-faint", strike=True),
            rule=ink("rule"),
            page=surface("page"),
            bar=surface("bar"),
            cursor=surface("cursor"),
            cursor_away=surface("cursor-away"),
            drawer=surface("drawer"),
            notice=surface("notice"),
            channels={kind: ink(f"channel-{code.lower()}") for kind, code in CHANNELS.items()},
            hyperlinks=hyperlinks,
        )

    def channel(self, kind: str) -> Style:
        """The colour of a channel kind."""
        return self.channels.get(kind, self.muted)


def _colour(name: str) -> str:
    """A colour as Rich calls it."""
    return name.removeprefix("ansi_")


def channel_code(kind: str) -> str:
    """Two letters for a channel kind; its own first two if we do not know it."""
    return CHANNELS.get(kind) or (kind[:2].upper() or "??").ljust(2)
