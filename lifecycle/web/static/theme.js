// Runs before the first paint: the scheme somebody chose here, else the system's.
(() => {
  const KEY = "theme";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const show = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const label = () => {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      const words = isDark() ? "Switch to light" : "Switch to dark";
      button.setAttribute("aria-label", words);
      button.title = words;
      button.querySelector("use")?.setAttribute("href", button.dataset[isDark() ? "sun" : "moon"]);
    }
  };

  show(chosen());
  dark.addEventListener("change", label);
  document.addEventListener("DOMContentLoaded", label);
  document.addEventListener("htmx:after:swap", label);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const theme = isDark() ? "light" : "dark";
    try { localStorage.setItem(KEY, theme); } catch { /* a private window keeps nothing */ }
    show(theme);
    label();
    document.dispatchEvent(new CustomEvent("theme"));
  });
})();
