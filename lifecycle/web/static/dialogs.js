// Dialogs: what is loaded into #dialog opens it; closing gives the focus back to what opened it.
// The browser makes the page behind inert, closes on Esc and keeps the focus inside.
const FIRST = ['[aria-invalid="true"]', "[autofocus]", '.body :is(input:not([type="hidden"]), select, textarea)', "footer button"];
let opener = null;

/** Focus what has to be looked at first: what is wrong, else the first question. */
function begin(box) {
  for (const one of FIRST) {
    const found = box.querySelector(one);
    if (found) return found.focus();
  }
}

/** What opened it; if that went away with its menu, the menu. */
function back(from) {
  const menu = from?.closest("details[data-menu]:not([open])");
  return menu ? menu.querySelector("summary") : from;
}

const dialog = () => document.getElementById("dialog");

/** Open a dialog whose content is there already. */
export function open(box, from = document.activeElement) {
  if (box.open) return;
  opener = from;
  box.showModal();
  begin(box);
}

/** Close it; the focus goes back. */
export function close(box = dialog()) {
  if (box?.open) box.close();
}

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.target === dialog() && !dialog().open) opener = event.detail.ctx.sourceElement;
});

document.addEventListener("htmx:after:swap", (event) => {
  const box = dialog();
  if (!box || event.detail.ctx.target !== box || !box.childElementCount) return;
  if (box.open) begin(box);
  else open(box, opener);
});

// `close` and `cancel` do not bubble.
document.addEventListener("close", (event) => {
  if (event.target !== dialog()) return;
  event.target.replaceChildren();
  if (opener?.isConnected) back(opener).focus();
  opener = null;
}, true);

document.addEventListener("click", (event) => {
  const box = event.target.closest("dialog");
  if (!box?.open) return;
  if (event.target === box || event.target.closest("[data-close]")) {
    event.preventDefault();
    close(box);
  }
});
