import { ChevronDown, Cpu, Route, Shield, ShieldCheck, ShieldOff, ShieldQuestionMark } from "lucide-react";
import type { PermissionMode } from "../../api/types";
import { Button } from "../../ui/button";
import { otherName } from "./tools";
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
  allowed,
  onChange,
  onModel,
}: {
  /** Null: not known yet. */
  value: PermissionMode | null;
  /** The tools that were allowed for the session, whatever the mode. */
  allowed: readonly string[];
  onChange: (mode: PermissionMode) => void;
  onModel: () => void;
}) {
  const Icon = value ? icons[value] : Shield;
  const mode = value ? permissionModes[value].name : "Permissions";
  const tools = value === "bypass" ? "" : allowed.map(otherName).join(", ");
  const name = tools === "" ? mode : `${mode}, not for ${tools}`;
  return (
    <Menu
      trigger={
        <Button
          kind="ghost"
          size="small"
          className="h-8! min-w-0 px-2! max-desk:h-10!"
          title={value ? `Permission mode: ${value}` : "Permission mode"}
          aria-label={`Permission mode: ${name}`}
        >
          <Icon size={14} className="flex-none max-desk:size-[18px]" aria-hidden="true" />
          <span className="truncate @max-md:sr-only max-desk:sr-only">{name}</span>
          <ChevronDown size={12} className="flex-none @max-md:hidden max-desk:hidden" aria-hidden="true" />
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
      {value && tools !== "" && (
        <MenuItem
          icon={<ShieldQuestionMark size={16} />}
          onSelect={() => {
            onChange(value);
          }}
        >
          Ask again for {tools}
        </MenuItem>
      )}
      <MenuItem icon={<Cpu size={16} />} onSelect={onModel} className="desk:hidden">
        Model…
      </MenuItem>
    </Menu>
  );
}
