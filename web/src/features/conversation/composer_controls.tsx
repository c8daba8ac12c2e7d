import { ChevronDown, Cpu } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { AgentModel, Mode, PermissionMode } from "../../api/types";
import { Button } from "../../ui/button";
import { ConversationModeSelector } from "./mode_selector";
import { modelName } from "./model_name";
import { PermissionMenu } from "./permission_menu";

const ModelDialog = lazy(() => import("./model_dialog"));

/** How the agent is to work, at the composer's foot. */
export function ComposerControls({
  agent,
  mode,
  permissionMode,
  allowedTools,
  model,
  running,
  models,
  onMode,
  onPermissionMode,
  onModel,
}: {
  agent: string;
  mode: Mode;
  permissionMode: PermissionMode | null;
  allowedTools: readonly string[];
  model: string | null;
  running: string | null;
  models: readonly AgentModel[];
  onMode: (mode: Mode) => void;
  onPermissionMode: (mode: PermissionMode) => void;
  onModel: (model: string | null) => void;
}) {
  const [choosing, setChoosing] = useState(false);
  const named = model ?? running;
  const offered = models.find(({ value }) => value === named);
  const name = offered?.displayName ?? (named === null ? "Model" : modelName(named));
  const choose = () => {
    setChoosing(true);
  };
  return (
    <>
      <ConversationModeSelector mode={mode} onChange={onMode} />
      {mode === "work" && (
        <PermissionMenu
          value={permissionMode}
          allowed={allowedTools}
          onChange={onPermissionMode}
          onModel={choose}
        />
      )}
      <Button
        kind="ghost"
        size="small"
        title={named ? `Model: ${named}` : "Model"}
        aria-label={`Model: ${name}${model === null ? `, ${agent}’s own` : ""}`}
        onClick={choose}
        className={`h-8! min-w-0 px-2! ${mode === "work" ? "max-desk:hidden" : "max-desk:h-10!"}`}
      >
        <Cpu size={14} className="flex-none max-desk:size-[18px]" aria-hidden="true" />
        <span className="max-w-[128px] truncate @max-md:sr-only max-desk:sr-only">{name}</span>
        <ChevronDown size={12} className="flex-none @max-md:hidden max-desk:hidden" aria-hidden="true" />
      </Button>
      {choosing && (
        <Suspense>
          <ModelDialog
            agent={agent}
            chosen={model}
            models={models}
            onChoose={onModel}
            onClose={() => {
              setChoosing(false);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
