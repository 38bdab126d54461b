// What becomes of htmx's requests: a part that is waited for is dimmed, a refusal is shown where it can be seen.
import { close } from "./dialogs.js";
import { announceSaid, say } from "./announcing.js";

const openDialog = () => document.querySelector("dialog:modal");

// A link pressed with Ctrl, Cmd or Shift is for a tab or window of its own, whatever it opens here.
document.addEventListener("click", (event) => {
  const isApart = event.ctrlKey || event.metaKey || event.shiftKey;
  if (isApart && event.target.closest?.("a[href]")) event.stopPropagation();
}, true);

// What a part waits for last: an answer nobody waits for any more must not undim it.
const awaited = new WeakMap();

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (!ctx.target || ctx.target === document.body) return;
  // Remembered: an answer may be shown elsewhere than where it was waited for.
  ctx.waiting = ctx.target;
  ctx.waiting.setAttribute("aria-busy", "true");
  awaited.set(ctx.waiting, ctx);
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  if (awaited.get(ctx.waiting) === ctx) ctx.waiting.removeAttribute("aria-busy");
});

document.addEventListener("htmx:after:request", (event) => {
  const { hx } = event.detail.ctx;
  // Done: the page that follows replaces this one, dialog and all.
  if (hx.location || hx.redirect) close();
  if (hx.retarget === "#notices" && openDialog()?.querySelector(".notices")) {
    hx.retarget = "dialog:modal .notices";
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  document.querySelector('.notices [role="alert"]')?.scrollIntoView({ block: "nearest" });
  if (event.detail.ctx.target !== document.body) return;
  announceSaid();
  recount();
});

// Something was done: the numbers beside the navigation may be others now.
const recount = () => document.body.dispatchEvent(new Event("recount"));
document.addEventListener("said", recount);

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx) return;
  say("No answer. Look whether you are connected, then try again.", "warn");
});
