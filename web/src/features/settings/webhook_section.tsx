import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Webhook as WebhookIcon } from "lucide-react";
import { useState } from "react";
import { deleteWebhook, testWebhook } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { Webhook } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Command, Dot } from "../../ui/parts";
import { Kept, Section, Trouble } from "../../ui/section";
import { RelativeTime } from "../../ui/time";
import { newsKinds, newsWords } from "../../api/news_kinds";
import { WebhookForm } from "./webhook_form";

function wordsOf(webhook: Webhook): string {
  if (webhook.kinds.length === 0) return "Nothing is sent";
  return newsKinds
    .filter((kind) => webhook.kinds.includes(kind))
    .map((kind) => newsWords[kind].name)
    .join(", ");
}

/** How the last call ended. */
function LastDelivery({ webhook: { lastDelivery: last } }: { webhook: Webhook }) {
  if (!last) return <p className="text-small text-oma-subtle">Nothing was sent yet.</p>;
  return (
    <p
      role="status"
      className={`flex items-center gap-2 text-small ${last.delivered ? "is-ok text-oma-muted" : "is-error text-oma-error-ink"}`}
    >
      <Dot />
      <span className="min-w-0 wrap-anywhere">
        {last.delivered ? "Delivered" : "Not delivered"}, <RelativeTime at={last.at} /> · {last.detail}
      </span>
    </p>
  );
}

/** Where the project's news is sent to, for who has no page open. */
export function WebhookSection({ projectId }: { projectId: string }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(queries.webhook(projectId));
  const [writing, setWriting] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const webhook = data?.webhook ?? null;
  const know = (now: { webhook: Webhook | null }) => {
    client.setQueryData(["webhook", projectId], now);
  };
  const test = useMutation({ mutationFn: () => testWebhook(projectId), onSuccess: know });
  const remove = useMutation({
    mutationFn: () => deleteWebhook(projectId),
    onSuccess: () => {
      setSecret(null);
      know({ webhook: null });
    },
  });
  const problem = test.error ?? remove.error;
  return (
    <Section
      title="Webhook"
      about="Tells a chat or a program of yours when an agent asks, fails or is done. It says who wants something and where, never what was said."
    >
      {error && !data && <Trouble onRetry={() => void refetch()}>{asProblem(error).message}</Trouble>}
      {data && writing && (
        <WebhookForm
          projectId={projectId}
          webhook={webhook}
          onKept={(fresh) => {
            setSecret(fresh);
            setWriting(false);
          }}
          onClose={() => {
            setWriting(false);
          }}
        />
      )}
      {data && !writing && (
        <Kept
          actions={
            <>
              {webhook && (
                <Button
                  size="small"
                  disabled={test.isPending}
                  onClick={() => {
                    test.mutate();
                  }}
                >
                  {test.isPending ? "Sending…" : "Send a test"}
                </Button>
              )}
              <Button
                size="small"
                onClick={() => {
                  setWriting(true);
                }}
              >
                {webhook ? "Change" : "Add a webhook"}
              </Button>
              {webhook && (
                <Button
                  size="small"
                  kind="danger"
                  onClick={() => {
                    setRemoving(true);
                  }}
                >
                  Remove
                </Button>
              )}
            </>
          }
        >
          <WebhookIcon size={16} className="flex-none text-oma-subtle" aria-hidden="true" />
          {webhook ? (
            <span className="min-w-0">
              <span className="block truncate font-mono text-small" title={webhook.url}>
                {webhook.url}
              </span>
              <span className="block text-small text-oma-subtle">{wordsOf(webhook)}</span>
            </span>
          ) : (
            <span className="text-oma-muted">None</span>
          )}
        </Kept>
      )}
      {webhook && !writing && <LastDelivery webhook={webhook} />}
      {secret !== null && (
        <div className="grid gap-1.5">
          <p className="text-small text-oma-muted">
            The secret that signs each call (X-Omakase-Signature). It is shown this once.
          </p>
          <Command text={secret} label="Copy the secret" />
        </div>
      )}
      {problem && <Trouble>{asProblem(problem).message}</Trouble>}
      {removing && (
        <Confirm
          title="Remove the webhook?"
          description="Nothing is sent any more. A new one has a new secret."
          action="Remove it"
          onConfirm={() => {
            remove.mutate();
          }}
          onClose={() => {
            setRemoving(false);
          }}
        />
      )}
    </Section>
  );
}
