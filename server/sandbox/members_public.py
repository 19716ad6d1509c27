"""Stories told below posts, where all can read them, and those that fit SMS or Telegram only. Invented."""

from __future__ import annotations

from server.sandbox.members_story import Story, album, sticker

STORIES: tuple[Story, ...] = (
    Story(
        name="comment-rate",
        opening=("¿Qué tasa están dando en el ahorro a plazo? 👀",),
        asked={"yes": ("sí, por favor",), "amount": ("como para ${amount}",)},
        more=("¿y aplica para los que no somos socios?",),
        thanks=("Gracias por responder 🙌",),
        on="comment",
    ),
    Story(
        name="comment-requirements",
        opening=("Requisitos para el crédito por favor, gano el mínimo",),
        asked={"place": ("soy de {town}",), "yes": ("ok, ya les escribo",)},
        more=("¿Se puede con fiador?",),
        thanks=("Gracias, Dios les bendiga",),
        on="comment",
    ),
    Story(
        name="comment-raffle",
        opening=("Participando!! ¿todavía se puede para la rifa de la refri? 🎉",),
        asked={"place": ("en {agency}",), "yes": ("siii",)},
        more=("¿y cuándo dicen quién ganó?",),
        thanks=("😍😍",),
        mood="cheerful",
        on="comment",
    ),
    Story(
        name="comment-angry-queue",
        opening=("Bonita la foto pero en {agency} solo una caja abierta y una cola de dos horas 😡",),
        asked={"when": ("hoy mismo, vayan a ver",), "yes": ("ahí sigo en la cola jaja",)},
        more=("¿y van a poner más gente o no?",),
        thanks=("Ojalá sea cierto, gracias",),
        mood="angry",
        on="comment",
    ),
    Story(
        name="comment-opening-hours",
        opening=("Abren este sábado en {agency}?",),
        asked={"yes": ("solo caja",), "place": ("la de {agency}",)},
        more=("hasta qué hora?",),
        thanks=("grax",),
        mood="hurried",
        on="comment",
    ),
    Story(
        name="comment-member-happy",
        opening=("Yo con ustedes saqué mi casita 🏠 ¿ya abrieron la nueva feria de vivienda?",),
        asked={"place": ("yo soy de {town}",), "yes": ("es para mi hermano",)},
        thanks=("Los quiero mucho, gracias ❤️",),
        mood="cheerful",
        on="comment",
    ),
    Story(
        name="comment-english",
        opening=("Do you open accounts for people living abroad?",),
        asked={"yes": ("Yes, I'm Salvadoran",), "place": ("I'm in Virginia",)},
        more=("And can I do it online?",),
        thanks=("Great, thanks!",),
        language="en",
        on="comment",
    ),
    Story(
        name="sms-no-internet",
        opening=(
            "Buenas, les escribo por mensaje porque no tengo internet. Me llegó un aviso de que mi cuota venció ayer,"
            " pero yo la pagué el viernes en {agency} y tengo el recibo en la mano. ¿Me pueden revisar por favor?",
        ),
        asked={"id": ("{id}",), "when": ("el viernes como a las 10",), "amount": ("${amount}",)},
        more=("y no me van a cobrar mora verdad?",),
        thanks=("gracias, muy amable",),
        mood="worried",
        on="sms",
    ),
    Story(
        name="sms-code",
        opening=("No me llega el codigo para entrar a la app. Este es mi numero",),
        asked={"id": ("{id}",), "detail": ("dice que lo mandaron pero no entra",), "yes": ("si",)},
        more=("y si cambio de telefono?",),
        thanks=("ya entro, grax",),
        mood="hurried",
        on="sms",
    ),
    Story(
        name="telegram-album-papers",
        opening=(
            "Buenas, para el crédito me pidieron el DUI y los recibos, ¿los puedo mandar por aquí?",
            album("DUI por los dos lados y el recibo de luz", "card", "card-back", "bill"),
        ),
        asked={"amount": ("${amount}, a dos años",), "place": ("con la agencia {agency}",), "yes": ("sí, de una vez",)},
        more=("¿se ven bien o los mando como archivo?",),
        thanks=("Perfecto gracias", sticker()),
        on="telegram",
    ),
    Story(
        name="telegram-group-savings",
        opening=("Hola 👋 somos un grupo de 8 amigas y queremos ahorrar juntas", sticker()),
        asked={"amount": ("${amount} entre todas al mes",), "place": ("casi todas de {town}",)},
        more=("¿y puede quedar a nombre de dos?",),
        thanks=("Gracias!! 💜",),
        mood="cheerful",
        by="woman",
        on="telegram",
    ),
)
