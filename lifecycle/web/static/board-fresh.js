// What became of accounts is fetched: after a move of one's own at once, after those of others a little later,
// several together. Of very many only the number is told.
import { apply, board, cardOf } from "./board-cards.js";

const MOST = 20;
const WAIT = 400;
const APART = 2000;
const waiting = new Set();
const known = new Map();
let landed = null;
let timer = 0;
let running = false;
let last = -APART;
let isHeld = () => false;

/** `held()`: whether the board must stand still for now: a card is in somebody's hand. */
export function holdWhile(held) { isHeld = held; }

/** Fetch what others did to `account`, unless what is shown is as new. */
export function changed({ account, revision }) {
  const shown = cardOf(account)?.dataset.latest ?? 0;
  if (revision <= Math.max(shown, known.get(account) ?? 0)) return;
  waiting.add(account);
  if (waiting.size > MOST) many();
  else later(Math.max(WAIT, last + APART - performance.now()));
}

/** Fetch what one did oneself: the card lands. */
export function moved({ account, revision }) {
  known.set(account, revision);
  landed = account;
  waiting.add(account);
  later(0);
}

/** Much has changed: whoever looks says when to look again. */
export function many() {
  const fresh = document.querySelector("[data-fresh]");
  const number = waiting.size;
  fresh.querySelector("[data-fresh-said]").textContent = number > 1
    ? `${number} accounts changed.` : "Many accounts changed.";
  fresh.hidden = false;
}

export function later(wait = WAIT) {
  clearTimeout(timer);
  timer = setTimeout(refresh, wait);
}

async function refresh() {
  if (running || !waiting.size) return;
  if (waiting.size > MOST && !landed) return;
  if (document.hidden || isHeld()) { later(WAIT); return; }
  const accounts = landed ? [landed] : [...waiting];
  const mine = landed;
  landed = null;
  running = true;
  try {
    const answer = await ask(accounts);
    // What is being dragged by now stays in hand; the others can wait.
    if (isHeld() && !mine) return;
    for (const account of accounts) waiting.delete(account);
    apply(answer, accounts, mine);
  } catch {
    many();
  } finally {
    running = false;
    last = performance.now();
    if (waiting.size && waiting.size <= MOST) later(APART);
  }
}

async function ask(accounts) {
  const url = new URL(board().dataset.changes, location.href);
  for (const account of accounts) url.searchParams.append("account", account);
  const answer = await fetch(url);
  if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
