const key = "omakase.theme";

export function isLight(): boolean {
  return document.documentElement.classList.contains("light");
}

/** Light or dark, remembered. The page's first paint reads it in public/theme.js. */
export function toggleTheme(): boolean {
  const light = document.documentElement.classList.toggle("light");
  localStorage.setItem(key, light ? "light" : "dark");
  return light;
}
