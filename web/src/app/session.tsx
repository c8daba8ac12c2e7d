import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { login } from "../api/calls";
import { asProblem } from "../api/client";
import { queries } from "../api/queries";
import { LoginPage } from "../features/login";
import { Button } from "../ui/button";

/** Takes the one-use code out of the address, so that no reload, bookmark or glance finds it there. */
export function takeLoginCode(): string | null {
  const code = /^#login=(.+)$/.exec(window.location.hash)?.[1] ?? null;
  if (code !== null) history.replaceState(null, "", window.location.pathname + window.location.search);
  return code;
}

type Entry = { state: "asking" } | { state: "done"; failure: string | null };

/** A code is good once: it is sent at most once, however often React mounts what asks for it. */
const entries = new Map<string, Promise<string | null>>();
function enter(code: string): Promise<string | null> {
  const known = entries.get(code);
  if (known) return known;
  const entry = login(code).then(
    () => null,
    (error: unknown) => asProblem(error).message,
  );
  entries.set(code, entry);
  return entry;
}

/** Shows the page at once, as if the server knew the person; whom it does not know gets the way in. */
export function Session({ code, children }: { code: string | null; children: ReactNode }) {
  const client = useQueryClient();
  const [entry, setEntry] = useState<Entry>(code ? { state: "asking" } : { state: "done", failure: null });
  useEffect(() => {
    if (!code) return;
    let mounted = true;
    void enter(code).then((failure) => {
      if (mounted) setEntry({ state: "done", failure });
    });
    return () => {
      mounted = false;
    };
  }, [code]);
  const me = useQuery({ ...queries.me(), enabled: entry.state === "done" });
  const problem = me.error ? asProblem(me.error) : null;
  if (problem?.status === 401) {
    const failure = entry.state === "done" ? entry.failure : null;
    return <LoginPage failure={failure} onLogin={() => void client.resetQueries()} />;
  }
  if (problem && !me.data) {
    return (
      <main
        role="alert"
        className="grid min-h-dvh place-content-center justify-items-center gap-3 p-6 text-center"
      >
        <h1 className="font-serif text-h2">The server does not answer</h1>
        <p className="text-oma-muted">{problem.message} Nothing you wrote is lost.</p>
        <Button onClick={() => void me.refetch()}>Try again now</Button>
      </main>
    );
  }
  // With a login code the answer has to be waited for: without it every other question would be refused.
  return entry.state === "asking" ? null : children;
}
