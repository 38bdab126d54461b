// Menus (<details data-menu>): arrows, Home, End and first letters move; Esc and a press elsewhere close.
const items = (menu) => [...menu.querySelectorAll(".mi:not([aria-disabled])")];
const summary = (menu) => menu.querySelector("summary");

function leave(menu, focus) {
  menu.open = false;
  if (focus) summary(menu).focus();
}

function next(list, at, key) {
  if (key === "Home") return list[0];
  if (key === "End") return list.at(-1);
  if (key === "ArrowDown") return list[(at + 1) % list.length];
  if (key === "ArrowUp") return list[(at + list.length - (at < 0 ? 0 : 1)) % list.length];
  return null;
}

function lettered(list, at, key) {
  if (key.length !== 1 || key === " ") return null;
  const after = [...list.slice(at + 1), ...list.slice(0, at + 1)];
  return after.find((item) => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (!menu || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && menu.open) {
    event.preventDefault();
    leave(menu, true);
    return;
  }
  const isClosed = !menu.open;
  if (isClosed && event.key !== "ArrowDown") return;
  menu.open = true;
  const list = items(menu);
  const at = isClosed ? -1 : list.indexOf(document.activeElement);
  const found = next(list, at, event.key) ?? lettered(list, at, event.key);
  if (!found) return;
  event.preventDefault();
  found.focus();
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open], .nav .more[open]")) {
    if (!menu.contains(event.target) || event.target.closest(".mi")) leave(menu, false);
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) leave(menu, false);
});
