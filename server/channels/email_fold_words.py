"""How mail programs of many languages introduce what they quote, and what they write below every mail.

Collected from the programs themselves (Gmail, Outlook, Apple Mail, Thunderbird, Yahoo, phones). Each pattern is for one
line, or for the few lines of an introduction joined by blanks.
"""

from __future__ import annotations

import re

_I = re.I

# ---------------------------------------------------------------- "On Monday, Ana wrote:"

_WROTE = (
    r"wrote|writes|quoting|citando|zitat von|citation de|missatge de|escribi[óo]|ha escrito|va escriure|escreveu"
    r"|schrieb|hat geschrieben|geschrieben|a [ée]crit|ha scritto|schreef|geschreven|skrev|har skrevet|har skrivit"
    r"|kirjoitti|skrifaði|napisał(?:\(?a\)?|a)?|pisze|napsal\(?a?\)?|napísala?|írta|a scris|έγραψε|yazdı"
    r"|şunu yazdı|menulis|đã viết|написала?(?:\(а\))?|пишет|написа|пише|написав|写道|寫道|写信|がこう書きました"
    r"|のメール|さんは書きました|작성|님이 작성|כתב|كتب"
)
WROTE = re.compile(rf"(?<!\w)(?:{_WROTE})(?!\w)|(?:写道|寫道|書きました|작성)", _I)

_ON = (
    r"on|at|el|le|am|il|em|no dia|op|den|på|dnia|w dniu|dne|v|a|în data|pada|vào|στις|kl|в|on:|в дни|am:|dies"
    r"|tarihinde"
)
_WEEKDAY = (
    r"mon|tue|wed|thu|fri|sat|sun|lun|mar|mi[ée]|jue|vie|s[áa]b|dom|jeu|ven|sam|dim|montag|dienstag|mittwoch"
    r"|donnerstag|freitag|samstag|sonntag|seg|ter|qua|qui|sex|gio|mer|m[åa]n|tir|ons|tors|fre|l[öø]r|s[öø]n|pon"
    r"|czw|sob|niedz|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|понеділок|вівторок|середа"
    r"|четвер|п'ятниця|субота|неділя|(?:mo|di|mi|do|fr|sa|so|ma|wo|vr|za|zo|ti|ke|to|pe|la|su|wt|śr|pt|пн|вт|ср|чт"
    r"|пт|сб|нд|вс)(?=[.,])"
)
#: how an introduction begins: a preposition or a weekday, then soon a number; or a date
INTRO_START = re.compile(
    rf"^[\s\"'*_-]*(?:(?:{_ON})\b.{{0,60}}?\d|(?:{_WEEKDAY})[\w.]*,?\s.{{0,20}}?\d|\d{{1,4}}[-/. ]\s?\w"
    rf"|[在于於]\s?\d|\d{{4}}年)",
    _I,
)
ADDRESS = re.compile(r"[\w.+'=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\d{1,2}[:：]\d{2}")
DATE = re.compile(r"\b(?:19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d{4}年")
#: dates as old Gmail wrote them, with the name but no verb
BARE_INTRO = re.compile(
    r"^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b.{0,160}<[^<>\s]+@[^<>\s]+>\s*:?\s*$"
    r"|^\s*\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} GMT[+-]\d{1,2}:\d{2} \S.{0,80}$"
)
#: without a verb we know, but with an address in brackets at the end
NAMED_INTRO = re.compile(r"@[^<>\s]+[>)\]]{1,2}\s*[:：]\s*$")
#: "---- On Tue, 22 Dec 2015 Ana wrote ----"
RULED_INTRO = re.compile(rf"^\s*-{{2,}}\s*(?:{_ON})\b.{{5,200}}(?:{_WROTE})\s*-{{2,}}\s*$", _I)
INTRO_END = re.compile(r"[:：]\s*[*_\"']{0,2}\s*$|(?:wrote|escribió)\s*-{2,}\s*$", _I)

# ---------------------------------------------------------------- header blocks and separators

HEADERS: dict[str, str] = {}
for _kind, _names in {
    "from": (
        "from;de;von;da;van;från;fra;lähettäjä;od;от;від;发件人;寄件者;寄件人;差出人;送信者;보낸 사람;보낸사람;"
        "expéditeur;expediteur;mittente;afzender;remitente;avsändare;kimden;gönderen;feladó;de la;από;מאת;من;từ;"
        "dari;frá;afsender;avsender"
    ),
    "date": (
        "date;sent;sent at;date sent;fecha;enviado;enviado el;enviados;enviado em;enviada;enviada em;enviada el;"
        "fecha de envío;data;datum;gesendet;inviato;envoyé;envoyé le;verzonden;skickat;sendt;lähetetty;päiväys;"
        "wysłano;data wysłania;дата;отправлено;надіслано;发送时间;发送日期;日期;日期时间;寄件日期;送信日時;日付;"
        "日時;보낸 날짜;날짜;dato;odesláno;elküldve;dátum;tarih;gönderildi;trimis;ημερομηνία;ngày;tanggal"
    ),
    "to": (
        "to;para;a;à;an;aan;till;til;vastaanottaja;do;кому;收件人;收件者;宛先;받는 사람;받는사람;destinataire;"
        "destinatario;destinatário;komu;címzett;kime;către;προς;đến;kepada;empfänger;mottagare;modtager"
    ),
    "subject": (
        "subject;asunto;betreff;objet;oggetto;assunto;onderwerp;ämne;emne;aihe;temat;тема;主题;主旨;件名;제목;"
        "předmět;tárgy;konu;subiect;θέμα;tiêu đề;subjek;efni"
    ),
    "other": (
        "cc;cco;bcc;ccn;kopie;copia;copie;reply-to;reply to;responder a;répondre à;antwort an;risposta;rispondi a;"
        "kopia;kopi;抄送;копия;копія;importance;importancia;attachments;adjuntos;organization;organización;"
        "priority;prioridad"
    ),
}.items():
    HEADERS.update(dict.fromkeys(_names.split(";"), _kind))

HEADER = re.compile(r"^\s*[*_]{0,2}([^\W\d_][^:：*_<>@]{0,24}?)\s{0,4}[*_]{0,2}\s{0,4}[:：]")

_ORIGINAL = (
    r"original(?: e-?mail)? (?:message|appointment)|original message|(?:e-?mail )?reply message"
    r"|forwarded (?:message|by .{1,60})|(?:begin )?forwarded message|mensaje (?:original|reenviado)"
    r"|(?:inicio del )?mensaje reenviado|correo (?:original|reenviado)|mensagem (?:original|encaminhada"
    r"|reencaminhada)|início da mensagem (?:re)?encaminhada|message (?:d'origine|d’origine|original|transféré"
    r"|transmis|initial)|début du message (?:réexpédié|transféré)|(?:ursprüngliche|urspr\. |weitergeleitete"
    r"|originale?) (?:nachricht|mail)|original-nachricht|originalnachricht"
    r"|anfang der weitergeleiteten (?:nachricht|e-mail)|messaggio (?:originale|inoltrato)"
    r"|inizio messaggio inoltrato|oorspronkelijk(?:e)? bericht|doorgestuurd bericht|begin doorgestuurd bericht"
    r"|ursprungligt meddelande|vidarebefordrat (?:meddelande|brev)|vidarebefordrat mejl|original ?meddelelse"
    r"|oprindelig (?:meddelelse|besked)|videresendt (?:meddelelse|besked|melding)|opprinnelig melding"
    r"|alkuperäinen viesti|välitetty viesti|(?:wiadomość oryginalna|oryginalna wiadomość)|przekazana wiadomość"
    r"|(?:treść przekazanej|początek przekazywanej) wiadomości|původní zpráva|přeposlaná zpráva|pôvodná správa"
    r"|eredeti üzenet|továbbított (?:üzenet|levél)|mesaj original|mesaj redirecționat|orijinal (?:mesaj|ileti)"
    r"|iletilmiş (?:mesaj|ileti)|исходное сообщение|пересылаемое сообщение|переадресованное сообщение"
    r"|начало переадресованного сообщения|оригінальне повідомлення|пересланное сообщение|переслане повідомлення"
    r"|原始邮件|邮件原件|原始郵件|原始訊息|转发的?(?:消息|邮件)|轉寄郵件|已转发的邮件|元のメッセージ"
    r"|転送(?:された)?メッセージ|원본 메시지|전달된 메시지"
)
#: words that say, between rules or before a colon: from here on another mail
SEPARATOR = re.compile(_ORIGINAL, _I)
#: what could say the same in a language we do not know: only good if headers follow
UNKNOWN_SEPARATOR = re.compile(r"[^\W\d_][^\d@<>:]{3,50}")
#: what such rules are made of
RULES = "-=_–—~"
#: help desks ask for the answer above a line
ABOVE_THIS = re.compile(
    r"^.{0,20}(?:(?:type|write|reply|respond|enter).{0,40} above|(?:escrib|respond|conteste).{0,60}(?:encima"
    r"|arriba|sobre)|(?:antwort|schreiben).{0,40}(?:über|oberhalb)|(?:répond|écri).{0,40}au-dessus|(?:responda"
    r"|escreva).{0,40}acima).{0,20}(?:line|línea|linea|zeile|linie|ligne|linha)",
    _I,
)

# ---------------------------------------------------------------- below every mail

RULE = re.compile(r"^\s*(?:[-_=*~#+–—]\s?){2,}\s*$|^\s*[\u1427]\s*$")
DASHES = re.compile(r"^\s{0,3}(?:--|——|—|–)\s*$")

_DEVICE = (
    r"i ?phone|iphonesta|ipadista|puhelimesta|i ?pad|i ?pod|android|galaxy|samsung|huawei|xiaomi|motorola"
    r"|blackberry|nokia|windows|outlook|mailbox|airmail|yahoo|gmail|aol|proton ?mail|spark|k-9|mobile|m[óo]vil"
    r"|celular|tel[ée]fono|handy|smartphone|tablet|t[ée]l[ée]phone|mobil(?:ger[äa]t|telefon)?|mail|correo|app"
    r"|phone|cell|device|dispositivo|telefoon|telefon|puhelin|телефон|pc|laptop|htc|lg|sony|nexus|pixel|oneplus"
    r"|alcatel|lumia|surface|mac(?:book)?|workspace|zoho|thunderbird"
)
_SENT = (
    r"sent (?:with|via|using|by|from)|sent,? from|enviado (?:desde|con|do|a partir|de|através|mediante)"
    r"|enviada (?:desde|do)|mensaje enviado desde|envoy[ée] (?:de|depuis|à partir|avec|par)|(?:von|aus"
    r"|mit) mein\w*|gesendet (?:von|mit|aus|über)|inviato (?:da|dal|con|tramite)|verzonden (?:vanaf|met|van|via)"
    r"|verstuurd (?:vanaf|met|via)|skickat från|sendt (?:fra|via|med)|lähetetty|wysłan[eo] (?:z|ze|przy)"
    r"|odesláno z|отправлено (?:с|из|от)|надіслано з|diese nachricht wurde (?:von|mit)|this (?:message"
    r"|e-?mail) was sent (?:from|with|via)|written on my|typed on my|posted from|dictated (?:to|on)|trimis de pe"
    r"|elküldve|gönderild\w* "
)
#: a line a phone or a mail program adds
SENT_FROM = tuple(
    re.compile(pattern, _I)
    for pattern in (
        rf"^[\s<(\[*_~-]*(?:{_SENT})\b.{{0,60}}?\b(?:{_DEVICE})\b.{{0,70}}$",
        r"^[\s<(\[*_~-]*sent from my(?: \S+){1,4}$",
        rf"^[\s<(\[*_-]*(?:[\w.'-]+ )?from (?:my |a )?(?:{_DEVICE})(?: \S+){{0,2}}$",
        r"^[\s<(\[*_-]*(?:get|download|obtener|obtenga|descargar?|télécharger|holen sie sich"
        r"|scarica)\b.{0,10}\boutlook\b.{0,80}$",
        rf"^.{{0,20}}(?:von meinem|de mon|desde mi|dal mio|do meu|vanaf mijn|från min"
        rf"|fra min)\b.{{0,40}}(?:gesendet|{_DEVICE})\b.{{0,40}}$",
        r"^\s*(?:从我的|從我的|发自我的?|發自我的|寄自我的|我的).{0,30}(?:发送|傳送|發送|iphone|ipad|手机|手機)?\s*$",
        r"^\s*.{0,30}(?:から送信|で送信)\s*$",
        r"^\s*나의 .{0,30}에서 보냄\s*$",
        r"^[\s*_\[]*(?:cheers|excuse|please excuse|disculpe|perdone)\b.{0,40}(?:typo|brevity|brevedad|errores"
        r"|autocorrec).{0,40}$",
    )
)
_DISCLAIMER = (
    r"(?:this|the) (?:e-?mail|message|communication|transmission|information).{0,200}(?:confidential|privileged"
    r"|intended (?:only|solely|recipient))|if you (?:are not|have received).{0,80}(?:intended recipient|in error"
    r"|by mistake)|(?:este|el presente|la información (?:contenida )?(?:en|de) este) (?:correo|mensaje|e-?mail"
    r"|documento).{0,250}(?:confidencial|privilegiad|destinatari)|si (?:usted )?(?:no es el|ha recibido|recibe"
    r"|recibió).{0,60}(?:destinatario|por error|equivocad)|(?:esta mensagem|este e-?mail).{0,200}(?:confidencia"
    r"|destinat)|(?:ce message|ce courriel|cet e-?mail).{0,200}(?:confidentiel|destinataire)|(?:diese e-?mail"
    r"|diese nachricht).{0,200}(?:vertraulich|bestimmt)|(?:questo messaggio|questa e-?mail"
    r"|il presente messaggio).{0,200}(?:riservat|confidenzial|destinatari)|(?:dit bericht"
    r"|deze e-?mail).{0,200}(?:vertrouwelijk|bestemd)|before printing this|antes de imprimir"
    r"|piense en el medio ambiente|cuide(?:mos)? el medio ambiente|avant d'imprimer|(?:virus-free|libre de virus"
    r"|sin virus|virenfrei|garantie sans virus)\.?\s*\S{0,60}(?:avast|avg|www)|scanned (?:by|for) .{0,60}(?:virus"
    r"|viruses|mailscanner)|analizado (?:por|con|en busca de) .{0,60}(?:virus|antivirus)"
)
DISCLAIMER = re.compile(rf"^\W{{0,6}}(?:.{{0,60}}\W)?(?:{_DISCLAIMER})", _I | re.S)
DISCLAIMER_TITLE = re.compile(
    r"^\W{0,6}(?:(?:confidentiality|legal|privacy)(?: (?:notice|note|statement|disclaimer))|disclaimer|(?:aviso"
    r"|nota|cl[áa]usula)(?: (?:legal|de (?:confidencialidad|privacidad)|importante de confidencialidad))"
    r"|advertencia legal|avis de confidentialité|haftungsausschluss|avviso di riservatezza"
    r"|aviso de confidencialidade)\b",
    _I,
)

#: a greeting says nothing yet: what stands below the quote is then the answer
GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hola|buen(?:os|as|a)?|estimad|apreciad|muy buen"
    r"|saludos|bonjour|bonsoir|salut|hallo|guten|liebe|sehr geehrte|olá|oi|bom|boa|prezad|ciao|buongiorno"
    r"|buonasera|gentile|beste|geachte|hej|hei|hyvä|dzień dobry|cześć|szanown|здравствуйте|добрый|привет|你好|您好"
    r"|こんにちは)\b.{0,50}$",
    _I,
)
