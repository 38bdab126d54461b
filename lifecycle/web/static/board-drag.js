// Cards by the hand: a dashed copy stays behind, the column they would go to says that a reason will be asked.
import { board, columns, nameOf } from "./board-cards.js";
import { ask } from "./board-asking.js";

let inHand = false;

/** Whether a card is being dragged, or is about to be. */
export const isDragging = () => inHand;

/** Let cards be taken from `list`, and put into it. */
export function dragging(list) {
  if (Sortable.get(list)) return;
  Sortable.create(list, {
    group: { name: "board", pull: "clone" },
    draggable: ".ac",
    filter: ".mv",
    preventOnFilter: false,
    sort: false,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackClass: "lift",
    ghostClass: "ghost",
    delay: 180,
    delayOnTouchOnly: true,
    animation: 0,
    onChoose: () => { inHand = true; },
    onUnchoose: () => { inHand = false; },
    onClone: ({ clone }) => clone.classList.add("left"),
    onStart: begin,
    onMove: ({ to }) => over(to),
    onEnd: end,
  });
}

function begin({ item }) {
  board().classList.add("dragging");
  item.dataset.here = `Move ${nameOf(item)} here. You will be asked for a reason.`;
}

function over(list) {
  for (const column of columns()) column.classList.toggle("over", column.contains(list));
}

function end({ item, clone, from, to }) {
  over(null);
  board().classList.remove("dragging");
  clone.classList.remove("left");
  if (from === to) return;
  // What was dragged waits in its new column; its copy keeps the place it came from.
  clone.hidden = false;
  clone.classList.add("left");
  clone.removeAttribute("data-account");
  item.classList.add("asking");
  const back = () => (clone.isConnected ? clone.replaceWith(item) : item.remove());
  ask(item, to.dataset.stage, { back, done: () => clone.remove() });
}
