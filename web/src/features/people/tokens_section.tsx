import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { revokeToken } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { Token } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Command } from "../../ui/parts";
import { Kept, Section, Trouble } from "../../ui/section";
import { relativeTime, useNow } from "../../ui/time";
import { AddToken } from "./add_token";

function day(at: string): string {
  return new Date(at).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const now = useNow();
  const expired = token.expiresAt !== null && Date.parse(token.expiresAt) <= now;
  const used = token.lastUsedAt ? Date.parse(token.lastUsedAt) : null;
  return (
    <Kept
      actions={
        <Button size="small" kind="danger" aria-label={`Revoke ${token.name}`} onClick={onRevoke}>
          Revoke
        </Button>
      }
    >
      <KeyRound size={16} className="flex-none text-oma-subtle" aria-hidden="true" />
      <span className="min-w-0">
        <span className={`block truncate ${expired ? "text-oma-muted" : ""}`}>{token.name}</span>
        <span className="block text-small text-oma-subtle">
          {used === null ? "Never used" : `Last used ${relativeTime(used, Math.max(now, used))}`} ·{" "}
          {token.expiresAt === null
            ? "does not expire"
            : `${expired ? "expired" : "expires"} ${day(token.expiresAt)}`}
        </span>
      </span>
    </Kept>
  );
}

/** With what the person's own programs come in. A secret is shown once. */
export function TokensSection() {
  const client = useQueryClient();
  const { data, error } = useQuery(queries.tokens());
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const revoke = useMutation({
    mutationFn: (id: string) => revokeToken(id),
    onSettled: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const problem = error ?? revoke.error;
  return (
    <Section
      title="Your tokens"
      about="For your scripts and programs: whoever has one acts as you. Send it as Authorization: Bearer, and keep it as you would a password."
    >
      {problem && <Trouble>{asProblem(problem).message}</Trouble>}
      {made && (
        <div role="status" className="grid gap-1.5">
          <p className="text-small text-oma-muted">
            <b className="font-medium text-oma-text">{made.name}</b> is ready. Copy it now: it is shown this
            once.
          </p>
          <Command text={made.secret} label="Copy the token" />
        </div>
      )}
      {data && data.items.length > 0 && (
        <div>
          {data.items.map((token) => (
            <TokenRow
              key={token.id}
              token={token}
              onRevoke={() => {
                setRevoking(token);
              }}
            />
          ))}
        </div>
      )}
      {data?.items.length === 0 && !adding && <p className="text-oma-muted">None yet.</p>}
      {adding ? (
        <AddToken
          onMade={(name, secret) => {
            setMade({ name, secret });
            setAdding(false);
          }}
          onClose={() => {
            setAdding(false);
          }}
        />
      ) : (
        <div>
          <Button
            size="small"
            onClick={() => {
              setMade(null);
              setAdding(true);
            }}
          >
            Make a token
          </Button>
        </div>
      )}
      {revoking && (
        <Confirm
          title={`Revoke ${revoking.name}?`}
          description="Programs that use it are refused from then on. This cannot be undone; a new token is quickly made."
          action="Revoke it"
          onConfirm={() => {
            setMade(null);
            revoke.mutate(revoking.id);
          }}
          onClose={() => {
            setRevoking(null);
          }}
        />
      )}
    </Section>
  );
}
