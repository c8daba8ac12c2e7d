export { ProjectSettingsPage } from "./project_settings_page";
