import { useRef, useState, type ReactNode } from "react";
import { useSheetDrag } from "./use_sheet_drag";

/** The sheet at the right of a project's pages; on the phone it slides over them, and can be pulled up over the whole page. */
export function PanelSheet({
  label,
  onClose,
  children,
}: {
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const sheet = useRef<HTMLElement>(null);
  const [full, setFull] = useState(false);
  const drag = useSheetDrag(sheet, full, (result) => {
    if (result === "close") onClose();
    else setFull(result === "full");
  });
  return (
    <aside
      ref={sheet}
      aria-label={label}
      {...drag}
      className={`sheet chat-panel relative my-2 mr-2 flex h-[calc(100dvh-16px)] w-[400px] min-w-0 flex-none flex-col overflow-hidden max-desk:fixed max-desk:inset-x-0 max-desk:bottom-0 max-desk:z-20 max-desk:m-0 max-desk:h-auto max-desk:w-auto max-desk:rounded-b-none max-desk:bg-oma-elevated! max-desk:transition-[top,translate] max-desk:duration-300 max-desk:ease-in-out ${full ? "max-desk:top-0 max-desk:rounded-t-none" : "max-desk:top-[60px]"}`}
    >
      <button
        type="button"
        data-drag
        aria-label={full ? "Show the page behind the chat" : "Make the chat a full page"}
        onClick={() => {
          setFull(!full);
        }}
        className="absolute top-0 left-1/2 z-4 hidden h-5 w-24 -translate-x-1/2 touch-none place-items-center rounded-full focus-visible:-outline-offset-2 max-desk:grid"
      >
        <span aria-hidden="true" className="h-1 w-9 rounded-full bg-oma-subtle" />
      </button>
      {children}
    </aside>
  );
}
