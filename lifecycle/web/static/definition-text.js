// A text with line numbers: as high as it is long, its lines with problems marked, and a way to each.
const text = () => document.getElementById("text");
const gutter = () => document.getElementById("gutter");

/** How bad each line is, by its number. */
function marks() {
  const found = new Map();
  for (const one of document.querySelectorAll("#checked .problems [data-line]")) {
    if (!one.querySelector("[data-goto]")) continue;
    const kind = one.classList.contains("error") ? "error" : "warning";
    if (found.get(one.dataset.line) !== "error") found.set(one.dataset.line, kind);
  }
  return found;
}

function number() {
  const area = text();
  if (!area) return;
  const lines = area.value.split("\n").length;
  area.rows = lines + 1;
  const bad = marks();
  const shown = [];
  for (let line = 1; line <= lines; line += 1) {
    const kind = bad.get(String(line));
    if (kind) {
      const mark = document.createElement("b");
      mark.className = kind;
      mark.textContent = line;
      shown.push(mark, "\n");
    } else {
      shown.push(`${line}\n`);
    }
  }
  gutter().replaceChildren(...shown);
}

/** Put the caret where the problem is. */
function go(line, column) {
  const area = text();
  const before = area.value.split("\n").slice(0, line - 1);
  const at = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  area.focus({ preventScroll: true });
  area.setSelectionRange(at, at);
  const height = parseFloat(getComputedStyle(area).lineHeight);
  const top = area.getBoundingClientRect().top + scrollY + (line - 1) * height;
  scrollTo({ top: top - innerHeight / 3 });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-goto]");
  if (!link) return;
  event.preventDefault();
  const { line, column } = link.closest("[data-line]").dataset;
  go(Number(line), Number(column));
});

// Two spaces, as the language is written; Esc then Tab leaves the text.
let leaving = false;
document.addEventListener("keydown", (event) => {
  if (event.target !== text()) return;
  if (event.key === "Tab" && !event.shiftKey && !leaving && !event.ctrlKey && !event.altKey) {
    event.preventDefault();
    document.execCommand("insertText", false, "  ");
  }
  leaving = event.key === "Escape";
});

document.addEventListener("input", (event) => {
  if (event.target === text()) number();
});
document.addEventListener("htmx:after:swap", number);
number();
