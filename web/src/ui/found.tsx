// A text in which something was searched for.

/** With small letters, each in its place and by itself: as the server compares. */
export function smallLetters(text: string): string {
  return text.replace(/[A-Z]+|\P{ASCII}/gu, (letters) => {
    const small = letters.toLowerCase();
    return small.length === letters.length ? small : letters;
  });
}

/** The words of a search: what stands between blanks, and what stands in "quotes" as one. As the server reads them. */
export function wordsOf(q: string): string[] {
  return [...smallLetters(q).matchAll(/"([^"]*)"?|[^\s"]+/g)]
    .map(([whole, quoted]) => (quoted ?? whole).trim())
    .filter((word) => word !== "");
}

export type Piece = { text: string; hit: boolean };

/** A text in pieces, those that were searched for marked. */
export function piecesOf(text: string, words: readonly string[]): Piece[] {
  const small = smallLetters(text);
  const wanted = words.map(smallLetters).filter((word) => word !== "");
  const pieces: Piece[] = [];
  let from = 0;
  for (;;) {
    const next = wanted
      .map((word) => ({ at: small.indexOf(word, from), length: word.length }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at || b.length - a.length)[0];
    if (!next) break;
    if (next.at > from) pieces.push({ text: text.slice(from, next.at), hit: false });
    from = next.at + next.length;
    pieces.push({ text: text.slice(next.at, from), hit: true });
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}

/** A text with what was searched for marked in it. */
export function Found({ text, words }: { text: string; words: readonly string[] }) {
  return piecesOf(text, words).map(({ text: piece, hit }, index) =>
    hit ? (
      <mark key={index} className="rounded-xs bg-oma-hit text-oma-text">
        {piece}
      </mark>
    ) : (
      piece
    ),
  );
}
