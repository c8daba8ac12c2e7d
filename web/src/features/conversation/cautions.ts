import type { WorkSession } from "../../api/types";

// What a person should know about how an agent is held: nothing when it is held as it is meant to be.

export type Caution = { short: string; text: string };

export function cautionsOf(session: WorkSession | null): Caution[] {
  if (!session) return [];
  const cautions: Caution[] = [];
  if (session.sandbox === false) {
    cautions.push({
      short: "No sandbox",
      text: "The agent can read and change whatever the server’s own user can. The check-list on the projects page says what is missing.",
    });
  }
  if (session.modelAccess === "login") {
    cautions.push({
      short: "Claude login",
      text: "The agent answers with the Claude login of this machine, and what it runs can read that login. With an API key it is kept out of its reach.",
    });
  }
  if (session.network === "open") {
    cautions.push({
      short: "Open network",
      text: "What the agent runs reaches the services of this machine too. The project’s settings can narrow that.",
    });
  }
  return cautions;
}
