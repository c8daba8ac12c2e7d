import { memo, useMemo, useState } from "react";
import { late } from "./late";
import { showHidden } from "./plain_text";

// What people and agents write. The formatter is large: until it has come, the text stands there plainly.

export const formatter = late(() => import("./formatted"));

/** Parsing more than this at every word would make the page crawl. */
const formattedLimit = 100_000;
const shownLimit = 20_000;

function LongText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  return (
    <div className="whitespace-pre-wrap">
      {all ? text : text.slice(0, shownLimit)}
      {!all && (
        <button
          type="button"
          className="mt-2 block text-oma-info-ink underline underline-offset-3"
          onClick={() => {
            setAll(true);
          }}
        >
          Show all {Math.ceil(text.length / 1024)} KB
        </button>
      )}
    </div>
  );
}

/** `writing` puts the caret after the last word. */
export const Markdown = memo(function Markdown({
  text,
  writing = false,
}: {
  text: string;
  writing?: boolean;
}) {
  const shown = useMemo(() => showHidden(text), [text]);
  const long = shown.length > formattedLimit;
  const part = formatter.usePart(!long);
  return (
    <div className={writing ? "prose prose--writing" : "prose"}>
      {long ? (
        <LongText text={shown} />
      ) : part ? (
        <part.Formatted text={shown} />
      ) : (
        <p className="whitespace-pre-wrap">{shown}</p>
      )}
    </div>
  );
});
