"""Stories that are told by mail: with a subject, whole sentences and papers. Invented, like everybody in them."""

from __future__ import annotations

from server.sandbox.members_story import Story, paper, photo

STORIES: tuple[Story, ...] = (
    Story(
        name="mail-late-fee",
        subject="Cobro por mora que no corresponde",
        opening=(
            "Estimados señores:\n\nReviso mi estado de cuenta y aparece un cobro por mora de ${amount}, aunque pagué la"
            " cuota dos días antes de la fecha, en la agencia {agency}. Adjunto el comprobante.\n\nLes agradeceré que"
            " lo reviertan y me confirmen por este medio.",
            paper("comprobante-de-pago.pdf"),
        ),
        asked={
            "id": ("Mi número de DUI es {id}. Quedo pendiente de su respuesta.",),
            "when": ("El pago lo hice el día 3 por la mañana, en ventanilla.",),
            "photo": (paper("estado-de-cuenta.pdf", "Le envío también el estado de cuenta."),),
        },
        more=("Gracias por la respuesta. ¿En cuántos días veré reflejada la reversión?",),
        thanks=("Muy agradecido por la atención.",),
        on="email",
    ),
    Story(
        name="mail-statement",
        subject="Solicitud de constancia de ahorros",
        opening=(
            "Buenos días.\n\nNecesito una constancia de mis ahorros, dirigida a la embajada, con el saldo promedio de"
            " los últimos seis meses. ¿Qué debo presentar y cuánto tarda?\n\nMi agencia es {agency}.",
        ),
        asked={
            "id": ("Con gusto: {id}.",),
            "when": ("La cita es el viernes de la próxima semana.",),
            "name": ("A nombre de {first}, tal como aparece en la cuenta.",),
        },
        more=("¿La pueden enviar firmada por correo, o tengo que pasar por ella?",),
        thanks=("Recibida. Muchas gracias por la rapidez.",),
        on="email",
    ),
    Story(
        name="mail-mortgage-papers",
        subject="Documentos para crédito de vivienda",
        opening=(
            "Buenas tardes:\n\nSegún lo conversado en la agencia {agency}, adjunto la carta de oferta y la carpeta de"
            " la casa. El monto que solicitamos es de ${amount} mil, a veinte años.\n\nQuedamos atentos.",
            paper("carta-de-oferta.pdf"),
        ),
        asked={
            "id": ("El mío es {id}; el de mi esposa se lo envío hoy.",),
            "place": ("La casa está en {town}, a dos cuadras del parque.",),
            "photo": (photo("Aquí la fachada, como pidió el perito.", "house"),),
        },
        more=("¿El valúo lo paga uno, o va incluido en el crédito?",),
        thanks=("Perfecto, quedamos a la espera. Saludos.",),
        on="email",
    ),
    Story(
        name="mail-app-request",
        subject="Error al descargar estados de cuenta",
        opening=(
            "Hola:\n\nDesde la actualización de la banca en línea no puedo descargar los estados de cuenta: sale una"
            " página en blanco. Probé con dos navegadores. Adjunto la captura.\n\n¿Tienen previsto corregirlo?",
            photo("", "page"),
        ),
        asked={
            "detail": ("No aparece ningún mensaje: solo la página vacía.",),
            "when": ("Desde el lunes por la mañana.",),
            "id": ("{id}",),
        },
        more=("Ya funciona en el teléfono, pero en la computadora no. ¿Depende del navegador?",),
        thanks=("Ya me quedó, gracias.",),
        on="email",
    ),
    Story(
        name="mail-complaint",
        subject="Queja por la atención en caja",
        opening=(
            "A quien corresponda:\n\nAyer esperé hora y media en la agencia {agency} para un depósito de cinco minutos."
            " Había una sola caja abierta y nadie daba explicaciones. Llevo doce años de ser asociado y nunca me había"
            " pasado.\n\nEspero que alguien lea este correo.",
        ),
        asked={
            "when": ("Fue ayer, entre las once y las doce y media.",),
            "id": ("{id}, por si necesitan el expediente.",),
            "phone": ("Pueden llamarme al {phone}.",),
        },
        more=("Agradezco la disculpa. ¿Me dirán qué se hizo al respecto?",),
        thanks=("Gracias por tomarlo en serio.",),
        mood="angry",
        on="email",
    ),
    Story(
        name="mail-payroll",
        subject="Pago de planilla de diciembre",
        opening=(
            "Buenos días.\n\nAdjuntamos el listado de nuestros catorce empleados para abrir las cuentas de planilla."
            " ¿Podemos cargar el primer pago el día 15?\n\nQuedamos a la orden.",
            paper("planilla.pdf"),
        ),
        asked={
            "amount": ("El total de la planilla ronda los ${amount}.",),
            "phone": ("Para cualquier consulta: {phone}, con {first}.",),
            "when": ("El primer pago sería el día 15.",),
        },
        more=("¿El archivo se puede subir desde Excel?",),
        thanks=("Muchas gracias por su apoyo.",),
        business=True,
        on="email",
    ),
    Story(
        name="mail-transfer-english",
        subject="Transfer from the US not received",
        opening=(
            "Good morning,\n\nI sent ${amount} to my mother's account at your {agency} branch last Thursday and she has"
            " not received it yet. My bank says that it left the same day. The receipt is attached.\n\nCould you"
            " please check?",
            paper("wire-receipt.pdf"),
        ),
        asked={
            "name": ("The account holder is my mother, her name is on the receipt.",),
            "id": ("Mine is {id}. I don't have hers at hand.",),
            "when": ("Last Thursday, in the morning.",),
        },
        more=("Thank you. Will she get a message once it arrives?",),
        thanks=("That is a relief. Thank you very much.",),
        language="en",
        on="email",
    ),
)
