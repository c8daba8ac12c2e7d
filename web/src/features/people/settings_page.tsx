import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useEffect } from "react";
import { useMay } from "../../api/may";
import { queries } from "../../api/queries";
import { roleName, roles } from "../../ui/people";
import { Section } from "../../ui/section";
import { PeopleSection } from "./people_section";
import { ServerSection } from "./server_section";
import { TokensSection } from "./tokens_section";

function YouSection() {
  const { data: me } = useQuery(queries.me());
  if (!me) return null;
  const means = roles.find(({ value }) => value === me.role)?.means;
  return (
    <Section title="You">
      <p>
        {me.name} <span className="text-oma-muted">· {roleName(me.role)}</span>
        {means && <span className="block text-small text-oma-muted">{means}.</span>}
      </p>
    </Section>
  );
}

/** What is not of one project: who comes in, with which programs, and how the server stands. */
export function SettingsPage() {
  const { administer } = useMay();
  useEffect(() => {
    document.title = "Settings · Omakase";
  }, []);
  return (
    <main className="h-dvh overflow-y-auto px-10 pt-8 pb-16 pl-7 max-desk:px-4 max-desk:pt-4 max-desk:pb-26">
      <div className="mx-auto max-w-[760px]">
        <header className="mb-5 flex items-center gap-1 max-desk:-mx-2 max-desk:-mt-1.5">
          <Link
            to="/"
            aria-label="Projects"
            className="hidden size-11 flex-none place-items-center rounded-lg text-oma-muted max-desk:grid"
          >
            <ChevronLeft size={20} aria-hidden="true" />
          </Link>
          <h1 className="font-serif text-h1 tracking-[-.012em] max-desk:text-h1-phone">Settings</h1>
        </header>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
          {administer ? <PeopleSection /> : <YouSection />}
          <TokensSection />
          {administer && <ServerSection />}
        </div>
      </div>
    </main>
  );
}
