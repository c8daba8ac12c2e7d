import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { SearchHit } from "../../api/types";
import { Button } from "../../ui/button";
import { wordsOf } from "../../ui/found";
import { Delayed, Spinner } from "../../ui/parts";
import { SearchBox } from "../../ui/search_box";
import { SearchedThread } from "./searched_thread";

/** So many more are shown at a time. */
const step = 40;

/** What was found stands together for each conversation. */
function byThread(hits: readonly SearchHit[]): SearchHit[][] {
  const groups: SearchHit[][] = [];
  for (const hit of hits) {
    const last = groups.at(-1);
    if (last?.[0]?.threadId === hit.threadId) last.push(hit);
    else groups.push([hit]);
  }
  return groups;
}

function Results({ projectId, q }: { projectId: string; q: string }) {
  const words = wordsOf(q);
  const [wanted, setWanted] = useState(step);
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = useInfiniteQuery(
    queries.search(projectId, q),
  );
  const hits = data?.pages.flatMap(({ items }) => items) ?? [];
  const searches = !error && hasNextPage && hits.length < wanted;
  useEffect(() => {
    // The server gives up a page when it has looked at much: what it has not found yet may come.
    if (searches && !isFetching) void fetchNextPage();
  }, [searches, isFetching, fetchNextPage]);
  return (
    <>
      {byThread(hits).map((group, index) => (
        <SearchedThread key={index} projectId={projectId} q={q} hits={group} words={words} />
      ))}
      {error && (
        <div role="alert" className="grid justify-items-start gap-2 px-2.5 py-2 text-small text-oma-muted">
          {asProblem(error).message}
          <Button size="small" onClick={() => void refetch()}>
            Try again
          </Button>
        </div>
      )}
      {!error && (isFetching || searches) && (
        <Delayed>
          <p role="status" className="flex items-center gap-2 px-2.5 py-2 text-small text-oma-subtle">
            <Spinner /> Searching
          </p>
        </Delayed>
      )}
      {data && !error && !isFetching && !hasNextPage && hits.length === 0 && (
        <p role="status" className="px-2.5 py-2 text-small text-oma-subtle">
          Nothing here has {words.length > 1 ? "all these words" : "this word"}.
        </p>
      )}
      {!error && hasNextPage && !searches && (
        <Button
          size="small"
          className="my-2 self-center"
          onClick={() => {
            setWanted(hits.length + step);
          }}
        >
          Show more
        </Button>
      )}
    </>
  );
}

/** The search in a project's conversations, in the place of their list. */
export function ThreadSearch({
  projectId,
  q,
  onChange,
  onLeave,
}: {
  projectId: string;
  q: string;
  onChange: (text: string) => void;
  onLeave: () => void;
}) {
  return (
    <>
      <div className="flex px-2.5 pb-2.5 max-desk:px-0">
        <SearchBox
          label="Search the conversations"
          group="Conversation"
          value={q}
          onChange={onChange}
          onLeave={onLeave}
          focused={q === ""}
          className="flex-1"
        />
      </div>
      <div
        role="region"
        aria-label="Found"
        className="flex min-h-0 flex-1 flex-col gap-0.5 overflow-y-auto px-0.5 pb-1"
      >
        {wordsOf(q).length === 0 ? (
          <p className="px-2.5 text-small text-oma-subtle">
            What people and agents said, and the titles. Put &ldquo;quotes&rdquo; around what belongs
            together.
          </p>
        ) : (
          <Results key={q} projectId={projectId} q={q} />
        )}
      </div>
    </>
  );
}
