// The sentence builder: a token that is changed asks again, several values once they are all chosen, and the focus
// stays on the token it was on, although every line is new then.
const form = () => document.getElementById("sentence");
let focused = "";

const nameOf = (element) => element?.name || element?.dataset?.name || "";

document.addEventListener("change", (event) => {
  const later = event.target.closest?.("details[data-later]");
  if (!later) return;
  event.stopPropagation();
  later.dataset.changed = "yes";
}, true);

// `toggle` does not bubble.
document.addEventListener("toggle", (event) => {
  const later = event.target;
  if (!later.matches?.("details[data-later]") || later.open || !later.dataset.changed) return;
  delete later.dataset.changed;
  focused = focused || later.querySelector("summary").dataset.name;
  later.closest("form").requestSubmit();
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
  if (later && event.relatedTarget && !later.contains(event.relatedTarget)) {
    focused = nameOf(event.relatedTarget);
    later.open = false;
  }
});

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement !== form()) return;
  const now = document.activeElement;
  focused = form().contains(now) ? nameOf(now) + (now.name === "do" ? now.value : "") : focused;
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.sourceElement?.id !== "sentence" || !focused || !form()) return;
  back(focused)?.focus();
  focused = "";
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
