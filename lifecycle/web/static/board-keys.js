// The board by keys: arrows go from card to card, M opens "Move to…", figures choose the stage there, H sets a hold.
import { cardsIn, columnOf, columns, linkIn, nameOf } from "./board-cards.js";
import { ask, load } from "./board-asking.js";

let card = null;
const menu = () => document.getElementById("moves");
const items = () => [...menu().querySelectorAll('.mi:not([aria-disabled="true"])')];

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("#moves")) choose(event);
  else if (event.target.closest?.("#board .ac")) walk(event, event.target.closest(".ac"));
});

// ── from card to card

function walk(event, here) {
  if (event.key.toLowerCase() === "m" && menu()) {
    event.preventDefault();
    open(here);
    return;
  }
  const to = neighbour(here, event.key);
  if (!to) return;
  event.preventDefault();
  linkIn(to).focus();
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function neighbour(here, key) {
  const list = cardsIn(here.parentElement);
  const at = list.indexOf(here);
  if (key === "ArrowDown") return list[at + 1];
  if (key === "ArrowUp") return list[at - 1];
  if (key === "Home") return list[0];
  if (key === "End") return list.at(-1);
  if (key === "ArrowRight") return beside(here, at, 1);
  if (key === "ArrowLeft") return beside(here, at, -1);
  return null;
}

function beside(here, at, step) {
  const all = columns();
  for (let number = all.indexOf(here.closest(".col")) + step; all[number]; number += step) {
    const list = cardsIn(all[number].querySelector(".list"));
    if (list.length) return list[Math.min(at, list.length - 1)];
  }
  return null;
}

// The card that was reached is the one Tab comes back to.
document.addEventListener("focusin", (event) => {
  const list = event.target.closest?.("#board .list");
  if (!list || !event.target.matches(".nm a")) return;
  for (const one of cardsIn(list)) linkIn(one).tabIndex = linkIn(one) === event.target ? 0 : -1;
});

// ── move to…

function open(here) {
  card = here;
  const stage = columnOf(here.dataset.stage)?.dataset.column;
  menu().querySelector("[data-moves-of]").textContent = `Move ${nameOf(here)} to`;
  for (const item of menu().querySelectorAll("[data-to]")) {
    const isHere = item.dataset.to === stage;
    item.setAttribute("aria-disabled", String(isHere));
  }
  menu().showPopover();
  beneath(here);
  items()[0]?.focus();
}

/** Below the card where there is room, else above its end; never out of the window. */
function beneath(here) {
  const box = here.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu();
  const left = Math.min(box.left + 16, innerWidth - width - 8);
  const top = Math.min(box.bottom - 4, innerHeight - height - 8);
  menu().style.left = `${Math.max(left, 8)}px`;
  menu().style.top = `${Math.max(top, 8)}px`;
}

function leave(withFocus) {
  if (!menu()?.matches(":popover-open")) return;
  menu().hidePopover();
  if (withFocus && card?.isConnected) linkIn(card).focus();
}

function take(item) {
  if (!item || item.getAttribute("aria-disabled") === "true") return;
  const of = card;
  leave(true);
  if (item.hasAttribute("data-hold")) hold(of);
  else ask(of, item.dataset.to);
}

function hold(of) {
  const move = new URL(of.querySelector(".mv").href);
  const address = move.pathname.replace(/\/stages\/[^/]+$/, "/hold");
  load(`${address}?back=${encodeURIComponent(move.searchParams.get("back"))}`, of);
}

function choose(event) {
  const list = items();
  const at = list.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1 + list.length, Home: 0, End: list.length - 1 };
  if (event.key in steps) list[steps[event.key] % list.length].focus();
  else if (event.key === "Escape" || event.key === "Tab") leave(true);
  else if (event.key.toLowerCase() === "h") take(menu().querySelector("[data-hold]"));
  else if (/^\d$/.test(event.key)) take(menu().querySelectorAll("[data-to]")[Number(event.key)]);
  else return;
  event.preventDefault();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#board .mv");
  if (link && menu() && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open(link.closest(".ac"));
  } else if (event.target.closest("#moves")) {
    take(event.target.closest(".mi"));
  } else {
    leave(false);
  }
});

// The menu goes with its card.
document.addEventListener("scroll", () => { if (menu()?.matches(":popover-open")) beneath(card); }, { capture: true, passive: true });
