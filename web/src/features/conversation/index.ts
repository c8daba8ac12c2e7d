export { AgentChatPanel } from "./agent_chat_panel";
export { ConversationPage } from "./conversation_page";
export { NewThread } from "./new_thread";
export { ThreadsPage } from "./threads_page";
