import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { attachmentUrl } from "../../../api/calls";
import { asProblem } from "../../../api/client";
import { queries } from "../../../api/queries";
import type { Attachment } from "../../../api/types";
import { Dialog } from "../../../ui/dialog";
import { CopyButton, Spinner } from "../../../ui/parts";
import { showHidden } from "../../../ui/plain_text";
import { bytes } from "../../../ui/words";

function TextFile({ id }: { id: string }) {
  const { data, error } = useQuery(queries.textFile(id));
  if (error) return <p role="alert">{asProblem(error).message}</p>;
  if (data === undefined) return <Spinner />;
  return (
    <div className="relative">
      <span className="absolute top-1 right-1">
        <CopyButton text={data} label="Copy the file" />
      </span>
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it
        tabIndex={0}
        className="max-h-[56vh] overflow-auto rounded-md bg-oma-well p-3 font-mono text-small wrap-anywhere whitespace-pre-wrap"
      >
        {showHidden(data)}
      </pre>
    </div>
  );
}

/** A file of a message, as large as there is room. */
export default function FileDialog({ file, onClose }: { file: Attachment; onClose: () => void }) {
  return (
    <Dialog title={file.name} width="w-[min(1000px,calc(100vw-32px))]" onClose={onClose}>
      {file.mediaType === "text/plain" ? (
        <TextFile id={file.id} />
      ) : (
        <img
          src={attachmentUrl(file.id)}
          alt={file.name}
          className="mx-auto max-h-[60vh] max-w-full rounded-md object-contain"
        />
      )}
      <a
        href={attachmentUrl(file.id)}
        download={file.name}
        className="mt-3 inline-flex min-h-9 items-center gap-2 text-small text-oma-muted underline-offset-3 hover:underline"
      >
        <Download size={16} aria-hidden="true" />
        Download, {bytes(file.size)}
      </a>
    </Dialog>
  );
}
