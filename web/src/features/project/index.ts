export { AgentPage } from "./agent/agent_page";
export { MissionControl } from "./mission_control";
export { CostsTab, FeaturesTab, WorkloadsTab } from "./later_tabs";
export { ProjectRoom } from "./project_room";
export { useOpenChat } from "./use_open_chat";
