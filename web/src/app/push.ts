import { useState } from "react";
import { addPush, deletePush, getPush } from "../api/calls";
import { Problem } from "../api/client";
import type { NewsKind } from "../api/types";

// This browser's push service: news that comes while no page is open. The service worker (public/sw.js) shows it.

const idKey = "omakase.push";

/** Whether this browser can be told so at all. */
export function pushes(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Whether it is: then an open page leaves it to the service worker. */
export const pushed = (): boolean => localStorage.getItem(idKey) !== null;

/** Subscribes, or tells the server of other kinds. Throws when the browser, its service or the server does not want to. */
export async function startPush(kinds: readonly NewsKind[]): Promise<void> {
  const registration = await navigator.serviceWorker.register("/sw.js");
  const { publicKey } = await getPush();
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: publicKey,
  });
  const { endpoint, keys } = subscription.toJSON();
  const { id } = await addPush({
    endpoint: endpoint ?? "",
    keys: { p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" },
    kinds: [...kinds],
  });
  localStorage.setItem(idKey, id);
}

/** Takes the subscription back, here and on the server. */
export async function stopPush(): Promise<void> {
  const id = localStorage.getItem(idKey);
  localStorage.removeItem(idKey);
  if (pushes()) {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const subscription = await registration?.pushManager.getSubscription();
    await subscription?.unsubscribe();
  }
  if (id !== null) await deletePush(id);
}

/** The switch of it: which kinds are pushed, none to end it. */
export function usePush() {
  const [on, setOn] = useState(pushed);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const change = async (kinds: readonly NewsKind[]) => {
    setBusy(true);
    setProblem(null);
    try {
      await (kinds.length > 0 ? startPush(kinds) : stopPush());
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : "This browser’s push service cannot be reached.");
    } finally {
      setOn(pushed());
      setBusy(false);
    }
  };
  return { on, busy, problem, set: (kinds: readonly NewsKind[]) => void change(kinds) };
}
