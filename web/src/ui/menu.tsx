import {
  cloneElement,
  lazy,
  Suspense,
  useState,
  type MouseEventHandler,
  type ReactElement,
  type ReactNode,
} from "react";

// Menus are opened seldom and what they need is large: it is fetched when a pointer or the focus comes near.

const load = () => import("./menu_content");
const Content = lazy(load);
const LazyItem = lazy(async () => ({ default: (await load()).ItemContent }));
const LazyChoices = lazy(async () => ({ default: (await load()).ChoicesContent }));
const LazyNote = lazy(async () => ({ default: (await load()).NoteContent }));

type Trigger = ReactElement<{
  onClick?: MouseEventHandler;
  onPointerEnter?: () => void;
  onFocus?: () => void;
  "aria-haspopup"?: "menu";
  "aria-expanded"?: boolean;
}>;

/** A menu under its trigger, a button. From its first opening on it is Radix's, which keeps the focus right. */
export function Menu({ trigger, children }: { trigger: Trigger; children: ReactNode }) {
  const [wanted, setWanted] = useState(false);
  const near = () => void load();
  const closed = cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: near,
    onFocus: near,
    onClick: () => {
      setWanted(true);
    },
  });
  if (!wanted) return closed;
  return (
    <Suspense fallback={closed}>
      <Content trigger={trigger}>{children}</Content>
    </Suspense>
  );
}

export const MenuItem = LazyItem;
export const MenuChoices = LazyChoices;
export const MenuNote = LazyNote;
