#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "assets/assets.h"
#include "base/ids.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxMemory = 16 * 1024;
constexpr std::size_t kMaxPersonality = 16 * 1024;

Result<const model::Agent*> agent_of(const Call& call) {
  const model::Agent* agent = model::find_agent(call.parameters["agentName"]);
  if (!agent) return base::not_found("agent_not_found", "There is no agent with this name.");
  return agent;
}

Task<Result<std::string>> project_of(Services& services, Call& call, const json::object& body) {
  auto id = call.request.parameter("projectId");
  if (!id) {
    OMAKASE_CO_TRY(id, base::optional_string(body, "projectId"));
  }
  if (!id || id->empty()) co_return base::invalid("required", "\"projectId\" is required.", "projectId");
  OMAKASE_CO_CHECK(co_await check_project(services, call.principal, *id));
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(*id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  co_return *std::move(id);
}

Task<Result<net::Response>> list_memories(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, agent_of(call));
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call, {}));
  OMAKASE_CO_TRY(const auto memories, co_await services.catalog.memories(std::string(agent->name), project_id));
  json::array items;
  for (const model::Memory& memory : memories) items.push_back(model::to_json(memory));
  co_return list_response(std::move(items), std::nullopt);
}

Task<Result<net::Response>> add_memory(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, agent_of(call));
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  model::Memory memory;
  OMAKASE_CO_TRY(memory.project_id, co_await project_of(services, call, body));
  OMAKASE_CO_TRY(memory.content, required_text(body, "content", kMaxMemory));
  memory.agent_name = agent->name;
  memory.created_at = services.clock.now();
  memory.id = base::new_ulid(memory.created_at);
  OMAKASE_CO_TRY(memory, co_await services.catalog.add_memory(std::move(memory)));
  co_return object_response(201, model::to_json(memory));
}

Task<Result<net::Response>> delete_memory(Services& services, Call& call, std::string id) {
  OMAKASE_CO_TRY(const model::Agent* agent, agent_of(call));
  if (id.empty()) co_return base::invalid("required", "\"id\" of the memory is required.", "id");
  OMAKASE_CO_TRY(const auto memory, co_await services.catalog.memory(std::string(agent->name), id));
  bool seen = false;
  if (memory) {
    OMAKASE_CO_TRY(seen, co_await services.gate.sees(call.principal, memory->project_id));
  }
  if (seen) {
    OMAKASE_CO_TRY(seen, co_await services.catalog.delete_memory(std::string(agent->name), std::move(id)));
  }
  if (!seen) co_return base::not_found("memory_not_found", "There is no memory with this id.");
  co_return net::empty_response(204);
}

net::Response personality_response(const model::Agent& agent, const std::optional<std::string>& written) {
  const std::string_view own = assets::script("personalities/" + std::string(agent.name) + ".md");
  return object_response(200,
                         {{"agentName", agent.name}, {"content", written ? *written : own}, {"isDefault", !written.has_value()}});
}

Task<Result<net::Response>> show_personality(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, agent_of(call));
  OMAKASE_CO_TRY(const auto written, co_await services.catalog.personality(std::string(agent->name)));
  co_return personality_response(*agent, written);
}

Task<Result<net::Response>> change_personality(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, agent_of(call));
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(const std::string content, required_text(body, "content", kMaxPersonality));
  OMAKASE_CO_CHECK(co_await services.catalog.set_personality(std::string(agent->name), content));
  co_return personality_response(*agent, content);
}

Task<Result<net::Response>> reset_personality(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, agent_of(call));
  OMAKASE_CO_CHECK(co_await services.catalog.set_personality(std::string(agent->name), std::nullopt));
  co_return personality_response(*agent, std::nullopt);
}

// An agent with the newest work session that it has now.
Task<Result<json::object>> agent_json(Services& services, const model::Agent& agent, const std::vector<model::Run>& runs) {
  json::value run = nullptr;
  for (const model::Run& active : runs) {
    if (active.agent_name == agent.name) run = model::to_json(active, services.feed.presence(active.id));
  }
  OMAKASE_CO_TRY(const auto model, co_await services.catalog.agent_model(std::string(agent.name)));
  co_return json::object{{"name", agent.name},
                         {"displayName", agent.display_name},
                         {"role", model::word(agent.role)},
                         {"run", std::move(run)},
                         {"model", model ? json::value(*model) : json::value(nullptr)},
                         {"permissionMode", model::word(services.sessions.options().permission_mode)}};
}

// The work sessions of the projects that the caller sees.
Task<Result<std::vector<model::Run>>> sessions_seen(Services& services, const access::Principal& caller) {
  OMAKASE_CO_TRY(const auto runs, co_await services.log.active_runs(model::RunKind::kWorkSession));
  std::vector<model::Run> seen;
  for (const model::Run& run : runs) {
    OMAKASE_CO_TRY(const bool sees, co_await services.gate.sees(caller, run.project_id));
    if (sees) seen.push_back(run);
  }
  co_return seen;
}

Task<Result<net::Response>> list_agents(Services& services, Call& call) {
  OMAKASE_CO_TRY(const auto runs, co_await sessions_seen(services, call.principal));
  json::array items;
  for (const model::Agent& agent : model::agents()) {
    OMAKASE_CO_TRY(json::object item, co_await agent_json(services, agent, runs));
    items.push_back(std::move(item));
  }
  co_return list_response(std::move(items), std::nullopt);
}

Task<Result<net::Response>> change_agent(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, agent_of(call));
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  if (!body.contains("model")) co_return base::invalid("required", "\"model\" is required.", "model");
  OMAKASE_CO_TRY(auto model, optional_model(body));
  OMAKASE_CO_CHECK(co_await services.catalog.set_agent_model(std::string(agent->name), std::move(model)));
  OMAKASE_CO_TRY(const auto runs, co_await services.log.active_runs(model::RunKind::kWorkSession));
  OMAKASE_CO_TRY(const json::object changed, co_await agent_json(services, *agent, runs));
  co_return object_response(200, changed);
}

}  // namespace

void add_agent_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/api/agents",
             {Access::kViewer, [&services](Call& call) { return list_agents(services, call); }});
  router.add(net::Method::kPatch, "/api/agents/:agentName",
             {Access::kAdministrator, [&services](Call& call) { return change_agent(services, call); }});
  router.add(net::Method::kGet, "/api/agents/:agentName/personality",
             {Access::kViewer, [&services](Call& call) { return show_personality(services, call); }});
  router.add(net::Method::kPut, "/api/agents/:agentName/personality",
             {Access::kAdministrator, [&services](Call& call) { return change_personality(services, call); }});
  router.add(net::Method::kDelete, "/api/agents/:agentName/personality",
             {Access::kAdministrator, [&services](Call& call) { return reset_personality(services, call); }});
  router.add(net::Method::kGet, "/api/agents/:agentName/memories",
             {Access::kViewer, [&services](Call& call) { return list_memories(services, call); }});
  router.add(net::Method::kPost, "/api/agents/:agentName/memories",
             {Access::kDeveloper, [&services](Call& call) { return add_memory(services, call); }});
  router.add(net::Method::kDelete, "/api/agents/:agentName/memories",
             {Access::kDeveloper,
              [&services](Call& call) { return delete_memory(services, call, call.request.parameter("id").value_or("")); }});
  router.add(
      net::Method::kDelete, "/api/agents/:agentName/memories/:memoryId",
      {Access::kDeveloper, [&services](Call& call) { return delete_memory(services, call, call.parameters["memoryId"]); }});
}

}  // namespace omakase::api
