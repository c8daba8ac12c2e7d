export { LogViewer } from "./log_viewer";
