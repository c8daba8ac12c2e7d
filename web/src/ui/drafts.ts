import { useState } from "react";

// What a person has begun to write, over every reload.

const keyOf = (place: string) => `omakase.draft.${place}`;

export function useDraft(place: string): [string, (text: string) => void] {
  const [held, setHeld] = useState({ place, text: localStorage.getItem(keyOf(place)) ?? "" });
  const text = held.place === place ? held.text : (localStorage.getItem(keyOf(place)) ?? "");
  const change = (next: string) => {
    setHeld({ place, text: next });
    if (next === "") localStorage.removeItem(keyOf(place));
    else localStorage.setItem(keyOf(place), next);
  };
  return [text, change];
}
