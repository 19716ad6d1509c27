"""What mood a customer's messages are in, by simple signs. Pure.

It is a hint for whoever answers, never a verdict: shouting, insistence and words of anger against words of thanks, the
newest messages counting most. The signs are in Spanish and English,
without case and accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

Mood = Literal["calm", "content", "worried", "upset"]

#: messages looked at, newest ones
RECENT: Final = 8
#: from this much on it is that mood
ENOUGH: Final = 2.0

_UPSET: Final = (
    "molest", "enojad", "indignad", "pesimo", "el colmo", "es colmo", "harto", "harta", "inepto", "estafa",
    "robo ", "robando", "ladron", "demanda", "denuncia", "defensoria", "abogado", "burla", "verguenza",
    "nadie me", "otra vez lo mismo", "mal servicio", "mala atencion", "sin respuesta", "no responden", "no contestan",
    "cuantas veces", "ya van", "ridicul", "inaceptable", "queja", "reclamo", "basura", "incompetent", "maldit",
    "angry", "furious", "unacceptable", "ridiculous", "scam", "lawyer", "sue you", "complain", "worst", "terrible",
    "useless", "nobody answers", "no one answers", "fed up", "again and again", "how many times", "disgust", "rip off",
)  # fmt: skip
_WORRIED: Final = (
    "preocup", "urgente", "urge ", "por favor ayud", "ayudeme", "auxilio", "miedo", "asustad", "angusti", "desesper",
    "me robaron", "me hackearon", "no reconozco", "fraude", "perdi ", "bloquead", "retenid", "no me deja", "emergencia",
    "necesito hoy", "cuanto antes", "worried", "urgent", "afraid", "scared", "stolen", "hacked", "fraud",
    "don't recognise", "don't recognize", "locked out", "desperate", "emergency", "asap", "please help",
)  # fmt: skip
_CONTENT: Final = (
    "gracias", "muy amable", "excelente", "perfecto", "genial", "bendiciones", "que bueno", "me alegra", "feliz",
    "thank", "great", "perfect", "awesome", "excellent", "appreciate", "wonderful",
)  # fmt: skip
_ANGRY_FACES: Final = frozenset("😠😡🤬👿💢😤🖕")
_SAD_FACES: Final = frozenset("😢😭😰😨😱😩😫😟🙏")
_GLAD_FACES: Final = frozenset("😀😃😄😁😊🙂😍🥰👍🎉❤😘🤗")
_INSISTS: Final = re.compile(r"[!?¡¿]{3,}")


def plain(text: str) -> str:
    """A text without case and accents, blanks made one; ñ stays, as it is a letter of its own."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ñ", "\0"))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(bare.replace("\0", "ñ").split())


def of(texts: Sequence[str]) -> Mood:
    """The mood of a customer who wrote these, oldest first."""
    upset = worried = content = 0.0
    recent = [text for text in texts if text.strip()][-RECENT:]
    for age, text in enumerate(reversed(recent)):
        fresh = 1.0 if age < 3 else 0.6
        words = f"{plain(text)} "
        upset += fresh * (2 * _count(_UPSET, words) + 2 * _faces(text, _ANGRY_FACES) + _shouts(text) + _insists(text))
        worried += fresh * (2 * _count(_WORRIED, words) + 2 * _faces(text, _SAD_FACES))
        content += (fresh if age < 2 else 0.3) * (2 * _count(_CONTENT, words) + 2 * _faces(text, _GLAD_FACES))
    upset += _repeats(recent)
    if upset >= ENOUGH and upset >= content:
        return "upset"
    if worried >= ENOUGH and worried > content:
        return "worried"
    return "content" if content >= ENOUGH else "calm"


def _count(signs: Sequence[str], words: str) -> int:
    return min(2, sum(sign in words for sign in signs))


def _faces(text: str, faces: frozenset[str]) -> bool:
    return not faces.isdisjoint(text)


def _shouts(text: str) -> float:
    """Half a message or more in capitals, if it is long enough to mean it."""
    letters = [letter for letter in text if letter.isalpha()]
    return 1.5 if len(letters) >= 12 and sum(letter.isupper() for letter in letters) > 0.6 * len(letters) else 0.0


def _insists(text: str) -> float:
    return 1.0 if _INSISTS.search(text) else 0.0


def _repeats(texts: Sequence[str]) -> float:
    """The same thing said again, word by word."""
    said = [plain(text) for text in texts if len(text) > 12]
    return 1.5 if len(said) != len(set(said)) else 0.0
