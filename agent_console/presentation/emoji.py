"""Emoji by name, as people know them in English and Spanish. Only common ones that every phone has."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

#: an emoji and its names, the best known first
_TABLE: Final = """
🙂 smile sonrisa
😀 grinning feliz
😄 happy alegre
😅 sweat_smile alivio_sudor
😂 joy risa
🤣 rofl carcajada
😉 wink guiño
😊 blush contento
😇 innocent angel
😍 heart_eyes enamorado
😘 kiss beso
😎 cool lentes
🤔 thinking pensando
😐 neutral neutral
😕 confused confundido
🙁 frown triste
😢 cry llorar
😭 sob llanto
😞 disappointed decepcionado
😟 worried preocupado
😡 angry enojado
😱 scream susto
😴 sleep dormido
🤒 sick enfermo
🤗 hug abrazo
🤝 handshake trato
👍 thumbs_up bien
👎 thumbs_down mal
👌 ok perfecto
👏 clap aplauso
🙏 thanks gracias
🙌 hooray bravo
💪 strong fuerza
✌️ victory paz
👋 wave hola
🤞 fingers_crossed suerte
👉 point_right derecha
👇 point_down abajo
❤️ heart corazón
💚 green_heart corazón_verde
💔 broken_heart corazón_roto
🎉 party fiesta
🎁 gift regalo
🎂 cake pastel
🌟 star estrella
✨ sparkles brillo
🔥 fire fuego
💯 hundred cien
☀️ sun sol
🌧️ rain lluvia
🌹 rose rosa
🌎 world mundo
🇸🇻 el_salvador salvador
✅ check listo
☑️ done hecho
✔️ tick visto
❌ cross no
⚠️ warning cuidado
❗ important importante
❓ question pregunta
ℹ️ info información
🚫 forbidden prohibido
🔒 lock candado
🔓 unlock desbloqueado
🔑 key llave
🔔 bell campana
⏰ clock reloj
⏳ wait espera
📅 calendar calendario
📌 pin chinche
📎 paperclip clip
📄 page documento
📝 memo nota
📷 camera cámara
📍 place lugar
📞 call llamada
📱 phone teléfono
💻 computer computadora
✉️ mail correo
📧 email correo_electrónico
🏦 bank banco
🏠 house casa
🏢 office oficina
💰 money dinero
💵 dollars dólares
💳 card tarjeta
🧾 receipt recibo
📈 up subida
📉 down bajada
🚗 car carro
🛵 scooter moto
🚚 delivery entrega
👤 person persona
👥 people personas
👨‍👩‍👧 family familia
👶 baby bebé
🐶 dog perro
🐱 cat gato
☕ coffee café
🫓 tortilla pupusa
➡️ arrow flecha
👀 eyes ojos
💡 idea idea
🆘 sos auxilio
🤷 shrug ni_idea
🤦 facepalm vergüenza
"""

Found = tuple[str, str]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))


def _read() -> tuple[Mapping[str, str], tuple[tuple[str, str, tuple[str, ...]], ...]]:
    exact: dict[str, str] = {}
    rows = []
    for entry in _TABLE.split("\n"):
        emoji, *names = entry.split() if entry.split() else ("",)
        if emoji:
            plain = tuple(map(_plain, names))
            rows.append((emoji, " · ".join(name.replace("_", " ") for name in dict.fromkeys(names)), plain))
            for name in plain:
                exact.setdefault(name, emoji)
    return exact, tuple(rows)


_EXACT, _ROWS = _read()


def exact(name: str) -> str:
    """The emoji of a name; empty if none is called so."""
    return _EXACT.get(_plain(name), "")


def find(typed: str, most: int = 6) -> list[Found]:
    """(emoji, names) of those with a name that begins like this, then of those that have it in a name."""
    wanted = _plain(typed)
    ranked = []
    for n, (emoji, shown, names) in enumerate(_ROWS):
        if wanted in names:
            ranked.append((0, n, (emoji, shown)))
        elif any(name.startswith(wanted) for name in names):
            ranked.append((1, n, (emoji, shown)))
        elif any(wanted in name for name in names):
            ranked.append((2, n, (emoji, shown)))
    return [found for _rank, _n, found in sorted(ranked)[:most]]
