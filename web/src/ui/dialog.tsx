import { lazy, Suspense, type ReactNode } from "react";
import { Button } from "./button";
import type { DialogProps } from "./dialog_content";

const Content = lazy(() => import("./dialog_content"));

/** A dialog over the page; what it needs is fetched when the first one opens. */
export function Dialog(props: DialogProps) {
  return (
    <Suspense>
      <Content {...props} />
    </Suspense>
  );
}

/** Asks before something that cannot be taken back. */
export function Confirm({
  title,
  description,
  action,
  onConfirm,
  onClose,
}: {
  title: string;
  description: ReactNode;
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} description={description} onClose={onClose}>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          kind="solid"
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
