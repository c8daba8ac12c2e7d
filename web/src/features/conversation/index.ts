export { ConversationPage } from "./conversation_page";
export { NewThread } from "./new_thread";
export { ProjectPage } from "./project_page";
