import { ChevronDown, Cpu, Route, Shield, ShieldCheck, ShieldOff, ShieldQuestionMark } from "lucide-react";
import type { PermissionMode } from "../../api/types";
import { Button } from "../../ui/button";
import { Menu, MenuChoices, MenuItem } from "../../ui/menu";

type Words = { name: string; does: string };

/** The modes in words; the API's own word stands in the title. */
export const permissionModes: Record<PermissionMode, Words> = {
  ask: { name: "Asks first", does: "Before every command and every change of a file" },
  acceptEdits: { name: "Edits freely", does: "Changes files; asks before commands" },
  bypass: { name: "Acts freely", does: "Runs and changes everything in its workspace without asking" },
  plan: { name: "Plans only", does: "Reads, then proposes a plan for you to approve" },
};
const icons = { ask: ShieldQuestionMark, acceptEdits: ShieldCheck, bypass: ShieldOff, plan: Route };
const modes = Object.keys(permissionModes) as PermissionMode[];

/** How much the agent may do without asking. On the phone the model's choice is in here too. */
export function PermissionMenu({
  value,
  onChange,
  onModel,
}: {
  /** Null: as the server is set. */
  value: PermissionMode | null;
  onChange: (mode: PermissionMode) => void;
  onModel: () => void;
}) {
  const Icon = value ? icons[value] : Shield;
  const name = value ? permissionModes[value].name : "Usual consent";
  return (
    <Menu
      trigger={
        <Button
          kind="ghost"
          size="small"
          className="h-8! min-w-0 px-2! max-desk:h-10!"
          title={`Permission mode: ${value ?? "as the server is set"}`}
          aria-label={`Permission mode: ${name}`}
        >
          <Icon size={14} className="flex-none max-desk:size-[18px]" aria-hidden="true" />
          <span className="truncate max-desk:sr-only">{name}</span>
          <ChevronDown size={12} className="flex-none max-desk:hidden" aria-hidden="true" />
        </Button>
      }
    >
      <MenuChoices
        label="Permission mode"
        value={value ?? ""}
        choices={modes.map((mode) => ({
          value: mode,
          name: permissionModes[mode].name,
          note: permissionModes[mode].does,
          title: mode,
        }))}
        onChoose={(mode) => {
          onChange(mode as PermissionMode);
        }}
      />
      <MenuItem icon={<Cpu size={16} />} onSelect={onModel} className="desk:hidden">
        Model…
      </MenuItem>
    </Menu>
  );
}
