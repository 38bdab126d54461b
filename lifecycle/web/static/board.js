// The board: what is chosen counts at once, cards move by hand and by key, and what others do is seen.
import { board, tidy } from "./board-cards.js";
import { isAsking } from "./board-asking.js";
import { dragging, isDragging } from "./board-drag.js";
import { changed, holdWhile, many } from "./board-fresh.js";
import "./board-keys.js";

const kept = new WeakSet();
holdWhile(() => isAsking() || isDragging());
ready();
follow();
choosing();

// ── every list is kept tidy, whoever puts cards into it

function ready() {
  for (const list of board()?.querySelectorAll(".list") ?? []) {
    tidy(list);
    if (kept.has(list)) continue;
    kept.add(list);
    new MutationObserver(() => { if (!isDragging()) tidy(list); }).observe(list, { childList: true });
    if (board().dataset.moves) dragging(list);
  }
}

document.addEventListener("htmx:after:swap", (event) => { if (event.detail.ctx.target === document.body) ready(); });

// ── what others do

function follow() {
  // A board of the past stays as it was.
  if (!board()?.dataset.live) return;
  const source = new EventSource(board().dataset.live);
  source.addEventListener("changed", (event) => changed(JSON.parse(event.data)));
  source.addEventListener("reset", many);
  source.addEventListener("ended", () => source.close());
  addEventListener("pagehide", () => source.close());
}

// ── what is chosen

function choosing() {
  const form = document.querySelector("[data-filters]");
  form.querySelector("[data-apply]").hidden = true;
  form.addEventListener("change", (event) => { if (event.target.matches("select")) form.requestSubmit(); });
  // An address names only what is chosen.
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value.trim()) strike(formData, name, value);
  });
}

function strike(formData, name, value) {
  const kept = formData.getAll(name).filter((one) => one !== value);
  formData.delete(name);
  for (const one of kept) formData.append(name, one);
}
