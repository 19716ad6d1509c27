"""Stories about savings, remittances, payrolls and loans. Invented, like everybody in them."""

from __future__ import annotations

from server.sandbox.members_story import Campaign, Story, again, card, fix, paper, photo, quote, react, sticker, voice

BACK_TO_SCHOOL = Campaign(
    id="120210445870001",
    headline="Vuelta a clases sin aprietos",
    body="Crédito escolar desde $300, cuotas desde $18.",
    url="https://fb.me/escolar-demo",
)
SEED_CAPITAL = Campaign(
    id="120210445870002",
    headline="Su negocio merece crecer",
    body="Línea de capital de trabajo para socios y no socios.",
    url="https://fb.me/negocio-demo",
)

STORIES: tuple[Story, ...] = (
    Story(
        name="savings-account-for-daughter",
        by="woman",
        opening=(
            "Buenos días",
            "mi hija ya cumplió 12 y quiere guardar lo de su alcancía jaja, ¿puede tener libreta propia?",
        ),
        asked={
            "id": ("El mío es {id}, el de ella solo tiene carnet de minoridad",),
            "place": ("me queda mejor en {agency}",),
        },
        more=("y con cuánto se abre??", "¿tiene que llegar ella también o solo yo con la partida?"),
        thanks=("Ay qué bueno, gracias. Mañana llegamos las dos 🥰",),
        mood="cheerful",
    ),
    Story(
        name="term-deposit",
        by="man",
        opening=(
            "buenas tardes, vendí un terrenito y quisiera poner ${amount} a plazo",
            "que tasa están pagando a un año?",
        ),
        asked={
            "amount": ("Son ${amount}, todo a un solo plazo",),
            "when": ("A 12 meses, o 6 si conviene más",),
            "yes": ("sí soy socio desde 2014",),
        },
        more=("¿y los intereses los dan cada mes o hasta el final?", "si los necesito antes, cuánto me castigan?"),
        thanks=("Cabal lo que quería saber, mil gracias",),
    ),
    Story(
        name="solvency-certificate",
        opening=(
            "Necesito una constancia de que no debo nada, es para un trámite de la embajada 🙏 me urge",
            "la cita la tengo el jueves",
        ),
        asked={
            "id": ("{id}", "salgo como {first} en el sistema"),
            "place": ("la paso a traer a {agency} si me dicen a qué hora",),
            "when": ("el jueves a las 8 de la mañana es la cita",),
        },
        more=("Cuánto vale la constancia?",),
        mood="hurried",
    ),
    Story(
        name="statement-six-months",
        opening=("Hola! me pueden mandar el estado de cuenta de los últimos seis meses en pdf? es para una beca",),
        asked={"id": ("{id}",), "name": ("{first}, la cuenta es mía",)},
        more=("va, y llega al correo o lo mandan por aquí?",),
        thanks=("Graciasss 🙌",),
        mood="cheerful",
    ),
    Story(
        name="remittance-not-there",
        opening=(
            "buenas",
            "mi hermano me mando remesa desde Virginia y no me la quieren dar en la caja",
            "dicen que el nombre no coincide",
        ),
        asked={
            "amount": ("${amount} mandó",),
            "photo": (photo("esta es la foto del comprobante que me mandó él", "remittance"),),
            "name": ("en el comprobante sale {first} pero en el DUI tengo dos apellidos",),
            "place": ("vine a la de {agency}, aquí estoy todavía",),
            "detail": ("que el segundo apellido no aparece",),
        },
        more=("¿y entonces él tiene que corregirlo allá?",),
        mood="worried",
    ),
    Story(
        name="remittance-first-time",
        by="woman",
        opening=("Disculpe, para recibir remesa con ustedes ¿hay que ser socia?",),
        asked={"place": ("vivo en {town}",), "yes": ("No, todavía no soy socia",)},
        more=("y cobran algo por retirarla?", "¿la puedo pasar directo a ahorro?"),
    ),
    Story(
        name="payroll-new-employee",
        opening=(
            "Buenos días, de la oficina de contabilidad.",
            "Necesitamos agregar tres empleados nuevos a la planilla de este mes.",
            paper("planilla-mayo.pdf", "Aquí va el detalle con DUI y número de cuenta"),
        ),
        asked={
            "when": ("El pago es el día 30, pero quisiéramos subirla el 27.",),
            "name": ("La empresa está a nombre de {first}.",),
            "phone": ("Puede llamar al {phone}, extensión 12.",),
            "yes": ("Correcto, son cuentas nuevas las tres.",),
        },
        more=("¿El archivo lo reciben también en Excel?",),
        thanks=("Muy amable, quedo pendiente de la confirmación.",),
        business=True,
    ),
    Story(
        name="payroll-wrong-deduction",
        opening=(
            "Oigan en la planilla de este mes me descontaron doble la cuota",
            "me dejaron sin pisto 😡",
            photo("vea", "payslip"),
        ),
        asked={
            "id": ("{id}",),
            "amount": ("me rebajaron ${amount} y tendría que ser la mitad",),
            "when": ("fue en el pago del viernes",),
            "photo": ("ya la mandé arriba",),
        },
        more=("cuando me lo devuelven entonces?",),
        mood="angry",
    ),
    Story(
        name="loan-requirements-ad",
        opening=("Hola, vi el anuncio. ¿Qué piden para el crédito escolar?",),
        asked={
            "amount": ("unos ${amount} nada más, para uniformes y zapatos de los tres",),
            "place": ("Soy de {town}",),
            "yes": ("Sí, trabajo fijo tengo, en una maquila",),
        },
        more=("¿y si estoy en DICOM por una deuda vieja?", "en cuánto tiempo lo desembolsan?"),
        thanks=("Vaya pues, llego el sábado con los papeles 🙏",),
        on="rich",
        campaign=BACK_TO_SCHOOL,
    ),
    Story(
        name="working-capital-ad",
        opening=(
            "Buenas, me salió su publicidad en Facebook",
            "tengo una pupusería y quiero comprar otra plancha y un congelador",
            "como cuánto prestan?",
        ),
        asked={
            "amount": ("Andaría necesitando ${amount}",),
            "place": ("En {town}, frente al parque",),
            "when": ("El negocio ya va para 6 años",),
            "photo": (photo("así está el local", "shop"), "los recibos de luz se los debo"),
            "phone": ("al {phone}, en la tarde porque en la mañana es la venta fuerte",),
        },
        more=("¿necesito fiador a fuerza?",),
        thanks=("Dios la bendiga, ahí la espero entonces 🙌",),
        mood="cheerful",
        on="rich",
        business=True,
        campaign=SEED_CAPITAL,
    ),
    Story(
        name="loan-already-disbursed",
        opening=("¿me pueden confirmar si ya salió el crédito?", "dijeron que hoy me avisaban"),
        asked={
            "id": ("{id}",),
            "amount": ("el de ${amount}",),
            "name": ("{first}",),
            "place": ("lo metí en {agency}",),
        },
        more=("¿y tengo que llegar a firmar otra vez?",),
        mood="hurried",
    ),
    Story(
        name="instalment-estimate",
        by="woman",
        opening=("Cuanto pagaria al mes por ${amount} a 36 meses", "*a 48 mejor"),
        asked={"yes": ("sí ya soy socia, pago puntual siempre",), "amount": ("${amount}",)},
        more=("Y ahí va incluido el seguro??", "mmm y si lo hago a 60"),
    ),
    Story(
        name="instalment-typo",
        opening=(
            "cuanto me sale de cuota un préstamo de $50000 a 3 años",
            fix("cuanto me sale de cuota un préstamo de $5000 a 3 años"),
        ),
        asked={"yes": ("jaja sí, cinco mil, no cincuenta",), "amount": ("cinco mil dólares",)},
        more=("¿y pago sin penalidad si abono antes?",),
        thanks=("Qué alivio 😅 gracias", "gracias por la paciencia jaja"),
        mood="cheerful",
        on="rich",
    ),
    Story(
        name="payoff-amount",
        opening=("Buen día. Quisiera cancelar de una vez mi préstamo, ¿cuánto es lo que falta?",),
        asked={"id": ("{id}",), "when": ("quiero pagarlo este viernes",), "place": ("en {agency}",)},
        more=("¿Me dan carta de cancelación el mismo día?",),
        thanks=("Muchísimas gracias. Al fin libre 🎉",),
    ),
    Story(
        name="next-due-date",
        opening=("cuando me toca pagar", "la cuota"),
        asked={"id": ("{id}",), "yes": ("aja el de consumo",)},
        thanks=("ok",),
        mood="hurried",
    ),
    Story(
        name="restructure-hurricane",
        opening=(
            "Buenas noches, le escribo con pena",
            "con el temporal perdimos la milpa y no vamos a poder con la cuota de este mes",
            "¿se puede hacer algún arreglo antes que caiga en mora?",
        ),
        asked={
            "amount": ("La cuota es de ${amount}",),
            "place": ("Somos de {town}, caserío arriba del río",),
            "photo": (photo("así quedó el terreno", "field"), "no quedó nada en pie"),
            "when": ("nos vence el 15",),
            "id": ("{id}",),
        },
        more=("¿y eso nos deja mal récord?",),
        thanks=("Que Dios se lo pague, de verdad",),
        mood="worried",
    ),
    Story(
        name="refinance-operation",
        by="woman",
        opening=(
            "Hola, me operaron y estoy incapacitada dos meses",
            "debo dos cuotas y quisiera refinanciar para bajar el pago",
            paper("incapacidad.pdf"),
        ),
        asked={
            "amount": ("el saldo anda por ${amount}",),
            "id": ("{id}",),
            "phone": ("al {phone} pero escríbame mejor, no puedo hablar mucho",),
            "when": ("regreso a trabajar el otro mes",),
        },
        more=(quote("¿esa cuota ya sería con el seguro?"),),
        mood="worried",
        on="rich",
    ),
    Story(
        name="collector-called-boss",
        opening=(
            "Mire, su gestor de cobros llamó a mi TRABAJO",
            "eso no se hace, yo ya había pagado el lunes",
            photo("aquí el comprobante por si no me creen", "receipt"),
        ),
        asked={
            "when": ("El lunes a las 10 pagué",),
            "id": ("{id}",),
            "name": ("Dijo que se llamaba Wilber o Wilmer",),
            "photo": (again("ahí está el comprobante"),),
        },
        more=("¿Y quién me responde por la vergüenza?",),
        mood="angry",
        on="rich",
    ),
    Story(
        name="late-fee-dispute",
        opening=(
            "me están cobrando mora y yo pagué el mismo día que vencía",
            "por la app lo hice, a las 9 de la noche",
        ),
        asked={
            "photo": (photo("", "app"), "ahí sale la hora"),
            "amount": ("$4.87 de mora, no es por el monto es por lo injusto",),
            "when": ("el 5, a las 9:04 pm",),
            "id": ("{id}",),
        },
        more=("o sea que después de las 6 cuenta para el otro día?? eso no lo dicen en ningún lado",),
        mood="angry",
    ),
    Story(
        name="guarantor-wants-out",
        opening=("Buenas, yo salí fiador de un compadre y ya no quiero seguir", "¿cómo hago para salirme?"),
        asked={
            "name": (card("Compadre Beto"), "ese es él"),
            "id": ("{id}",),
            "yes": ("No, él va al día, pero ya no confío",),
        },
        more=("¿Y si él no consigue otro fiador?",),
        on="rich",
    ),
    Story(
        name="voice-note-loan",
        opening=("buenas", voice(), "perdón por el audio, voy manejando"),
        asked={
            "amount": ("${amount}",),
            "yes": ("sí, para el carro es",),
            "detail": ("que si me prestan para comprar un carrito usado",),
        },
        more=("del 2012 para arriba entonces, ok",),
        thanks=(sticker(), "gracias!!", react("👍")),
        mood="cheerful",
        on="rich",
    ),
)
