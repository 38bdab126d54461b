// A move is asked about in a dialog: which stage was meant is known, the reason is not. Whatever is not done, or is
// refused, puts the card back where it came from; the server says why.
import { cardOf, linkIn, sliding } from "./board-cards.js";
import { later, moved } from "./board-fresh.js";
import { close } from "./dialogs.js";

let asked = null;
const dialog = () => document.getElementById("dialog");

/** Whether a move is being asked about. */
export const isAsking = () => asked !== null;

/** Ask why `card` goes to `stage`; `back` takes it back where it was, `done` gives that place up. */
export async function ask(card, stage, { back = () => {}, done = () => {} } = {}) {
  asked = { card, back, done };
  const url = new URL(card.querySelector(".mv").href);
  url.searchParams.set("stage", stage);
  await load(url.pathname + url.search, card);
  if (!dialog().open) giveUp();
}

/** Any other question about a card. */
export function load(address, card) {
  return htmx.ajax("GET", address, { target: "#dialog", source: linkIn(card) });
}

function giveUp() {
  if (!asked) return;
  putBack();
  asked = null;
  later();
}

function putBack() {
  const { card, back } = asked;
  card.classList.remove("asking");
  asked = { card, back: () => {}, done: () => {} };
  sliding(card, back);
}

document.addEventListener("moved", (event) => {
  asked?.done();
  asked = null;
  close();
  cardOf(event.detail.account)?.classList.remove("asking");
  moved(event.detail);
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (asked && ctx.request.method === "POST" && ctx.response.status >= 400) putBack();
});

// `close` does not bubble.
document.addEventListener("close", (event) => { if (event.target === dialog()) giveUp(); }, true);
