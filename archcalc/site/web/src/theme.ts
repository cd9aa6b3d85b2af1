// Light or dark: as the system says, until the reader chooses. It runs before the page is drawn, so that nothing flashes.
const KEY = "archcalc-theme";
const root = document.documentElement;

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is off
  }
}

function show(theme: string | null): void {
  if (theme) root.dataset["theme"] = theme;
  else delete root.dataset["theme"];
}

show(kept());
document.addEventListener("click", (event) => {
  if (!(event.target as Element).closest?.("[data-theme-switch]")) return;
  const isDark = root.dataset["theme"] ? root.dataset["theme"] === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = isDark ? "light" : "dark";
  show(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this page alone.
  }
});
