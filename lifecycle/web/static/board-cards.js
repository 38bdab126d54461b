// The cards and columns of the board as they stand in the page: found, put in place, counted.
const numbers = new Intl.NumberFormat("en-GB");

export const board = () => document.getElementById("board");
export const columns = () => [...board().querySelectorAll(".col")];
export const columnOf = (stage) => board().querySelector(`[data-column="${CSS.escape(stage)}"]`);
export const listOf = (stage) => columnOf(stage)?.querySelector(".list");
export const cardOf = (account) => board().querySelector(`.ac[data-account="${CSS.escape(account)}"]`);
export const cardsIn = (list) => [...list.querySelectorAll(":scope > .ac[data-account]")];
export const linkIn = (card) => card.querySelector(".nm a");
export const nameOf = (card) => linkIn(card).textContent;

/** Move `card` by `change` and let it slide there from where it was. */
export function sliding(card, change) {
  const from = card.getBoundingClientRect();
  change();
  const to = card.getBoundingClientRect();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !to.width) return;
  const way = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
  card.animate([{ transform: way }, { transform: "none" }], { duration: 180, easing: "ease-out" });
}

/** Put a card where its days have it. False where that is further down than the column is loaded. */
export function place(card) {
  const list = listOf(card.dataset.stage);
  if (!list) return false;
  const behind = cardsIn(list).find((one) => one.dataset.place > card.dataset.place);
  const next = list.querySelector(":scope > .next");
  if (!behind && next) return false;
  list.insertBefore(card, behind ?? null);
  return true;
}

/** Columns whose cards changed say so: how many are shown, and one of them can be reached by Tab. */
export function tidy(list) {
  const cards = cardsIn(list);
  const seen = new Map();
  for (const card of cards) {
    // A card that was put on top after its move comes once more with its page: there it stays.
    seen.get(card.dataset.account)?.remove();
    seen.set(card.dataset.account, card);
  }
  const links = cardsIn(list).map(linkIn);
  const current = links.find((link) => link.tabIndex === 0 && link === document.activeElement) ?? links[0];
  for (const link of links) link.tabIndex = link === current ? 0 : -1;
  const shown = list.closest(".col").querySelector("[data-shown]");
  if (shown) shown.textContent = `${numbers.format(links.length)} of ${numbers.format(shown.dataset.shown)}`;
}

/** Bring heads and cards up to date with an answer of the server. `accounts` are those it was asked for. */
export function apply(answer, accounts, landed) {
  replace(answer, "[data-totals]", document.querySelector("[data-totals]"));
  for (const column of columns()) renew(column, answer);
  for (const account of accounts) renewCard(answer, account, account === landed);
}

function replace(answer, selector, old) {
  const found = answer.querySelector(selector);
  if (found && old) old.replaceWith(document.importNode(found, true));
}

function renew(column, answer) {
  const id = CSS.escape(column.dataset.column);
  const had = column.querySelector("header").contains(document.activeElement);
  replace(answer, `[data-head="${id}"]`, column.querySelector("header"));
  if (had) column.querySelector("header a")?.focus();
  replace(answer, `[data-marks="${id}"]`, column.querySelector("[data-marks]"));
  const [label, number] = column.querySelectorAll("h2 > .cut, h2 > .n");
  const total = number.firstChild.textContent;
  column.setAttribute("aria-label", `${label.textContent}, ${number.textContent}`);
  const shown = column.querySelector("[data-shown]");
  if (shown) shown.dataset.shown = total.replace(/\D/g, "");
  const folded = column.querySelector(".vt span");
  if (folded) folded.textContent = folded.textContent.replace(/^[\d,]+/, total);
}

function renewCard(answer, account, isLanding) {
  const found = answer.querySelector(`.ac[data-account="${CSS.escape(account)}"]`);
  const old = cardOf(account);
  const hadFocus = old?.contains(document.activeElement);
  if (!found) {
    old?.remove();
    return;
  }
  const card = document.importNode(found, true);
  const stays = old && !isLanding && old.closest(".list") === listOf(card.dataset.stage)
    && old.dataset.place === card.dataset.place;
  if (stays) old.replaceWith(card);
  else settle(card, old, isLanding);
  if (hadFocus || isLanding) linkIn(card).focus({ preventScroll: !isLanding });
}

function settle(card, old, isLanding) {
  old?.remove();
  const list = listOf(card.dataset.stage);
  if (!place(card) && isLanding) list?.prepend(card);
  if (!isLanding || !card.isConnected) return;
  card.classList.add("landed");
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}
