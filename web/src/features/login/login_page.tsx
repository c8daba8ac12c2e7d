import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { login } from "../../api/calls";
import { asProblem } from "../../api/client";
import { Button } from "../../ui/button";
import { Enso } from "../../ui/mascots";
import { Command } from "../../ui/parts";
import { Trouble } from "../../ui/section";

/** A code by itself, or the whole link that holds it. */
export function codeOf(text: string): string {
  return /#login=([^\s&]+)/.exec(text)?.[1] ?? text.trim();
}

/** Shown to whom the server does not know: where the link is, and a place to paste it. */
export function LoginPage({ failure, onLogin }: { failure: string | null; onLogin: () => void }) {
  const [text, setText] = useState("");
  const enter = useMutation({ mutationFn: () => login(codeOf(text)), onSuccess: onLogin });
  useEffect(() => {
    document.title = "Sign in · Omakase";
  }, []);
  const problem = enter.error ? asProblem(enter.error).message : failure;
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <section className="sheet grid w-full max-w-[460px] gap-5 p-8 max-desk:p-6">
        <Enso size={40} className="text-oma-primary [:root.light_&]:text-oma-action" />
        <div className="grid gap-1.5">
          <h1 className="font-serif text-h2">Sign in to Omakase</h1>
          <p className="text-oma-muted">
            Open your invitation, or the link that the server printed when it started: each works once. An
            administrator has a new one for you; whoever runs the server gets it with this:
          </p>
        </div>
        <Command text="omakase login-link" />
        <form
          className="grid gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (codeOf(text) !== "" && !enter.isPending) enter.mutate();
          }}
        >
          <label htmlFor="login-link" className="text-small text-oma-muted">
            Or paste it here
          </label>
          <div className="flex gap-2">
            <input
              id="login-link"
              autoComplete="off"
              spellCheck={false}
              placeholder="http://127.0.0.1:7777/#login=…"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
              }}
              className="h-[34px] min-w-0 flex-1 rounded-md border border-oma-outline bg-oma-well px-3 max-desk:h-11 max-desk:text-input"
            />
            <Button kind="solid" type="submit" disabled={enter.isPending}>
              Sign in
            </Button>
          </div>
          {problem && <Trouble>{problem}</Trouble>}
        </form>
      </section>
    </main>
  );
}
