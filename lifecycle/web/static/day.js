// The day: whose it is changes at once; on a phone a CTA opens as a page, for there is nothing beside the list.
const isNarrow = matchMedia("(max-width: 760px)");

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-detail]");
  if (!link) return;
  if (isNarrow.matches) {
    event.stopImmediatePropagation();
    return;
  }
  for (const row of document.querySelectorAll(".md.sel")) row.classList.remove("sel");
  link.closest(".md").classList.add("sel");
}, true);
