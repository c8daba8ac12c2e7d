import { Paperclip } from "lucide-react";
import { useRef } from "react";
import { IconButton } from "../../../ui/button";

/** Chooses files from the device. What they are is seen by the server, by their bytes. */
export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton
        small
        label="Attach images or text files"
        onClick={() => {
          input.current?.click();
        }}
      >
        <Paperclip size={16} aria-hidden="true" />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file can be chosen again.
          event.target.value = "";
        }}
      />
    </>
  );
}
