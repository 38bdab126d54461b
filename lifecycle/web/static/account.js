// An account that changes while somebody looks: what is new is fetched, unless something is being typed.
const page = () => document.querySelector("[data-live]");
let stream = null;
let opened = "";
let waiting = 0;

const isTyping = () => Boolean(document.querySelector("dialog:modal"));
const isReading = () => Boolean(page()?.contains(document.activeElement?.closest("details[data-menu][open]")));
const shown = () => Number(page()?.dataset.revision ?? 0);

async function look() {
  if (!page() || document.hidden) return;
  if (isTyping() || isReading()) {
    document.getElementById("stale")?.removeAttribute("hidden");
    return;
  }
  await htmx.ajax("GET", location.href, { target: "#main", swap: "innerMorph" });
}

function changed(event) {
  if (JSON.parse(event.data).revision <= shown()) return;
  clearTimeout(waiting);
  waiting = setTimeout(look, 300);
}

function listen() {
  const address = page()?.dataset.live ?? "";
  if (address === opened) return;
  stream?.close();
  stream = null;
  opened = address;
  if (!address) return;
  stream = new EventSource(`${address}?after=${shown()}`);
  stream.addEventListener("changed", changed);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-look-again]")) return;
  event.preventDefault();
  look();
});
// What came while a dialog was open, or the tab was behind, is looked at when there is time.
document.addEventListener("close", () => {
  if (document.getElementById("stale")?.hidden === false) look();
}, true);
document.addEventListener("htmx:after:swap", listen);
window.addEventListener("pagehide", () => { stream?.close(); stream = null; opened = ""; });
window.addEventListener("pageshow", listen);
