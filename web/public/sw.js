// Shows what the server tells through the browser's push service while no page is open. It keeps nothing and answers no requests.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function show({ title, body, path, tag }) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Who looks at a page sees it there.
  if (pages.some((page) => page.focused)) return;
  await self.registration.showNotification(title, { body, tag, data: { path } });
}

self.addEventListener("push", (event) => {
  event.waitUntil(show(event.data.json()));
});

async function open(path) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === path);
  if (there) return there.focus();
  const [page] = pages;
  if (!page) return self.clients.openWindow(path);
  await page.focus();
  return page.navigate(path);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.path));
});
