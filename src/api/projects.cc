#include <algorithm>

#include "agents/repo_url.h"
#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "base/ids.h"
#include "base/text.h"
#include "process/sandbox.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxUrl = 2000;
constexpr std::size_t kMaxToken = 4096;

json::value attention_json(const std::optional<std::string>& attention) {
  return attention ? json::value(*attention) : json::value(nullptr);
}

json::object summary_json(const Services& services, const store::ProjectSummary& summary) {
  json::object object = model::to_json(summary.project);
  object["lastActivityAt"] =
      summary.last_activity_at ? json::value(base::format(*summary.last_activity_at)) : json::value(nullptr);
  object["attention"] = attention_json(services.sessions.attention(summary.project.id));
  if (const auto& run = summary.active_run) {
    object["activeRun"] = {{"id", run->id},
                           {"agentName", run->agent_name},
                           {"threadId", run->thread_id ? json::value(*run->thread_id) : json::value(nullptr)},
                           {"status", model::word(run->status)},
                           {"busy", services.feed.presence(run->id).busy},
                           {"attention", attention_json(services.feed.presence(run->id).attention)}};
  } else {
    object["activeRun"] = nullptr;
  }
  return object;
}

// "https://host/team/tidewater.git" → "tidewater".
std::string name_from_url(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  if (url.ends_with(".git")) url.remove_suffix(4);
  const std::size_t at = url.find_last_of("/:");
  return std::string(base::utf8_prefix(at == std::string_view::npos ? url : url.substr(at + 1), kMaxName));
}

// A folder of this machine holds what the server's account may read, not what a person may.
Result<std::optional<std::string>> decode_repo_url(const Services& services, const access::Principal& caller,
                                                   const json::object& body) {
  OMAKASE_TRY(auto url, optional_text(body, "repoUrl", kMaxUrl));
  if (!url) return std::nullopt;
  std::string trimmed(base::trim(*url));
  OMAKASE_CHECK(services.check_repo_url(trimmed));
  if (agents::is_local(trimmed)) {
    OMAKASE_CHECK(check_administrator(caller, "repoUrl", "Only an administrator may use a folder of this machine."));
  }
  return trimmed;
}

// What decides how much harm an agent or a repository can do.
Result<void> check_trusted_settings(const access::Principal& caller, const json::object& body) {
  for (const std::string_view field : {"trustRepository", "agentNetwork"}) {
    if (!body.contains(field)) continue;
    OMAKASE_CHECK(check_administrator(caller, field, "Only an administrator may change \"" + std::string(field) + "\"."));
  }
  return {};
}

// The token that is to read the repository, without what a person pasted around it.
Result<std::optional<std::string>> decode_git_token(const json::object& body) {
  OMAKASE_TRY(const auto token, optional_text(body, "gitToken", kMaxToken));
  if (!token) return std::nullopt;
  std::string trimmed(base::trim(*token));
  const bool control = std::ranges::any_of(trimmed, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (control) return base::invalid("invalid_token", "\"gitToken\" must not contain control characters.", "gitToken");
  return trimmed;
}

Result<std::optional<std::string>> decode_network(const json::object& body) {
  OMAKASE_TRY(auto network, base::optional_string(body, "agentNetwork"));
  if (network && !process::network_named(*network)) {
    return base::invalid("invalid_network", "\"agentNetwork\" must be \"internet\", \"model\" or \"open\".", "agentNetwork");
  }
  return network;
}

std::string seal_git_token(const Services& services, const std::string& project_id, std::string& token) {
  std::string sealed = services.secrets.seal(token, {project_id, store::kGitTokenName});
  store::wipe(token);
  return sealed;
}

// "https://me@Host:8443/team/shop" → "https://host:8443": where a token is sent.
std::string origin_of(const std::optional<std::string>& url) {
  if (!url) return "";
  const std::size_t scheme_end = url->find("://");
  if (scheme_end == std::string::npos) return "";
  const std::string_view rest = std::string_view(*url).substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  return base::lower_ascii(url->substr(0, scheme_end + 3)) +
         base::lower_ascii(at == std::string_view::npos ? authority : authority.substr(at + 1));
}

Task<Result<net::Response>> create_project(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  model::Project project;
  OMAKASE_CO_TRY(const auto id, optional_id(body, "id"));
  OMAKASE_CO_TRY(const auto name, optional_text(body, "name", kMaxName));
  OMAKASE_CO_TRY(project.repo_url, decode_repo_url(services, call.principal, body));
  OMAKASE_CO_CHECK(check_trusted_settings(call.principal, body));
  OMAKASE_CO_TRY(project.default_branch, optional_text(body, "defaultBranch", 200));
  OMAKASE_CO_TRY(auto token, decode_git_token(body));
  OMAKASE_CO_TRY(project.agent_network, decode_network(body));
  OMAKASE_CO_TRY(const auto trust, base::optional_bool(body, "trustRepository"));
  project.trust_repository = trust.value_or(false);
  if (name) {
    project.name = base::trim(*name);
  } else if (project.repo_url) {
    project.name = name_from_url(*project.repo_url);
  }
  if (project.name.empty()) co_return base::invalid("required", "Give the project a \"name\" or a \"repoUrl\".", "name");
  project.created_at = services.clock.now();
  project.id = id ? *id : base::new_ulid(project.created_at);
  std::optional<std::string> sealed;
  if (token) sealed = seal_git_token(services, project.id, *token);
  const auto member = member_filter(call.principal);
  OMAKASE_CO_TRY(project, co_await services.catalog.create_project(std::move(project), std::move(sealed), member));
  if (member) services.gate.forget(*member);
  co_return object_response(201, summary_json(services, {project, std::nullopt, std::nullopt}));
}

Task<Result<store::ProjectSummary>> find_project(Services& services, std::string id) {
  OMAKASE_CO_TRY(auto summary, co_await services.catalog.project(std::move(id)));
  if (!summary) co_return base::not_found("project_not_found", "There is no project with this id.");
  co_return *std::move(summary);
}

Task<Result<net::Response>> change_project(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  store::ProjectPatch patch;
  OMAKASE_CO_TRY(patch.name, optional_text(body, "name", kMaxName));
  OMAKASE_CO_TRY(auto url, decode_repo_url(services, call.principal, body));
  OMAKASE_CO_CHECK(check_trusted_settings(call.principal, body));
  if (url || is_null(body, "repoUrl")) patch.repo_url = std::move(url);
  OMAKASE_CO_TRY(auto branch, optional_text(body, "defaultBranch", 200));
  if (branch || is_null(body, "defaultBranch")) patch.default_branch = std::move(branch);
  OMAKASE_CO_TRY(patch.archived, base::optional_bool(body, "archived"));
  OMAKASE_CO_TRY(auto token, decode_git_token(body));
  OMAKASE_CO_TRY(auto network, decode_network(body));
  if (network || is_null(body, "agentNetwork")) patch.agent_network = std::move(network);
  OMAKASE_CO_TRY(patch.trust_repository, base::optional_bool(body, "trustRepository"));
  const std::string id = call.parameters["projectId"];
  OMAKASE_CO_TRY(const auto before, co_await find_project(services, id));
  // Another address could otherwise be used to have the token sent there.
  const bool moves = patch.repo_url && origin_of(*patch.repo_url) != origin_of(before.project.repo_url);
  // Trust was given to what stood at the address before.
  const bool other = patch.repo_url && *patch.repo_url != before.project.repo_url;
  if (other && !call.principal.administrator()) patch.trust_repository = false;
  if (token) {
    patch.sealed_git_token = seal_git_token(services, id, *token);
  } else if (moves || is_null(body, "gitToken")) {
    patch.sealed_git_token.emplace(std::nullopt);
  }
  OMAKASE_CO_TRY(const auto changed, co_await services.catalog.update_project(id, std::move(patch)));
  if (!changed) co_return base::not_found("project_not_found", "There is no project with this id.");
  OMAKASE_CO_TRY(const auto summary, co_await find_project(services, id));
  co_return object_response(200, summary_json(services, summary));
}

Task<Result<net::Response>> list_projects(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::size_t limit, page_limit(call.request));
  OMAKASE_CO_TRY(const auto before, time_parameter(call.request, "cursor"));
  const bool archived = call.request.parameter("includeArchived") == "true";
  OMAKASE_CO_TRY(auto projects, co_await services.catalog.projects(archived, before, limit + 1, member_filter(call.principal)));
  std::optional<base::Timestamp> next;
  if (projects.size() > limit) {
    projects.pop_back();
    next = projects.back().last_activity_at.value_or(projects.back().project.created_at);
  }
  json::array items;
  for (const auto& summary : projects) items.push_back(summary_json(services, summary));
  co_return list_response(std::move(items), next);
}

Task<Result<net::Response>> show_project(Services& services, Call& call) {
  OMAKASE_CO_TRY(const auto summary, co_await find_project(services, call.parameters["projectId"]));
  co_return object_response(200, summary_json(services, summary));
}

}  // namespace

void add_project_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/api/projects",
             {Access::kViewer, [&services](Call& call) { return list_projects(services, call); }});
  router.add(net::Method::kPost, "/api/projects",
             {Access::kDeveloper, [&services](Call& call) { return create_project(services, call); }});
  router.add(net::Method::kGet, "/api/projects/:projectId",
             {Access::kViewer, [&services](Call& call) { return show_project(services, call); }});
  router.add(net::Method::kPatch, "/api/projects/:projectId",
             {Access::kDeveloper, [&services](Call& call) { return change_project(services, call); }});
}

}  // namespace omakase::api
