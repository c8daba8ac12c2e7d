import { ChevronDown } from "lucide-react";
import { showHidden } from "../../../ui/plain_text";
import { marks, type ParsedFile } from "./patch";

const tones: Record<ParsedFile["status"], string> = {
  added: "text-oma-success-ink",
  modified: "text-oma-warning-ink",
  deleted: "text-oma-error-ink",
  renamed: "text-oma-info-ink",
};

function Counts({ file }: { file: ParsedFile }) {
  return (
    <>
      {file.additions > 0 && <span className="text-oma-add-ink">+{file.additions}</span>}
      {file.deletions > 0 && <span className="text-oma-del-ink">−{file.deletions}</span>}
    </>
  );
}

function nameOf({ path, oldPath }: ParsedFile): string {
  return showHidden(oldPath && oldPath !== path ? `${oldPath} → ${path}` : path);
}

/** A file in the list at the top: a press goes to its lines. */
export function FileEntry({ file, onGo }: { file: ParsedFile; onGo: () => void }) {
  return (
    <div className="sticky left-0 w-[100cqw] px-2">
      <button
        type="button"
        onClick={onGo}
        className="flex min-h-[30px] w-full items-center gap-2 rounded-sm px-2 py-1.5 text-left font-mono text-micro leading-[18px] tracking-[-.01em] hover:bg-oma-hover max-desk:min-h-10"
      >
        <span title={file.status} className={`w-3.5 flex-none font-semibold ${tones[file.status]}`}>
          <span aria-hidden="true">{marks[file.status]}</span>
          <span className="sr-only">{file.status}</span>
        </span>
        <span className="min-w-0 flex-1 truncate text-oma-muted" title={nameOf(file)}>
          {nameOf(file)}
        </span>
        <Counts file={file} />
      </button>
    </div>
  );
}

/** Stands for the files that a long list does not name until it is asked to. */
export function MoreFiles({ count, onShow }: { count: number; onShow: () => void }) {
  return (
    <div className="sticky left-0 w-[100cqw] px-2 pb-1">
      <button
        type="button"
        onClick={onShow}
        className="flex min-h-[30px] items-center rounded-sm px-2 pl-[30px] font-sans text-small text-oma-muted underline-offset-3 hover:text-oma-text hover:underline max-desk:min-h-10"
      >
        {count.toLocaleString()} more files
      </button>
    </div>
  );
}

/** A file's head: it stays in sight over its lines, and folds them. */
export function FileHead({
  file,
  open,
  onToggle,
}: {
  file: ParsedFile;
  open: boolean;
  onToggle: () => void;
}) {
  return (
    <h3 className="border-y border-oma-line bg-oma-surface">
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="sticky left-0 flex min-h-[34px] w-[100cqw] items-center gap-2 py-[7px] pr-3.5 pl-4 text-left font-mono text-micro leading-[18px] tracking-[-.01em] focus-visible:-outline-offset-2 max-desk:min-h-11"
      >
        <ChevronDown
          size={14}
          className={`flex-none text-oma-subtle transition-transform duration-150 ${open ? "" : "-rotate-90"}`}
          aria-hidden="true"
        />
        <span className="min-w-0 flex-1 truncate" title={nameOf(file)}>
          {nameOf(file)}
        </span>
        <Counts file={file} />
      </button>
    </h3>
  );
}

export function HunkHead({
  header,
  open,
  onToggle,
}: {
  header: string;
  open: boolean;
  onToggle: () => void;
}) {
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className="block min-h-5 w-full bg-oma-hover text-left whitespace-pre text-oma-subtle hover:text-oma-muted focus-visible:-outline-offset-2"
    >
      <span className="sticky left-0 block w-[100cqw] truncate px-3 text-tiny leading-5">
        {showHidden(header)}
        {!open && " …"}
      </span>
    </button>
  );
}
