// The sentence builder: a token that is changed asks again, several values once they are all chosen, and the focus
// stays on the token it was on, although every line is new then.
const form = () => document.getElementById("sentence");
let focused = "";

const nameOf = ({ name, value, dataset }) => (name === "do" ? `do${value}` : name || dataset.name || "");

// Whoever types into a closed list passes others on the way: it is asked when they pause, or go on.
const PAUSE = 600;
let waiting = 0;
let typing = null;

function ask() {
  clearTimeout(waiting);
  typing = null;
  form()?.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("#sentence select")) event.target.dataset.keyed = "yes";
});

document.addEventListener("pointerdown", (event) => {
  delete event.target.closest?.("#sentence select")?.dataset.keyed;
});

document.addEventListener("change", (event) => {
  if (!form()?.contains(event.target)) return;
  const later = event.target.closest("details[data-later]");
  if (later) {
    later.dataset.changed = "yes";
  } else if (event.target.dataset.keyed) {
    clearTimeout(waiting);
    typing = event.target;
    waiting = setTimeout(ask, PAUSE);
  } else {
    ask();
  }
});

document.addEventListener("focusout", (event) => {
  if (event.target === typing) ask();
});

// `toggle` does not bubble.
document.addEventListener("toggle", (event) => {
  const later = event.target;
  if (!later.matches?.("details[data-later]") || later.open || !later.dataset.changed) return;
  delete later.dataset.changed;
  ask();
}, true);

document.addEventListener("keydown", (event) => {
  const later = event.target.closest?.("details[data-later][open]");
  if (!later) return;
  const boxes = [...later.querySelectorAll("input")];
  if (event.key === "Escape" || (event.key === "Enter" && event.target.matches("input"))) {
    event.preventDefault();
    later.querySelector("summary").focus();
    later.open = false;
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = boxes.indexOf(document.activeElement) + step;
    boxes[Math.min(Math.max(at, 0), boxes.length - 1)].focus();
  }
});

document.addEventListener("click", (event) => {
  for (const later of document.querySelectorAll("details[data-later][open]")) {
    if (!later.contains(event.target)) later.open = false;
  }
});

document.addEventListener("focusout", (event) => {
  const later = event.target.closest?.("details[data-later][open]");
  if (later && event.relatedTarget && !later.contains(event.relatedTarget)) later.open = false;
});

// Where the focus is now; it is nowhere once its token was swapped away.
document.addEventListener("focusin", (event) => {
  focused = form()?.contains(event.target) ? nameOf(event.target) : "";
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.sourceElement?.id !== "sentence" || !focused || !form()) return;
  if (form().contains(document.activeElement)) return;
  back(focused)?.focus();
});

/** What takes the focus: the same token, the first of a line that was added, the place where one was removed. */
function back(name) {
  if (!name.startsWith("do")) return named(name) ?? named(name.replace(/-.*/, "-verb"));
  const [what, place] = name.slice(2).split(":");
  if (what === "remove") return form().querySelector('button[value^="add:"]');
  const inside = place ? `${place}.` : "";
  const lines = [...form().querySelectorAll("select[name$='-subject']")];
  return lines.filter((one) => one.name.startsWith(inside)).at(-1);
}

function named(name) {
  const text = CSS.escape(name);
  return form().querySelector(`[name="${text}"]:not([type="hidden"], [type="checkbox"]), [data-name="${text}"]`);
}

// Rows that are chosen: how many, and that those are meant. Shift takes all between.
const boxes = () => [...document.querySelectorAll('input[name="account"][form="bulk"]')];
let last = null;

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.('input[name="account"][form="bulk"]')) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  if (event.shiftKey && from >= 0) for (const one of all.slice(from, to)) one.checked = box.checked;
  last = box;
  tell();
});

/** What is chosen in words; whoever chooses means those. */
function tell() {
  const form = document.getElementById("bulk");
  const number = boxes().filter((one) => one.checked).length;
  form.querySelector("[data-chosen]").textContent = number ? `The ${number} chosen` : "Those I choose";
  if (number) form.elements.which.value = "chosen";
}

document.addEventListener("htmx:after:swap", () => {
  if (document.getElementById("bulk")) tell();
});
