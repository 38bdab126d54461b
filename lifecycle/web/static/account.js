// An account that changes while somebody looks: what is new is fetched, unless something is being typed.
import { follow } from "./live.js";

const page = () => document.querySelector("[data-live]");
let stop = () => {};
let followed = "";

const isTyping = () => Boolean(document.querySelector("dialog:modal"));
const isReading = () => Boolean(page()?.contains(document.activeElement?.closest("details[data-menu][open]")));
const shown = () => Number(page()?.dataset.revision ?? 0);

async function look() {
  if (!page()) return;
  if (isTyping() || isReading()) {
    document.getElementById("stale")?.removeAttribute("hidden");
    return;
  }
  await htmx.ajax("GET", location.href, { target: "#main", swap: "innerMorph" });
}

const changed = (told) => {
  if (told.some((one) => one.revision > shown())) look();
};

function listen() {
  const address = page()?.dataset.live ?? "";
  if (address === followed) return;
  stop();
  followed = address;
  stop = address ? follow(`${address}?after=${shown()}`, { changed, reset: look }) : () => {};
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-look-again]")) return;
  event.preventDefault();
  look();
});
// What came while a dialog was open is looked at when there is time.
document.addEventListener("close", () => {
  if (document.getElementById("stale")?.hidden === false) look();
}, true);
document.addEventListener("htmx:after:swap", listen);
listen();
