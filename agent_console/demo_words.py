"""What the demo's scripted advisors write to customers, in the customer's language. Pure.

Customers are not readers of the console, so these words are not in its catalogues.
"""

from __future__ import annotations

import random
import re
from typing import Literal, NamedTuple

Language = Literal["es", "en"]


class Matter(NamedTuple):
    """What customers write of, told by their words; what an advisor asks first and says then, in both languages."""

    words: re.Pattern[str]
    ask: dict[Language, str]
    say: dict[Language, str]


def _matter(words: str, ask_es: str, say_es: str, ask_en: str, say_en: str) -> Matter:
    return Matter(re.compile(words, re.IGNORECASE), {"es": ask_es, "en": ask_en}, {"es": say_es, "en": say_en})


#: the first that fits is it: what is urgent stands first
MATTERS: tuple[Matter, ...] = (
    _matter(
        r"rob[ao]|estaf|c[óo]digo que me lleg|bloqu[eé]enla|no conozco|haci[ée]ndose pasar|stolen|scam|fraud",
        "Tranquilo, lo vemos ya mismo. ¿Me confirma su número de DUI?",
        "Listo, dejé bloqueados la tarjeta y el acceso, y abrí el caso con la unidad de fraude. No comparta códigos.",
        "We will take care of it right now. Could you confirm your ID number?",
        "Done: card and access are blocked and the fraud team has the case. Please share no codes with anybody.",
    ),
    _matter(
        r"falleci|difunt|passed away",
        "Lamento mucho su pérdida. ¿Me comparte el nombre completo de su familiar?",
        "Gracias. Una compañera del área de seguros le acompañará en todo; no tiene que venir hoy.",
        "I am very sorry for your loss. Could you tell me your relative's full name?",
        "Thank you. A colleague from insurance will go through everything with you; no need to come in today.",
    ),
    _matter(
        r"cajero|atm\b|voucher|se trag[óo]",
        "Qué pena el inconveniente. ¿En qué agencia está ese cajero?",
        "Ya quedó el reclamo; el cajero se cuadra mañana y, si sobra, se le abona en 48 horas hábiles.",
        "Sorry about that. Which branch is that cash machine at?",
        "I filed the claim; the machine is balanced tomorrow and the difference credited within two working days.",
    ),
    _matter(
        r"transfer|cuenta que no era|dos veces",
        "Ya lo reviso. ¿Me puede mandar una captura del comprobante?",
        "Gracias, con eso pedí la devolución al otro banco. Le avisamos por aquí apenas responda.",
        "Checking now. Could you send me a screenshot of the receipt?",
        "Thanks, I asked the other bank to return it. We will write here as soon as they answer.",
    ),
    _matter(
        r"remesa|withdraw it|send money",
        "Con gusto le ayudo. ¿Qué monto le enviaron?",
        "Listo: quien envía debe corregir el nombre tal como sale en el documento y en 20 minutos se puede retirar.",
        "Happy to help. How much was sent?",
        "The sender has to correct the name as it is on the ID; then it can be collected within 20 minutes.",
    ),
    _matter(
        r"cobros|mora|descontaron|me cobr|late fee",
        "Entiendo su molestia y lo reviso de inmediato. ¿Me confirma su número de DUI?",
        "Tiene razón, el pago entró a tiempo. Ya pedí que reviertan el cargo; lo verá mañana en su cuenta.",
        "I understand, let me look into it. Could you confirm your ID number?",
        "You are right, the payment was on time. I asked for the charge to be reversed; you will see it tomorrow.",
    ),
    _matter(
        r"queja|cola\b|tercera vez|nadie contesta|complain",
        "Le ofrezco una disculpa, no es el trato que queremos dar. ¿A qué hora pasó y en qué agencia fue?",
        "Gracias por contarlo. Quedó registrado con la jefatura de la agencia, que le escribirá hoy mismo.",
        "I apologise, that is not how we want to treat you. Which branch was it?",
        "Thank you for telling us. The branch manager has it and will write to you today.",
    ),
    _matter(
        r"usuario|clave|contrase|bloquead|c[óo]digo|\bapp\b|versi[óo]n|password|code\b",
        "Reviso su acceso. ¿Qué mensaje le aparece en la pantalla?",
        "Ya quedó habilitado. Cierre la app, vuelva a entrar y le pedirá una clave nueva.",
        "Let me look at your access. What message do you see?",
        "It is enabled again. Close the app, sign in once more and it will ask for a new password.",
    ),
    _matter(
        r"tarjeta|l[íi]mite|declin|\bpin\b|\bcard\b|terminal",
        "Con gusto. ¿Me regala su número de DUI para ubicar la tarjeta?",
        "Listo, ya quedó en el sistema; en unos minutos puede usarla sin problema.",
        "Of course. Could you give me your ID number so that I find the card?",
        "Done, it is in the system; you can use it in a few minutes.",
    ),
    _matter(
        r"refinanc|arreglo|incapacitad|perdimos|reestruct",
        "Gracias por avisar con tiempo, sí hay opciones. ¿De cuánto es su cuota?",
        "Podemos bajarle la cuota alargando el plazo, sin afectar su récord. Le preparo la propuesta hoy.",
        "Thank you for telling us in time, there are options. How much is your instalment?",
        "We can lower it by extending the term, without harm to your record. I will prepare the proposal today.",
    ),
    _matter(
        r"pr[ée]stamo|cr[ée]dito|cuota|prestan|fiador|\bloan",
        "Buena noticia, sí podemos. ¿Qué monto necesita?",
        "Con esos datos califica: traiga DUI, dos recibos y constancia de ingresos, y sale en 48 horas.",
        "Good news, we can. How much do you need?",
        "With that you qualify: bring your ID, two bills and proof of income, and it is out in 48 hours.",
    ),
    _matter(
        r"planilla|empleados|payroll",
        "Buen día, con gusto. ¿Para qué fecha necesitan el pago?",
        "Recibido. Las cuentas quedan abiertas hoy y la planilla se puede subir desde mañana, también en Excel.",
        "Good day. For what date do you need the payment?",
        "Received. The accounts open today and the file can be uploaded from tomorrow on.",
    ),
    _matter(
        r"abren|horario|s[áa]bado|vacaciones|agencia me queda|pasaron|asamblea|rifa|\bopen\b.*(?:hour|saturday)",
        "Con gusto le ubico. ¿Por qué zona anda?",
        "La más cercana atiende de 8:00 a 4:30 y los sábados hasta las 12:00; hay parqueo atrás.",
        "Let me see. Which town are you in?",
        "The nearest branch is open from 8:00 to 4:30, Saturdays until noon.",
    ),
    _matter(
        r"socio|afiliar|aportaci|beneficiari|direcci[óo]n|casada|salirme|retirar mis|member",
        "Con mucho gusto. ¿En qué agencia le queda mejor hacer el trámite?",
        "Solo necesita su DUI vigente y firmar un formulario; le toma diez minutos y ya se lo dejé adelantado.",
        "With pleasure. Which branch suits you best?",
        "You only need a valid ID and to sign one form; I have it prepared, it takes ten minutes.",
    ),
    _matter(
        r"ahorro|plazo|tasa|constancia|estado de cuenta|saving|account",
        "Con gusto. ¿Me indica su número de DUI?",
        "Listo, ya lo dejé solicitado: no tiene costo y le llega hoy mismo a su correo.",
        "Happy to help. Could you give me your ID number?",
        "Done, I requested it: it is free and reaches your e-mail today.",
    ),
)
_ANYTHING = _matter(
    r"",
    "Con gusto le ayudo. ¿Me cuenta qué mensaje le aparece o qué necesita?",
    "Gracias, ya lo revisé y quedó resuelto de nuestro lado.",
    "Happy to help. Could you tell me what happened?",
    "Thank you, I checked and it is solved on our side.",
)
_SHORT: dict[Language, tuple[str, ...]] = {
    "es": (
        "Sí, claro. No tiene ningún costo.",
        "Así es, le queda listo hoy mismo.",
        "Normalmente toma de uno a dos días hábiles.",
        "No se preocupe, de eso nos encargamos nosotros.",
    ),
    "en": (
        "Yes, of course, at no cost.",
        "That usually takes one or two working days.",
        "Don't worry, we see to that.",
    ),
}
_CLOSING: dict[Language, tuple[str, ...]] = {
    "es": (
        "Para servirle, que tenga buen día.",
        "Con mucho gusto, aquí estamos. 🙌",
        "Un gusto atenderle. ¡Feliz día!",
    ),
    "en": ("You're welcome, have a nice day!", "Glad to help. 🙌"),
}
#: in public: nobody is asked for anything that others should not read
_IN_PUBLIC: dict[Language, tuple[str, ...]] = {
    "es": (
        "¡gracias por escribirnos! Con gusto le damos los detalles por mensaje directo.",
        "¡qué gusto saludarle! En cualquier agencia o por mensaje directo le atendemos con todo gusto.",
        "gracias por su comentario, lo estamos revisando. Para su caso en particular escríbanos por mensaje directo.",
    ),
    "en": ("thank you for writing! We are happy to help you in a direct message.",),
}
_REGARDS: dict[Language, str] = {
    "es": "Saludos cordiales,\nServicio al asociado",
    "en": "Kind regards,\nMember service",
}
NOTES = (
    "ya se validó identidad con DUI",
    "cliente pide que le llamen después de las 2",
    "revisar mañana si entró el abono",
    "tiene otro caso abierto en la agencia",
)
PROMISES = (
    "llamarle para confirmar la cita",
    "avisarle cuando entre el abono",
    "mandarle el estado de cuenta",
    "preguntar en la agencia por su tarjeta",
)
REASONS = (
    "necesita aprobación de refinanciamiento",
    "pregunta por una solicitud que usted atendió",
    "salgo a almorzar y espera respuesta",
)
TROUBLES = ("está muy molesto", "pide hablar con el gerente", "")
_ENGLISH = re.compile(r"\b(?:the|my|you|hello|hi|is|can|and|this)\b", re.IGNORECASE)
_SPANISH = re.compile(r"[ñáéíóú¿¡]|\b(?:la|el|que|mi|buen[oa]s|hola|por|una?|no|de)\b", re.IGNORECASE)
_DONE = re.compile(r"gracia|grax|thank|bendiga|👍|🙏|^ok\b|^va\b|listo|igualmente", re.IGNORECASE)


def language_of(texts: list[str]) -> Language:
    """The language a customer writes."""
    text = " ".join(texts)
    return "en" if len(_ENGLISH.findall(text)) > len(_SPANISH.findall(text)) else "es"


def says_goodbye(text: str) -> bool:
    """Whether a customer's last words need no further answer than a friendly one."""
    return _DONE.search(text) is not None and "?" not in text


def compose(texts: list[str], stage: int, name: str, hour: int, rng: random.Random) -> str:
    """The advisor's next message. `texts`: all that the customer wrote; `stage`: how often they were answered."""
    language = language_of(texts)
    last = texts[-1] if texts else ""
    if stage and says_goodbye(last):
        return rng.choice(_CLOSING[language])
    about = next((m for m in MATTERS if any(m.words.search(text) for text in texts)), _ANYTHING)
    if stage == 0:
        return f"{_greeting(language, hour, name)} {about.ask[language]}"
    if stage == 1:
        return about.say[language]
    return rng.choice(_SHORT[language])


def compose_public(texts: list[str], stage: int, name: str, rng: random.Random) -> str:
    """The same where everybody can read it."""
    language = language_of(texts)
    if stage and (says_goodbye(texts[-1]) if texts else True):
        return rng.choice(_CLOSING[language])
    if stage:
        return rng.choice(_SHORT[language])
    words = rng.choice(_IN_PUBLIC[language])
    return f"{first_name(name) or ('Hola' if language == 'es' else 'Hello')}, {words}"


def letter(text: str) -> str:
    """An answer as a mail."""
    return f"{text}\n\n{_REGARDS[language_of([text])]}"


def _greeting(language: Language, hour: int, name: str) -> str:
    if language == "en":
        words = "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"
    else:
        words = "Buenos días" if hour < 12 else "Buenas tardes" if hour < 18 else "Buenas noches"
    return f"{words}, {first}." if (first := first_name(name)) else f"{words}."


def first_name(name: str) -> str:
    """What one calls a person of this shown name; empty if it is not a person's, or nobody can tell."""
    words = name.split()
    if not words or not all(c.isalpha() or c in " .'" for c in name):
        return ""
    first = words[0]
    if first.lower() in ("don", "doña", "niña") and len(words) > 1:
        return f"{first.lower()} {words[1].title()}"
    titles = ("ing.", "lic.", "dr.", "dra.", "profe")
    business = ("pupusería", "ferretería", "taller", "comercial", "farmacia", "tienda")
    if first.lower() in (*titles, *business) or len(first) < 3:
        return ""
    return first.title()
