// Runs before the first paint, so that a light page never flashes dark.
if (localStorage.getItem("omakase.theme") === "light") document.documentElement.classList.add("light");
