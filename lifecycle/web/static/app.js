// What every page for people can do beside showing itself. Pages add modules of their own (`scripts` block).
import "./dialogs.js";
import "./menus.js";
import "./requests.js";
import { announceSaid } from "./announcing.js";

// "/" goes to the search, wherever nothing is being typed.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
  const search = document.querySelector('input[name="search"]');
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

announceSaid();
