import { FileText, X } from "lucide-react";
import { attachmentUrl } from "../../../api/calls";
import { IconButton } from "../../../ui/button";
import { Spinner } from "../../../ui/parts";
import { bytes } from "../../../ui/words";
import type { Attachments } from "./use_attachments";

const chip =
  "flex h-11 max-w-[220px] min-w-0 items-center gap-2 rounded-md border border-oma-line bg-oma-well pr-1 pl-1.5 text-small";

/** The files of the message that is being written. */
export function DraftFiles({ attachments }: { attachments: Attachments }) {
  const { files, coming, problem, remove } = attachments;
  if (files.length + coming.length === 0 && problem === null) return null;
  return (
    <div className="grid gap-2 px-3 pt-3">
      {files.length + coming.length > 0 && (
        <ul aria-label="Attached files" className="flex flex-wrap gap-2">
          {files.map((file) => (
            <li key={file.id} className={chip}>
              {file.mediaType === "text/plain" ? (
                <FileText size={18} className="mx-1.5 flex-none text-oma-subtle" aria-hidden="true" />
              ) : (
                <img
                  src={attachmentUrl(file.id)}
                  alt=""
                  className="size-8 flex-none rounded-xs object-cover"
                />
              )}
              <span className="min-w-0">
                <span className="block truncate leading-4">{file.name}</span>
                <span className="block text-micro leading-4 text-oma-subtle">{bytes(file.size)}</span>
              </span>
              <IconButton
                small
                label={`Remove ${file.name}`}
                onClick={() => {
                  remove(file.id);
                }}
              >
                <X size={14} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
          {coming.map(({ key, name }) => (
            <li key={key} className={`${chip} pr-3`}>
              <span className="mx-1.5 flex-none">
                <Spinner />
              </span>
              <span className="truncate">{name}</span>
            </li>
          ))}
        </ul>
      )}
      {problem !== null && (
        <p role="alert" className="text-small wrap-anywhere text-oma-error-ink">
          {problem}
        </p>
      )}
    </div>
  );
}
