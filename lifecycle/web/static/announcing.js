// Saying what happened: aloud by the polite live region, and to the eye in a toast.
const SECONDS = 6;
const ICONS = { good: "check", note: "info", warn: "warn", bad: "warn" };
let timer = 0;

/** Read `text` aloud, once; the same text twice is read twice. */
export function announce(text) {
  const region = document.getElementById("live");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}

/** Read aloud what the page before left to be said: it is in the page that came. */
export function announceSaid() {
  const said = document.querySelector('#notices [role="status"] b');
  if (said) announce(said.textContent);
}

/** Show `text` for some seconds and read it aloud. `kind`: good, note, warn, bad. */
export function say(text, kind = "good") {
  const toast = document.getElementById("toast");
  if (!toast) return;
  const words = document.createElement("span");
  words.textContent = text;
  toast.replaceChildren(icon(ICONS[kind] ?? "info"), words);
  // Above an open dialog, too: only what is in it can be seen then.
  (document.querySelector("dialog:modal") ?? document.body).append(toast);
  toast.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { toast.hidden = true; }, SECONDS * 1000);
  announce(text);
}

/** An icon of the sheet that the page already uses. */
export function icon(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "i");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${new URL("icons.svg", import.meta.url).pathname}#i-${name}`);
  drawn.append(use);
  return drawn;
}

document.addEventListener("said", (event) => say(event.detail.text, event.detail.kind));
