import { FileText } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { attachmentUrl } from "../../../api/calls";
import type { Attachment } from "../../../api/types";
import { bytes } from "../../../ui/words";

const FileDialog = lazy(() => import("./file_dialog"));

/** The files of a message: pictures to look at, texts by their names; each opens large. */
export function MessageFiles({ files }: { files: readonly Attachment[] }) {
  const [open, setOpen] = useState<Attachment | null>(null);
  return (
    <>
      <ul aria-label="Attached files" className="flex flex-wrap justify-end gap-2">
        {files.map((file) => (
          <li key={file.id} className="min-w-0">
            <button
              type="button"
              title={`${file.name}, ${bytes(file.size)}`}
              onClick={() => {
                setOpen(file);
              }}
              className={`max-w-full overflow-hidden rounded-lg border border-oma-line bg-oma-well transition-colors duration-150 hover:border-oma-control ${file.mediaType === "text/plain" ? "flex h-11 items-center gap-2 px-3 text-small" : "block"}`}
            >
              {file.mediaType === "text/plain" ? (
                <>
                  <FileText size={18} className="flex-none text-oma-subtle" aria-hidden="true" />
                  <span className="truncate">{file.name}</span>
                  <span className="flex-none text-micro text-oma-subtle">{bytes(file.size)}</span>
                </>
              ) : (
                // Its height is known before it is: what is below does not jump.
                <img
                  src={attachmentUrl(file.id)}
                  alt={file.name}
                  loading="lazy"
                  className="h-36 max-w-full min-w-16 object-cover"
                />
              )}
            </button>
          </li>
        ))}
      </ul>
      {open && (
        <Suspense>
          <FileDialog
            file={open}
            onClose={() => {
              setOpen(null);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
