// The web chat widget of agent-console. One file, no dependencies, no build step.
//
//   <script src="https://HOST/chat/NAME/widget.js" async></script>
//
// Attributes of that script element: data-language="es|en", data-open (open the panel at once).
// Text is only ever written with textContent; nothing here evaluates text or parses it as markup.
// The wire format is described in server/webchat/protocol.py.
(() => {
  "use strict";

  // Filled in by the server when it serves this file: {title, color, language}.
  const SERVED = Object.freeze({});

  const script = document.currentScript ?? document.querySelector('script[src*="/chat/"][src*="/widget.js"]');
  if (!script) return;
  const base = new URL(".", script.src);
  const mounted = (window[Symbol.for("agent-console.chat")] ??= new Set());
  if (mounted.has(base.href)) return;
  mounted.add(base.href);

  const TEXT_LIMIT = 10_000;
  const PING_MS = 25_000; // how often we show the server that we are here
  const SILENCE_MS = 60_000; // no frame for this long: the line is dead
  const BACKOFF_MS = [1_000, 30_000]; // first and greatest reconnect delay before jitter
  const BLINK_MS = 1_500; // a line that comes back within this was never lost
  const TYPING_SEND_MS = 3_000;
  const TYPING_SHOW_MS = 16_000; // the server says when it ends; this is for when it cannot
  const GROUP_MS = 5 * 60_000; // messages of one sender this close together share one time

  // ------------------------------------------------------------------ words

  const WORDS = {
    es: {
      title: "Escríbanos",
      subtitle: "Le respondemos aquí mismo",
      greeting: "¡Hola! ¿En qué le podemos ayudar?",
      greetingMore: "Escriba su mensaje. Puede cerrar esta página: al volver, la conversación sigue aquí.",
      open: "Abrir el chat",
      close: "Cerrar el chat",
      unread: (n) => (n === 1 ? "1 mensaje sin leer" : `${n} mensajes sin leer`),
      log: "Conversación",
      you: "Usted",
      us: "Respuesta",
      input: "Su mensaje",
      placeholder: "Escriba su mensaje…",
      name: "Su nombre (opcional)",
      send: "Enviar",
      sending: "Enviando…",
      waiting: "Se enviará al volver la conexión",
      sent: "Enviado",
      refused: "No se pudo enviar",
      retry: "Reintentar",
      edited: "editado",
      revoked: "Este mensaje fue eliminado",
      unsupported: "Mensaje que este chat no puede mostrar",
      typing: (who) => (who ? `${who} está escribiendo…` : "Están escribiendo…"),
      offline: "Sin conexión. Sus mensajes se enviarán al volver.",
      slow: "Va muy rápido: sus mensajes se envían uno a uno.",
      earlier: "Ver mensajes anteriores",
      newest: "Mensajes nuevos",
      today: "Hoy",
      yesterday: "Ayer",
      left: (n) => `Quedan ${n} caracteres`,
    },
    en: {
      title: "Chat with us",
      subtitle: "We answer right here",
      greeting: "Hello! How can we help you?",
      greetingMore: "Write your message. You may close this page: the conversation is here when you return.",
      open: "Open chat",
      close: "Close chat",
      unread: (n) => (n === 1 ? "1 unread message" : `${n} unread messages`),
      log: "Conversation",
      you: "You",
      us: "Answer",
      input: "Your message",
      placeholder: "Write your message…",
      name: "Your name (optional)",
      send: "Send",
      sending: "Sending…",
      waiting: "Will be sent when you are back online",
      sent: "Sent",
      refused: "Could not be sent",
      retry: "Try again",
      edited: "edited",
      revoked: "This message was deleted",
      unsupported: "A message that this chat cannot show",
      typing: (who) => (who ? `${who} is typing…` : "Somebody is typing…"),
      offline: "You are offline. Your messages will be sent when you are back.",
      slow: "That was quick: your messages go out one by one.",
      earlier: "Show earlier messages",
      newest: "New messages",
      today: "Today",
      yesterday: "Yesterday",
      left: (n) => `${n} characters left`,
    },
  };

  /** The first of the given languages that we speak. */
  const pickLanguage = (...wanted) => {
    for (const tag of wanted) {
      const short = String(tag ?? "").slice(0, 2).toLowerCase();
      if (short in WORDS) return short;
    }
    return "es";
  };

  // ------------------------------------------------------------------ looks

  const CSS = `
    :host { all: initial; }
    *, *::before, *::after { box-sizing: border-box; }
    [hidden] { display: none !important; }
    .root {
      --ink: #1b2430; --soft: #5a6675; --line: #e3e7ec; --paper: #ffffff; --theirs: #f0f2f5; --wash: #fafbfc;
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
      color: var(--ink); text-align: start; letter-spacing: normal; -webkit-text-size-adjust: 100%;
    }
    button, textarea, input { font: inherit; color: inherit; letter-spacing: inherit; margin: 0; }
    button { border: 0; background: none; padding: 0; cursor: pointer; }
    svg { display: block; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
      stroke-linejoin: round; }
    :focus-visible { outline: 2px solid var(--ring, var(--ink)); outline-offset: 2px; }
    .sr { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
      white-space: nowrap; }

    .launcher {
      position: fixed; z-index: 2147483000; inset-block-end: 20px; inset-inline-end: 20px;
      inline-size: 60px; block-size: 60px; border-radius: 50%;
      display: grid; place-items: center; color: var(--on-accent); background: var(--accent);
      box-shadow: 0 1px 2px rgb(16 24 40 / .2), 0 8px 24px rgb(16 24 40 / .22);
      transition: transform .18s ease, box-shadow .18s ease;
    }
    .launcher:hover { transform: translateY(-2px); box-shadow: 0 2px 4px rgb(16 24 40 / .2), 0 12px 28px rgb(16 24 40 / .28); }
    .launcher:focus-visible { outline: 3px solid var(--paper); outline-offset: -6px; box-shadow: 0 0 0 3px var(--ink); }
    .launcher svg { inline-size: 27px; block-size: 27px; }
    .badge {
      position: absolute; inset-block-start: -3px; inset-inline-end: -3px; min-inline-size: 23px; block-size: 23px;
      padding: 0 6px; border-radius: 12px; border: 2px solid var(--paper); background: #c8201f; color: #fff;
      font-size: 12px; font-weight: 700; line-height: 19px; text-align: center; font-variant-numeric: tabular-nums;
    }

    .panel {
      position: fixed; z-index: 2147483001; inset-block-end: 92px; inset-inline-end: 20px;
      inline-size: min(384px, calc(100vw - 40px)); block-size: min(620px, calc(100vh - 112px));
      display: flex; flex-direction: column; overflow: hidden; border-radius: 16px; background: var(--paper);
      box-shadow: 0 0 0 1px rgb(16 24 40 / .08), 0 4px 10px rgb(16 24 40 / .08), 0 24px 48px rgb(16 24 40 / .22);
      animation: rise .2s cubic-bezier(.2, .8, .3, 1);
    }
    @keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.985); } }

    .head { flex: none; display: flex; align-items: center; gap: 12px; padding: 14px 10px 14px 18px;
      color: var(--on-accent); background: var(--accent); --ring: var(--on-accent); }
    .mark { flex: none; inline-size: 38px; block-size: 38px; border-radius: 50%; display: grid; place-items: center;
      background: color-mix(in srgb, var(--on-accent) 18%, transparent); }
    .mark svg { inline-size: 21px; block-size: 21px; }
    .names { flex: 1; min-inline-size: 0; }
    .title { margin: 0; font-size: 16px; line-height: 1.3; font-weight: 650; overflow: hidden; text-overflow: ellipsis;
      white-space: nowrap; }
    .subtitle { margin: 0; font-size: 13px; line-height: 1.35; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .icon { flex: none; inline-size: 44px; block-size: 44px; border-radius: 12px; display: grid; place-items: center; }
    .icon:hover { background: color-mix(in srgb, currentColor 14%, transparent); }
    .icon svg { inline-size: 21px; block-size: 21px; }

    .banner { flex: none; display: flex; align-items: center; gap: 8px; padding: 8px 18px; font-size: 13px; line-height: 1.35;
      color: #6b4300; background: #fff4dc; border-block-end: 1px solid #f3dfb2; }
    .banner::before { content: ""; flex: none; inline-size: 8px; block-size: 8px; border-radius: 50%; background: #c77d00; }

    .stage { position: relative; flex: 1; min-block-size: 0; display: flex; flex-direction: column; }
    .log { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; padding: 14px 16px 6px;
      background: var(--wash); scrollbar-width: thin; }
    .log:focus-visible { outline-offset: -3px; }
    .hello { inline-size: 56px; block-size: 56px; margin: 0 auto 14px; border-radius: 50%; display: grid; place-items: center;
      color: var(--on-accent); background: var(--accent); }
    .hello svg { inline-size: 29px; block-size: 29px; }
    .greeting { margin: 34px 10px 8px; text-align: center; color: var(--soft); font-size: 14px; text-wrap: balance; }
    .greeting b { display: block; margin-block-end: 6px; color: var(--ink); font-size: 18px; font-weight: 650; }
    .earlier { display: block; margin: 0 auto 10px; padding: 6px 14px; border-radius: 16px; font-size: 13px;
      color: var(--soft); background: var(--paper); border: 1px solid var(--line); }
    .earlier:hover { color: var(--ink); border-color: #c9d0d8; }
    .day { margin: 14px 0 10px; text-align: center; font-size: 12px; font-weight: 600; color: var(--soft); }
    .day:first-child { margin-block-start: 2px; }
    .msg { display: flex; flex-direction: column; align-items: flex-start; margin-block-start: 3px; }
    .msg.own { align-items: flex-end; }
    .msg.first { margin-block-start: 12px; }
    .author { margin: 0 0 3px 12px; font-size: 12px; font-weight: 600; color: var(--soft); }
    .bubble { max-inline-size: 85%; padding: 8px 13px; border-radius: 16px; background: var(--paper);
      box-shadow: inset 0 0 0 1px var(--line); white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
    .own .bubble { color: var(--on-accent); background: var(--accent); box-shadow: none; --ring: var(--ink); }
    .msg:not(.own):not(.last) .bubble { border-end-start-radius: 5px; }
    .msg:not(.own):not(.first) .bubble { border-start-start-radius: 5px; }
    .msg.own:not(.last) .bubble { border-end-end-radius: 5px; }
    .msg.own:not(.first) .bubble { border-start-end-radius: 5px; }
    .gone .bubble { font-style: italic; color: var(--soft); background: none; box-shadow: inset 0 0 0 1px var(--line); }
    .bubble a { color: inherit; text-decoration: underline; text-underline-offset: 2px; }
    .msg:not(.own) .bubble a { color: #0b57a4; }
    .meta { display: flex; align-items: center; gap: 5px; margin: 3px 6px 0; font-size: 12px; line-height: 16px; color: var(--soft);
      font-variant-numeric: tabular-nums; }
    .meta svg { inline-size: 14px; block-size: 14px; }
    .meta.bad { color: #b3261e; }
    .meta button { color: inherit; text-decoration: underline; padding: 2px; }
    .fresh { animation: rise .16s ease-out; }

    .newest { position: absolute; inset-block-end: 10px; inset-inline: 0; margin-inline: auto; inline-size: fit-content;
      display: flex; align-items: center; gap: 6px; padding: 6px 14px 6px 10px; border-radius: 18px; font-size: 13px;
      font-weight: 600; background: var(--ink); color: #fff; box-shadow: 0 4px 12px rgb(16 24 40 / .25); }
    .newest svg { inline-size: 16px; block-size: 16px; }

    .typing { flex: none; display: flex; align-items: center; gap: 8px; min-block-size: 26px; padding: 0 18px 4px; font-size: 13px;
      color: var(--soft); background: var(--wash); }
    .dots { display: flex; gap: 3px; }
    .dots i { inline-size: 5px; block-size: 5px; border-radius: 50%; background: currentColor; animation: nod 1.2s infinite; }
    .dots i:nth-child(2) { animation-delay: .15s; }
    .dots i:nth-child(3) { animation-delay: .3s; }
    @keyframes nod { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }

    .foot { flex: none; border-block-start: 1px solid var(--line); background: var(--paper); }
    .who { display: block; padding: 10px 18px 0; }
    .who input { inline-size: 100%; padding: 6px 0; border: 0; border-block-end: 1px solid var(--line); border-radius: 0;
      background: none; font-size: 16px; }
    .who input:focus-visible { outline: none; border-color: var(--ink); box-shadow: 0 1px 0 var(--ink); }
    .write { display: flex; align-items: flex-end; gap: 8px; padding: 10px; }
    textarea { flex: 1; min-inline-size: 0; resize: none; max-block-size: 132px; padding: 10px 14px; border: 1px solid #8a95a3;
      border-radius: 22px; background: var(--paper); font-size: 16px; line-height: 22px; overflow-y: auto; scrollbar-width: thin; }
    textarea:focus-visible { outline: 2px solid var(--ink); outline-offset: -1px; border-color: transparent; }
    ::placeholder { color: #66717f; opacity: 1; }
    .send { flex: none; inline-size: 44px; block-size: 44px; border-radius: 50%; display: grid; place-items: center;
      color: var(--on-accent); background: var(--accent); transition: opacity .15s; }
    .send[aria-disabled="true"] { color: #66717f; background: var(--theirs); cursor: default; }
    .send svg { inline-size: 20px; block-size: 20px; }
    .left { padding: 0 20px 8px; font-size: 12px; color: var(--soft); text-align: end; }

    @media (max-width: 480px) {
      .panel { inset: 0; inline-size: 100%; block-size: var(--view, 100dvh); border-radius: 0; box-shadow: none; }
      .root.opened .launcher { display: none; }
    }
    @media (max-height: 480px) and (min-width: 481px) {
      .panel { inset-block-end: 8px; inset-inline-end: 92px; block-size: calc(100vh - 16px); }
    }
    @media (prefers-reduced-motion: reduce) {
      *, *::before, *::after { animation: none !important; transition: none !important; }
      .launcher:hover { transform: none; }
      .dots i { opacity: .6; }
    }
    @media (forced-colors: active) {
      .launcher, .send, .bubble, .panel, .badge { border: 1px solid; }
    }
    @media print { .root { display: none; } }
  `;

  const ICONS = {
    chat: ["M21 11.5a8.4 8.4 0 0 1-8.5 8.3 8.8 8.8 0 0 1-3.7-.8L3.5 20.5l1.4-4.6A8 8 0 0 1 4 11.5 8.4 8.4 0 0 1 12.5 3.2 8.4 8.4 0 0 1 21 11.5Z",
      "M8.7 11.5h.01M12.5 11.5h.01M16.3 11.5h.01"],
    close: ["M18 6 6 18M6 6l12 12"],
    down: ["M12 5v14M6 13l6 6 6-6"],
    fold: ["M6 9l6 6 6-6"],
    send: ["M12 19V5M5.5 11.5 12 5l6.5 6.5"],
    clock: ["M12 7v5l3 2", "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z"],
    tick: ["M5 12.5l4.5 4.5L19 7.5"],
    warn: ["M12 8v5M12 16.5h.01", "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z"],
  };

  const SVG = "http://www.w3.org/2000/svg";

  const icon = (name) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    for (const d of ICONS[name]) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", d);
      svg.append(path);
    }
    return svg;
  };

  /** Make an element: attributes by name, children as nodes or text. */
  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === false || value == null) continue;
      node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  };

  const setText = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };

  /** Write text into a node with its http(s) addresses as links. */
  const writeText = (node, text) => {
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'`]+/giu)) {
      const shown = match[0].replace(/[.,;:!?)\]}»”…]+$/u, "");
      let url;
      try {
        url = new URL(shown);
      } catch {
        continue;
      }
      if (url.protocol !== "http:" && url.protocol !== "https:") continue;
      parts.push(text.slice(end, match.index));
      parts.push(el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" }, shown));
      end = match.index + shown.length;
    }
    node.replaceChildren(...parts, text.slice(end));
  };

  /** Whether black or white reads better on a colour like #0b7a75 (relative luminance of WCAG 2). */
  const inkOn = (color) => {
    const hex = color.length === 4 ? [...color.slice(1)].map((c) => c + c).join("") : color.slice(1, 7);
    const [r, g, b] = [0, 2, 4].map((i) => {
      const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#14181d" : "#ffffff";
  };

  // ------------------------------------------------------------------ what survives a reload

  /** A storage area of the browser under our own prefix; a plain map where the page may not store. */
  class Shelf {
    constructor(area, prefix) {
      this.prefix = prefix;
      this.memory = new Map();
      try {
        this.area = window[area];
        this.area.setItem(`${prefix}try`, "1");
        this.area.removeItem(`${prefix}try`);
      } catch {
        this.area = null;
      }
    }

    get(key) {
      return (this.area ? this.area.getItem(this.prefix + key) : this.memory.get(key)) ?? null;
    }

    set(key, value) {
      try {
        if (this.area) return void this.area.setItem(this.prefix + key, value);
      } catch {
        this.area = null; // full or forbidden in mid-flight
      }
      this.memory.set(key, value);
    }

    remove(key) {
      this.memory.delete(key);
      this.area?.removeItem(this.prefix + key);
    }

    keys() {
      if (!this.area) return [...this.memory.keys()];
      const all = Array.from({ length: this.area.length }, (_, i) => this.area.key(i));
      return all.filter((k) => k?.startsWith(this.prefix)).map((k) => k.slice(this.prefix.length));
    }
  }

  /** The visitor's messages that the server has not acknowledged, each under a key of its own (tabs share them). */
  class Outbox {
    constructor(shelf) {
      this.shelf = shelf;
      this.items = new Map();
      for (const key of shelf.keys()) if (key.startsWith("out:")) this.adopt(shelf.get(key));
    }

    adopt(json) {
      try {
        const { ref, text, at, name } = JSON.parse(json);
        if (typeof ref === "string" && typeof text === "string" && !this.items.has(ref)) {
          this.items.set(ref, { ref, text, name: String(name ?? ""), at: Number(at) || Date.now(), refused: false });
        }
      } catch {
        // somebody else's value under our key
      }
    }

    add(text, name) {
      const bytes = crypto.getRandomValues(new Uint8Array(12));
      const ref = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
      const item = { ref, text, name, at: Date.now(), refused: false };
      this.items.set(ref, item);
      this.shelf.set(`out:${ref}`, JSON.stringify(item));
      return item;
    }

    done(ref) {
      if (!this.items.delete(ref)) return;
      this.shelf.remove(`out:${ref}`);
    }

    /** Oldest first, without those the server refused for good. */
    sendable() {
      return [...this.items.values()].filter((i) => !i.refused).sort((a, b) => a.at - b.at);
    }
  }

  // ------------------------------------------------------------------ the line to the server

  /** One socket that comes back by itself: full-jitter delays, a dead line is noticed by its silence. */
  class Line {
    constructor(url, { greet, hear, changed }) {
      Object.assign(this, { url, greet, hear, changed });
      this.socket = null;
      this.ready = false; // welcomed
      this.lostAt = 0; // since when there is no line, 0 while there is one
      this.tries = 0;
      this.heard = 0;
      this.wanted = false;
      addEventListener("online", () => this.hurry());
      addEventListener("pageshow", () => this.hurry());
      addEventListener("pagehide", () => this.socket?.close(1000));
      addEventListener("offline", () => this.drop());
      document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
      setInterval(() => this.beat(), PING_MS);
    }

    connect() {
      this.wanted = true;
      if (this.socket) return;
      clearTimeout(this.timer);
      let socket;
      try {
        socket = new WebSocket(this.url);
      } catch {
        return; // the page's own policy (CSP connect-src) forbids it: nothing to retry
      }
      this.socket = socket;
      this.heard = Date.now();
      socket.onopen = () => this.send(this.greet());
      socket.onmessage = ({ data }) => {
        if (socket !== this.socket) return;
        this.heard = Date.now();
        const frame = JSON.parse(data);
        if (frame.type === "welcome") {
          this.ready = true;
          this.tries = 0;
          this.lostAt = 0;
        }
        this.hear(frame);
        if (frame.type === "welcome") this.changed();
      };
      socket.onclose = () => socket === this.socket && this.lost();
    }

    lost() {
      this.socket = null;
      this.ready = false;
      this.lostAt ||= Date.now();
      this.changed();
      const [first, most] = BACKOFF_MS;
      const delay = Math.random() * Math.min(most, first * 2 ** Math.min(this.tries++, 10));
      this.timer = setTimeout(() => this.connect(), delay);
    }

    /** Whether somebody should be told that there is no line: not for a blink of it. */
    get down() {
      return this.lostAt > 0 && (!navigator.onLine || Date.now() - this.lostAt >= BLINK_MS);
    }

    /** Give up the present socket without waiting for its close handshake. */
    drop() {
      const socket = this.socket;
      if (!socket) return;
      socket.onclose = null;
      socket.close();
      this.lost();
    }

    /** Something changed for the better: do not wait for the timer. */
    hurry() {
      if (!this.wanted) return;
      if (!this.socket) this.connect();
      else if (this.ready) this.send({ type: "ping" });
    }

    beat() {
      if (!this.socket) return;
      if (Date.now() - this.heard > SILENCE_MS) return this.drop();
      if (this.ready) this.send({ type: "ping" });
      this.changed();
    }

    send(frame) {
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
    }
  }

  // ------------------------------------------------------------------ the panel

  /** Everything that can be seen. It knows no network: it paints what the chat tells it and reports what is done. */
  class View {
    constructor(on) {
      this.on = on;
      this.nodes = new Map(); // message key → its element and parts
      this.days = new Map();
      this.narrow = matchMedia("(max-width: 480px)");
      this.build();
      this.wire();
    }

    build() {
      this.host = document.createElement("agent-console-chat");
      for (const [key, value] of [["all", "initial"], ["display", "block"]]) {
        this.host.style.setProperty(key, value, "important"); // the page's own rules must not reach us
      }
      const shadow = this.host.attachShadow({ mode: "open" });
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(CSS);
        shadow.adoptedStyleSheets = [sheet];
      } catch {
        const style = el("style", {}, CSS);
        style.nonce = script.nonce;
        shadow.append(style);
      }
      this.badge = el("span", { class: "badge", "aria-hidden": "true", hidden: true });
      this.launcher = el("button", { class: "launcher", type: "button", "aria-controls": "panel", "aria-expanded": "false" });
      this.title = el("h2", { class: "title", id: "title" });
      this.subtitle = el("p", { class: "subtitle" });
      this.closer = el("button", { class: "icon", type: "button" }, icon("close"));
      this.banner = el("div", { class: "banner", role: "status", hidden: true });
      this.greeting = el("div", { class: "greeting" }, el("span", { class: "hello" }, icon("chat")), el("b"), el("span"));
      this.earlier = el("button", { class: "earlier", type: "button", hidden: true });
      this.list = el("div", { class: "list" });
      this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", tabindex: "0" },
        this.earlier, this.greeting, this.list);
      this.newest = el("button", { class: "newest", type: "button", hidden: true }, icon("down"), el("span"));
      this.typingText = el("span");
      this.typing = el("div", { class: "typing", role: "status" },
        el("span", { class: "dots", "aria-hidden": "true", hidden: true }, el("i"), el("i"), el("i")), this.typingText);
      this.name = el("input", { type: "text", maxlength: "80", autocomplete: "name" });
      this.who = el("label", { class: "who", hidden: true }, el("span", { class: "sr" }), this.name);
      this.text = el("textarea", { rows: "1", maxlength: String(TEXT_LIMIT), enterkeyhint: "send", autocomplete: "off" });
      this.send = el("button", { class: "send", type: "submit", "aria-disabled": "true" }, icon("send"));
      this.left = el("div", { class: "left", hidden: true });
      this.form = el("form", { class: "foot" }, this.who, el("div", { class: "write" }, this.text, this.send), this.left);
      this.panel = el("section", { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "title", hidden: true },
        el("header", { class: "head" }, el("span", { class: "mark", "aria-hidden": "true" }, icon("chat")),
          el("div", { class: "names" }, this.title, this.subtitle), this.closer),
        this.banner, el("div", { class: "stage" }, this.log, this.newest), this.typing, this.form);
      this.news = el("div", { class: "sr", role: "status" });
      this.root = el("div", { class: "root" }, this.launcher, this.panel, this.news);
      shadow.append(this.root);
    }

    wire() {
      this.launcher.onclick = () => this.on.toggle();
      this.closer.onclick = () => this.on.close();
      this.earlier.onclick = () => this.on.earlier();
      this.newest.onclick = () => this.toBottom();
      this.log.onscroll = () => this.atBottom() && (this.newest.hidden = true);
      this.text.oninput = () => {
        this.fit();
        this.on.input(this.text.value);
      };
      this.form.onsubmit = (event) => {
        event.preventDefault();
        this.on.submit(this.text.value, this.name.value);
      };
      this.root.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.opened) this.on.close();
        else if (event.key === "Tab" && this.opened && this.narrow.matches) this.keepInside(event);
        else if (event.key === "Enter" && event.target === this.text && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          this.form.requestSubmit();
        }
      });
      // The page's own keyboard shortcuts must not fire while somebody writes to us.
      for (const kind of ["keydown", "keyup", "keypress"]) {
        this.root.addEventListener(kind, (event) => event.stopPropagation());
      }
      visualViewport?.addEventListener("resize", () => {
        this.root.style.setProperty("--view", `${Math.round(visualViewport.height)}px`); // above a phone's keyboard
        if (this.opened && this.stuck) this.toBottom();
      });
    }

    /** On a phone the panel covers the page: Tab stays in it. */
    keepInside(event) {
      const stops = [...this.panel.querySelectorAll("button, a, input, textarea, [tabindex]")]
        .filter((node) => node.getClientRects().length > 0);
      const edge = event.shiftKey ? stops[0] : stops.at(-1);
      if (this.host.shadowRoot.activeElement !== edge) return;
      event.preventDefault();
      (event.shiftKey ? stops.at(-1) : stops[0]).focus();
    }

    dress({ words, language, title, color }) {
      this.words = words;
      const mine = (navigator.languages ?? []).find((tag) => tag.toLowerCase().startsWith(language));
      this.clock = new Intl.DateTimeFormat(mine ?? language, { hour: "numeric", minute: "2-digit" });
      this.calendar = new Intl.DateTimeFormat(mine ?? language, { weekday: "long", day: "numeric", month: "long" });
      this.root.lang = language;
      this.root.style.setProperty("--accent", color);
      this.root.style.setProperty("--on-accent", inkOn(color));
      setText(this.title, title || words.title);
      setText(this.subtitle, words.subtitle);
      setText(this.greeting.children[1], words.greeting);
      setText(this.greeting.lastChild, words.greetingMore);
      setText(this.earlier, words.earlier);
      setText(this.newest.lastChild, words.newest);
      setText(this.who.firstChild, words.name);
      this.name.placeholder = words.name;
      this.text.placeholder = words.placeholder;
      this.text.setAttribute("aria-label", words.input);
      this.log.setAttribute("aria-label", words.log);
      this.closer.setAttribute("aria-label", words.close);
      this.send.setAttribute("aria-label", words.send);
      this.days.clear();
    }

    mount() {
      document.body.append(this.host);
    }

    open(focus) {
      this.opened = true;
      this.panel.hidden = false;
      this.panel.setAttribute("aria-modal", String(this.narrow.matches));
      this.root.classList.add("opened");
      this.fit();
      this.toBottom();
      if (focus) this.text.focus({ preventScroll: true });
    }

    close() {
      const inside = this.panel.contains(this.host.shadowRoot.activeElement);
      this.opened = false;
      this.panel.hidden = true;
      this.root.classList.remove("opened");
      if (inside) this.launcher.focus({ preventScroll: true });
    }

    /** Grow the input with its text, show the counter near the limit, wake the send button. */
    fit() {
      this.text.style.height = "auto";
      this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 132)}px`;
      const left = TEXT_LIMIT - this.text.value.length;
      this.left.hidden = left > 500;
      setText(this.left, left > 500 ? "" : this.words.left(left));
      this.send.setAttribute("aria-disabled", String(!this.text.value.trim()));
    }

    atBottom() {
      return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 48;
    }

    toBottom() {
      this.log.scrollTop = this.log.scrollHeight;
      this.newest.hidden = true;
      this.stuck = true;
    }

    paintLauncher(unread) {
      const words = this.words;
      const label = this.opened ? words.close : words.open;
      this.launcher.setAttribute("aria-expanded", String(Boolean(this.opened)));
      this.launcher.setAttribute("aria-label", unread ? `${label}, ${words.unread(unread)}` : label);
      this.badge.hidden = unread === 0;
      setText(this.badge, unread > 99 ? "99+" : String(unread));
      setText(this.news, unread && !this.opened ? words.unread(unread) : "");
      const shown = this.opened ? "fold" : "chat";
      if (this.launcher.dataset.icon !== shown) this.launcher.replaceChildren(icon(shown), this.badge);
      this.launcher.dataset.icon = shown;
    }

    paintTyping(name, on) {
      this.typing.firstChild.hidden = !on;
      setText(this.typingText, on ? this.words.typing(name) : "");
    }

    paintBanner(text) {
      this.banner.hidden = !text;
      setText(this.banner, text);
    }

    /** Paint the conversation. `items`: messages in order; `quiet`: history being filled in, not to be read aloud. */
    paint(items, { earlier, online, quiet, force }) {
      const stuck = force || this.atBottom();
      const before = this.log.scrollHeight;
      this.log.setAttribute("aria-busy", String(Boolean(quiet)));
      this.greeting.hidden = items.length > 0;
      this.who.hidden = items.length > 0;
      this.earlier.hidden = !earlier;
      const nodes = [];
      let day = "";
      items.forEach((item, i) => {
        const today = new Date(item.at).toDateString();
        if (today !== day) nodes.push(this.dayNode(today, item.at));
        const [prev, next] = [items[i - 1], items[i + 1]];
        const first = today !== day || !near(prev, item);
        const last = !next || new Date(next.at).toDateString() !== today || !near(item, next);
        day = today;
        nodes.push(this.messageNode(item, { first, last, online, quiet }));
      });
      const wanted = new Set(nodes);
      for (const node of [...this.list.children]) if (!wanted.has(node)) node.remove();
      nodes.forEach((node, i) => this.list.children[i] !== node && this.list.insertBefore(node, this.list.children[i] ?? null));
      for (const [key, parts] of this.nodes) if (!wanted.has(parts.node)) this.nodes.delete(key);
      if (stuck) this.toBottom();
      else if (quiet) this.log.scrollTop += this.log.scrollHeight - before;
      this.stuck = stuck;
    }

    /** Somebody who reads further up is told that there is more below. */
    hintNewest() {
      if (this.opened && !this.atBottom()) this.newest.hidden = false;
    }

    dayNode(key, at) {
      let node = this.days.get(key);
      if (!node) this.days.set(key, (node = el("div", { class: "day" })));
      const now = new Date();
      const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).toDateString();
      const name = this.calendar.format(at);
      if (key === now.toDateString()) setText(node, this.words.today);
      else setText(node, key === yesterday ? this.words.yesterday : name[0].toUpperCase() + name.slice(1));
      return node;
    }

    messageNode(item, { first, last, online, quiet }) {
      let parts = this.nodes.get(item.key);
      if (!parts) {
        parts = { author: el("div", { class: "author", "aria-hidden": "true" }), speaker: el("span", { class: "sr" }), text: el("span", { dir: "auto" }),
          meta: el("div", { class: "meta" }) };
        parts.node = el("div", {}, parts.author, el("div", { class: "bubble" }, parts.speaker, parts.text), parts.meta);
        this.nodes.set(item.key, parts);
        parts.fresh = !quiet && this.opened;
      }
      const { words } = this;
      parts.node.className = ["msg", item.own && "own", first && "first", last && "last",
        item.revoked && "gone", parts.fresh && "fresh"].filter(Boolean).join(" ");
      setText(parts.speaker, `${item.own ? words.you : item.author || words.us}: `);
      parts.author.hidden = item.own || !first || !item.author;
      setText(parts.author, item.author);
      const text = item.revoked ? words.revoked : item.text || words.unsupported;
      if (parts.shown !== text) writeText(parts.text, text);
      parts.shown = text;
      parts.meta.hidden = !last && item.state !== "refused" && !item.edited;
      parts.meta.classList.toggle("bad", item.state === "refused");
      const state = `${item.state} ${online} ${item.at} ${item.edited} ${words.sent}`;
      if (parts.state !== state) parts.meta.replaceChildren(...this.metaNodes(item, online));
      parts.state = state;
      return parts.node;
    }

    metaNodes(item, online) {
      const { words } = this;
      const time = el("time", { datetime: new Date(item.at).toISOString() }, this.clock.format(item.at));
      const edited = item.edited ? [el("span", {}, `· ${words.edited}`)] : [];
      if (!item.own) return [time, ...edited];
      if (item.state === "refused") {
        const again = el("button", { type: "button" }, words.retry);
        again.onclick = () => this.on.retry(item.ref);
        return [icon("warn"), el("span", {}, words.refused), again];
      }
      if (item.state === "waiting") return [icon("clock"), el("span", {}, online ? words.sending : words.waiting)];
      return [time, ...edited, icon("tick"), el("span", { class: "sr" }, words.sent)];
    }
  }

  /** Whether two messages stand together: same sender, close in time. */
  const near = (a, b) => Boolean(a) && a.own === b.own && a.author === b.author && b.at - a.at < GROUP_MS;

  // ------------------------------------------------------------------ the conversation

  /** What was said, what still has to be sent, and who is told about it. */
  class Chat {
    constructor() {
      const prefix = `agent-console:${base.host}${base.pathname}:`;
      this.local = new Shelf("localStorage", prefix);
      this.session = new Shelf("sessionStorage", prefix);
      this.visitor = this.local.get("visitor");
      this.outbox = new Outbox(this.local);
      this.config = { title: "", color: "#0b6e69", language: "auto", ...SERVED };
      this.forget();
      this.view = new View({
        toggle: () => (this.opened ? this.close() : this.open(true)),
        close: () => this.close(),
        submit: (text, name) => this.submit(text, name),
        input: (text) => this.writing(text),
        earlier: () => this.askEarlier(),
        retry: (ref) => this.retry(ref),
      });
      const url = new URL("socket", base);
      url.protocol = base.protocol === "http:" ? "ws:" : "wss:";
      this.line = new Line(url.href, {
        greet: () => this.hello(),
        hear: (frame) => this.hear(frame),
        changed: () => this.lineChanged(),
      });
      this.dress();
    }

    forget() {
      this.messages = new Map(); // id → message
      this.since = 0; // newest journal entry we know of
      this.epoch = "";
      this.told = new Map(); // id → the receipt sent on this connection
      this.more = false; // the server has earlier messages
      this.filling = true; // until the first welcome: history, not news
    }

    start() {
      this.view.mount();
      this.view.text.value = this.session.get("draft") ?? "";
      this.view.name.value = this.local.get("name") ?? "";
      addEventListener("storage", (event) => this.otherTab(event));
      document.addEventListener("visibilitychange", () => this.look());
      document.addEventListener("click", (event) => {
        const link = event.target instanceof Element && event.target.closest("[data-agent-console-chat]");
        if (!link) return;
        event.preventDefault();
        this.open(true);
      });
      this.paint();
      // No socket for people who never write: it is opened with the panel, or to continue a conversation.
      if (this.visitor || this.outbox.items.size) this.line.connect();
      const wasOpen = this.session.get("open") === "1" && !this.view.narrow.matches;
      if (wasOpen || script.hasAttribute("data-open")) this.open(false);
    }

    dress() {
      const { config } = this;
      const forced = script.dataset.language ?? script.dataset.lang;
      const language = pickLanguage(forced, config.language, document.documentElement.lang, ...(navigator.languages ?? []));
      const color = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(config.color) ? config.color : "#0b6e69";
      this.language = language;
      this.view.dress({ words: WORDS[language], language, title: config.title, color });
    }

    // ---- what the visitor does

    open(focus) {
      this.opened = true;
      this.session.set("open", "1");
      this.view.open(focus);
      this.line.connect();
      this.look();
    }

    close() {
      this.opened = false;
      this.session.remove("open");
      this.view.close();
      this.paint();
    }

    submit(raw, name) {
      const text = raw.trim().toWellFormed?.() ?? raw.trim(); // half an emoji is no text
      if (!text) return;
      this.settleVisitor();
      if (name.trim()) this.local.set("name", name.trim());
      this.outbox.add(text, name.trim());
      this.view.text.value = "";
      this.session.remove("draft");
      this.typingOff();
      this.view.fit();
      this.paint({ force: true });
      this.line.connect();
      this.flush();
    }

    /** The first message makes this browser a known visitor: only now something is stored in it. */
    settleVisitor() {
      const stored = this.local.get("visitor");
      if (stored && stored !== this.visitor) return this.become(stored);
      if (!this.visitor) {
        const bytes = crypto.getRandomValues(new Uint8Array(32));
        const base64 = btoa(String.fromCharCode(...bytes));
        this.visitor = base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
        if (this.line.socket) this.line.drop(); // connected without a token: greet again with it
      }
      if (!stored) this.local.set("visitor", this.visitor);
    }

    /** Another tab of this browser is a known visitor already: be the same one. */
    become(visitor) {
      this.visitor = visitor;
      this.forget();
      this.line.drop();
      this.line.connect();
    }

    retry(ref) {
      const item = this.outbox.items.get(ref);
      if (item) item.refused = false;
      this.flush();
      this.paint();
    }

    writing(text) {
      if (text) this.session.set("draft", text);
      else this.session.remove("draft");
      if (!text.trim()) return this.typingOff();
      const now = Date.now();
      if (now - (this.typedAt ?? 0) > TYPING_SEND_MS) {
        this.typedAt = now;
        this.line.send({ type: "typing", on: true });
      }
      clearTimeout(this.typingTimer);
      this.typingTimer = setTimeout(() => this.typingOff(), TYPING_SEND_MS + 2_000);
    }

    typingOff() {
      clearTimeout(this.typingTimer);
      if (this.typedAt) this.line.send({ type: "typing", on: false });
      this.typedAt = 0;
    }

    askEarlier() {
      const oldest = Math.min(...[...this.messages.values()].map((m) => m.order));
      if (Number.isFinite(oldest)) this.line.send({ type: "earlier", before: oldest });
    }

    /** The visitor sees the panel: what is in it counts as read. */
    look() {
      if (this.opened && document.visibilityState === "visible") {
        for (const message of this.messages.values()) message.seen = true;
      }
      this.receipts();
      this.paint();
    }

    otherTab({ key, newValue, storageArea }) {
      const { local } = this;
      if (storageArea !== local.area || !key?.startsWith(local.prefix)) return;
      const name = key.slice(local.prefix.length);
      if (name === "visitor" && newValue && newValue !== this.visitor) this.become(newValue);
      if (name.startsWith("out:") && newValue) {
        this.outbox.adopt(newValue);
        this.paint();
      }
    }

    // ---- what the server says

    hello() {
      const { visitor, since, epoch, language } = this;
      return { type: "hello", visitor: visitor ?? null, since, epoch, language, name: this.local.get("name") ?? "" };
    }

    hear(frame) {
      switch (frame.type) {
        case "welcome":
          return this.welcome(frame);
        case "messages":
          for (const message of frame.messages) this.take(message);
          this.since = Math.max(this.since, frame.seq);
          return this.look();
        case "history":
          this.more = frame.earlier;
          for (const message of frame.messages) this.take(message, true);
          return this.paint({ quiet: true });
        case "ack":
          return this.acknowledged(frame);
        case "typing":
          return this.theyType(frame);
        case "error":
          return this.refused(frame);
      }
    }

    welcome({ visitor, epoch, seq, title, color, language, messages, earlier, reset }) {
      this.visitor = visitor;
      if (this.outbox.items.size && !this.local.get("visitor")) this.local.set("visitor", visitor);
      const first = this.filling;
      if (reset) this.messages.clear();
      if (reset || first) this.more = earlier;
      this.epoch = epoch;
      this.since = seq;
      this.told.clear();
      this.config = { ...this.config, title, color, language };
      this.dress();
      for (const message of messages) this.take(message, first || reset);
      this.filling = false;
      this.inFlight = null;
      this.slow = false;
      if (this.opened && document.visibilityState === "visible") for (const m of this.messages.values()) m.seen = true;
      this.receipts();
      this.paint({ quiet: first || reset, force: first || reset });
      this.flush();
    }

    /** Store a message or the newer state of one; its place in the conversation never changes. */
    take(message, quiet = false) {
      const known = this.messages.get(message.id);
      if (!known && message.order == null) return; // news of a message further up than we have loaded
      const next = { ...known, ...message, order: known?.order ?? message.order };
      this.messages.set(message.id, next);
      if (message.ref) this.outbox.done(message.ref);
      if (known || quiet || message.from !== "agent") return;
      this.theyType({ on: false });
      this.view.hintNewest();
    }

    acknowledged({ ref, id, at, order }) {
      const item = this.outbox.items.get(ref);
      if (item) this.take({ id, ref, at, order, from: "visitor", text: item.text, status: "received" });
      if (this.inFlight === ref) this.inFlight = null;
      this.slow &&= this.outbox.items.size > 0;
      this.paint();
      this.flush();
    }

    refused({ code, ref, retry_ms: retryMs }) {
      const item = this.outbox.items.get(ref ?? this.inFlight);
      if (!item) return;
      this.inFlight = null;
      if (retryMs != null) {
        this.slow = code === "rate_limited";
        setTimeout(() => this.flush(), retryMs);
      } else {
        item.refused = true;
        this.flush();
      }
      this.paint();
    }

    theyType({ on, name = "" }) {
      clearTimeout(this.theyTimer);
      if (on) this.theyTimer = setTimeout(() => this.theyType({ on: false }), TYPING_SHOW_MS);
      this.view.paintTyping(name, on);
    }

    lineChanged() {
      if (!this.line.ready) {
        this.inFlight = null;
        this.theyType({ on: false });
        setTimeout(() => this.paint(), BLINK_MS + 50);
      }
      this.flush();
      this.paint();
    }

    // ---- what we tell the server

    /** Send what waits, oldest first, one at a time: the order holds and an acknowledgement frees the next. */
    flush() {
      if (!this.line.ready || this.inFlight) return;
      const [item] = this.outbox.sendable();
      if (!item) return;
      this.inFlight = item.ref;
      this.line.send({ type: "message", ref: item.ref, text: item.text, name: item.name });
      const sentAt = Date.now();
      clearTimeout(this.flightTimer);
      this.flightTimer = setTimeout(() => {
        if (this.inFlight === item.ref && this.line.heard < sentAt) this.line.drop();
      }, 10_000);
    }

    receipts() {
      if (!this.line.ready) return;
      const ids = { received: [], read: [] };
      for (const { id, from, status, seen } of this.messages.values()) {
        if (from !== "agent" || status === "read") continue;
        const due = seen ? "read" : status === "sent" ? "received" : null;
        const told = this.told.get(id);
        if (!due || told === due || told === "read") continue;
        this.told.set(id, due);
        ids[due].push(id);
      }
      for (const [type, all] of Object.entries(ids)) {
        for (let i = 0; i < all.length; i += 100) this.line.send({ type, ids: all.slice(i, i + 100) });
      }
    }

    paint(options = {}) {
      const items = [...this.messages.values()].sort((a, b) => a.order - b.order).map((m) => ({
        key: m.ref ? `ref ${m.ref}` : `id ${m.id}`, own: m.from === "visitor", author: m.author ?? "", text: m.text, at: m.at,
        edited: m.edited, revoked: m.revoked, state: "", ref: m.ref,
      }));
      for (const { ref, text, at, refused } of [...this.outbox.items.values()].sort((a, b) => a.at - b.at)) {
        items.push({ key: `ref ${ref}`, own: true, author: "", text, at, state: refused ? "refused" : "waiting", ref });
      }
      const unread = [...this.messages.values()]
        .filter((m) => m.from === "agent" && !m.seen && m.status !== "read" && !m.revoked).length;
      const words = WORDS[this.language];
      const { down } = this.line;
      this.view.paintBanner(down ? words.offline : this.slow ? words.slow : "");
      this.view.paintLauncher(unread);
      this.view.paint(items, { earlier: this.more, online: !down, ...options });
    }
  }

  const begin = () => new Chat().start();
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
})();
