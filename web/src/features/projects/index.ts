export { ProjectsPage } from "./projects_page";
