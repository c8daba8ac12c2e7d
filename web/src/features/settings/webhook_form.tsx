import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { setWebhook } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { NewsKind, Webhook } from "../../api/types";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { newsKinds, newsWords } from "../../api/news_kinds";

/** Where to send what. */
export function WebhookForm({
  projectId,
  webhook,
  onKept,
  onClose,
}: {
  projectId: string;
  webhook: Webhook | null;
  /** With the secret, when it is new. */
  onKept: (secret: string | null) => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [kinds, setKinds] = useState<readonly NewsKind[]>(webhook?.kinds ?? newsKinds);
  const save = useMutation({
    mutationFn: () => setWebhook(projectId, { url: url.trim(), kinds: [...kinds] }),
    onSuccess: ({ webhook: kept, secret }) => {
      client.setQueryData(["webhook", projectId], { webhook: kept });
      onKept(secret);
    },
  });
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (url.trim() !== "") save.mutate();
      }}
    >
      <Field
        label="Address"
        code
        focused
        placeholder="https://"
        value={url}
        onChange={setUrl}
        problem={save.error ? asProblem(save.error).message : null}
        hint="What takes a POST with JSON. Its “text” is a sentence, as chats show it."
      />
      <fieldset className="grid gap-1">
        <legend className="pb-1 text-small font-medium">What is sent</legend>
        {newsKinds.map((kind) => (
          <label key={kind} className="flex min-h-9 cursor-pointer items-center gap-3 max-desk:min-h-11">
            <input
              type="checkbox"
              className="choice"
              checked={kinds.includes(kind)}
              onChange={(event) => {
                const others = kinds.filter((other) => other !== kind);
                setKinds(event.target.checked ? [...others, kind] : others);
              }}
            />
            <span>
              {newsWords[kind].name} <span className="text-small text-oma-muted">{newsWords[kind].note}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="flex gap-2">
        <Button type="submit" kind="solid" disabled={url.trim() === "" || save.isPending}>
          {save.isPending ? "Saving…" : "Save"}
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
