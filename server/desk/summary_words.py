"""The words of summaries, Spanish and English, and the signs by which messages are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of one language."""

    by: str
    often: str
    topic: str
    asks: str
    answered: str
    unanswered: str
    note: str
    identity: str
    promised: str
    mood: str
    quotes: str
    one_file: str
    many_files: str
    moods: dict[str, str]
    complexities: dict[str, str]
    channels: dict[str, str]

    def quoted(self, text: str) -> str:
        return f"{self.quotes[0]}{text}{self.quotes[1]}"

    def files(self, n: int) -> str:
        return self.one_file if n == 1 else self.many_files.format(n=n)


_BRANDS: Final = {
    "whatsapp": "WhatsApp",
    "messenger": "Messenger",
    "instagram": "Instagram",
    "telegram": "Telegram",
    "sms": "SMS",
}

WORDS: Final[dict[str, Words]] = {
    "es": Words(
        by="Escribe por {channel}",
        often="{n} conversaciones en 30 días",
        topic="Tema",
        asks="Pide",
        answered="Se le respondió",
        unanswered="Aún no tiene respuesta.",
        note="Nota de",
        identity="Identidad comprobada (lo anotó {who}).",
        promised="Prometido",
        mood="Ánimo",
        quotes="«»",
        one_file="Mandó 1 archivo.",
        many_files="Mandó {n} archivos.",
        moods={"calm": "", "content": "agradecimiento", "worried": "preocupación", "upset": "molestia"},
        complexities={"simple": "simple", "medium": "media", "complex": "compleja"},
        channels={**_BRANDS, "email": "correo", "webchat": "el chat del sitio", "webhook": "otro sistema"},
    ),
    "en": Words(
        by="Writes by {channel}",
        often="{n} conversations in 30 days",
        topic="Topic",
        asks="Asks",
        answered="Was answered",
        unanswered="Has no answer yet.",
        note="Note by",
        identity="Identity checked (noted by {who}).",
        promised="Promised",
        mood="Mood",
        quotes="“”",
        one_file="Sent 1 file.",
        many_files="Sent {n} files.",
        moods={"calm": "", "content": "thankful", "worried": "worried", "upset": "upset"},
        complexities={"simple": "simple", "medium": "medium", "complex": "complex"},
        channels={**_BRANDS, "email": "e-mail", "webchat": "the site's chat", "webhook": "another system"},
    ),
}

_GREETINGS: Final = """
    hola ola buenos buenas dias dia tardes noches muy que tal como esta estan saludos bendiciones gracias muchas mil
    ok okay okey vale listo lista bien si no ya aja claro perfecto entendido niña niño señorita señor licenciada
    licenciado estimados estimado amable por favor disculpe perdon un gusto hello hi hey good morning afternoon evening
    day thanks thank you very much yes yeah no sure great perfect fine please there dear sir madam team
"""
#: words that, alone, say nothing that has to be handed on (without case and accents)
GREETINGS: Final = frozenset(_GREETINGS.split())

#: words with which people ask for something
OPENINGS: Final = (
    "quiero", "quisiera", "necesito", "me pueden", "me puede", "pueden", "puede", "podria", "podrian", "ayuda",
    "como hago", "cuanto", "cuando", "donde", "porque", "por que", "cual", "no me deja", "no puedo", "no funciona",
    "solicito", "i want", "i need", "i would like", "can you", "could you", "how do", "how much", "when", "where",
    "why", "which", "cannot", "can't", "does not work", "doesn't work", "help",
)  # fmt: skip

#: signs in a note that the customer's identity was checked, and that it was not
IDENTITY: Final = (
    "identidad validada", "identidad comprobada", "identidad verificada", "identidad confirmada", "valido identidad",
    "valide identidad", "validada identidad", "verifico identidad", "verifique identidad", "comprobe identidad",
    "comprobo identidad", "valido su identidad", "valide su identidad", "verifique su identidad", "validado con dui",
    "verificado con dui", "valide dui", "verifique dui", "identity checked", "identity verified", "identity confirmed",
    "checked identity", "verified identity", "checked their identity", "verified their identity",
    "checked her identity", "checked his identity",
)  # fmt: skip
LACKING: Final = (
    "no se ha", "no se pudo", "no se valido", "aun no", "todavia no", "falta", "pendiente", "sin validar", "no valid",
    "no verif", "no comprob", "not yet", "not checked", "not verified", "could not", "couldn't", "missing", "pending",
)  # fmt: skip
