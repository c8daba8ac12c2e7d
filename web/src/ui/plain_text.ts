// What agents, tools and repositories write is hostile until shown plainly: terminal codes are taken out, and
// characters that hide or reorder others are made visible.

// CSI and OSC sequences, then any other escape. Written with \u escapes so that the source stays plain.
const ansi =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-Z\\-_a-z0-9=><()#%]/g;
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

export function stripAnsi(text: string): string {
  return (
    text
      .replace(/\r\n/g, "\n")
      .replace(ansi, "")
      // A carriage return draws over the line: only what was drawn last is left.
      .replace(/^.*\r(?!$)/gm, "")
      .replace(controls, "")
  );
}

const hidden =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
/** Joiners are needed in emoji and in some scripts; anywhere else they hide something. */
const strayJoiner =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Malayalam}\p{Script=Sinhala}\p{M}])[\u200c\u200d]/gu;

function name(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** Shows bidirectional controls and zero-width characters by their number instead of obeying them. */
export function showHidden(text: string): string {
  return text.replace(hidden, name).replace(strayJoiner, name);
}

/** Code as it is, to be judged: nothing is taken out, what cannot be seen is shown by a sign of its own. */
export function codeText(text: string): string {
  return showHidden(text.replace(/\r\n/g, "\n"))
    .replace(controls, controlPicture)
    .replace(/[\r\u0080-\u009f]/g, controlPicture);
}

function controlPicture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : name(character);
}

/** Output of a tool, as plain text. */
export function plainText(text: string): string {
  return showHidden(stripAnsi(text));
}

/** What someone wrote in Markdown, as one line without its marks. */
export function oneLine(text: string): string {
  return plainText(text)
    .replace(/^\s*(?:```.*|~~~.*|#{1,6}\s|>+\s?|[-*+]\s|\d+[.)]\s)/gm, "")
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, "$1")
    .replace(/(\*\*|__|~~|`)(.+?)\1/g, "$2")
    .replace(/\s+/g, " ")
    .trim();
}
