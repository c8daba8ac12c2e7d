export { SettingsTab } from "./settings_tab";
