// The one way in: checks Host and Origin, who is calling and what they send, finds the endpoint, and turns its Result into a
// response. Owned by app/; lives on the Loop's thread. Every route but the public ones needs a principal (deny by default), who
// may call it and may know of what its address names.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "access/gate.h"
#include "agents/work_sessions.h"
#include "api/stream_door.h"
#include "feed/feed.h"
#include "net/http.h"
#include "net/rate_limit.h"
#include "net/router.h"
#include "notify/notifier.h"
#include "store/catalog.h"
#include "store/message_log.h"
#include "store/people.h"
#include "store/run_facts.h"
#include "store/secret_box.h"

namespace omakase::api {

using base::Result;
using runtime::Task;
namespace json = boost::json;

// What the endpoints work with. Everything outlives the Api.
struct Services {
  const base::Clock& clock;
  store::MessageLog& log;
  store::RunFacts& run_facts;
  store::Catalog& catalog;
  store::People& people;
  const store::SecretBox& secrets;
  feed::Feed& feed;
  access::Gate& gate;
  agents::WorkSessions& sessions;
  notify::Notifier& notifier;
  // The check-list of `omakase doctor`.
  std::function<Task<json::object>()> doctor;
  // Whether a repository address may be used by this server; a local path only on loopback.
  std::function<Result<void>(std::string_view)> check_repo_url;
  // Why the server cannot do its work: kUnavailable store_unavailable, disk_full.
  std::function<Result<void>()> ready;
  // What GET /metrics answers.
  std::function<std::string()> metrics;
};

struct ApiOptions {
  std::vector<std::string> hosts;        // exact Host header values that are this server: "127.0.0.1:7777"
  std::string cookie_name;               // by port, so that two servers on one machine do not sign each other out
  bool secure_cookie = false;            // people come by https
  int retry_ms = 1000;                   // of streams, jittered by half
  net::ClientLimit requests_per_second;  // with one token or login
  StreamLimits streams;
  std::vector<std::string> push_services;  // beginnings of addresses, beside those of the browsers
};

// One request on its way through an endpoint.
struct Call {
  net::Request& request;
  net::Parameters parameters;
  access::Principal principal;
};

// Who may call, apart from which project it is about (reach.h). OrRun: also a run's token, about its own run.
enum class Access {
  kPublic,
  kPerson,  // anybody who is signed in, for what is their own
  kViewer,  // anybody who is signed in, to read
  kViewerOrRun,
  kDeveloper,
  kDeveloperOrRun,
  kAdministrator,
  kAdministratorOrRun,
};

using Action = std::function<Task<Result<net::Response>>(Call&)>;

// What its body may be.
enum class Body {
  kJson,
  kJsonOrText,
  kFile,  // application/octet-stream of at most kMaxFileBytes: no form of another site can send that
};
inline constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20;

struct Endpoint {
  Access access;
  Action action;
  Body body = Body::kJson;
};

using Router = net::Router<Endpoint>;

class Api {
 public:
  Api(Services services, ApiOptions options);

  Task<net::Response> handle(net::Request& request);
  // How large the body of such a request may be; 0: as large as any.
  std::size_t larger_body(const net::Request& head) const;
  // Runs as long as the server does (StreamDoor::watch()).
  Task<> watch_streams() { return door_.watch(); }

  const Router& router() const { return router_; }
  const ApiOptions& options() const { return options_; }

 private:
  Result<void> check_origin(const net::Request& request) const;
  Result<void> check_rate(const std::string& credential, bool local);
  Task<Result<net::Response>> dispatch(net::Request& request);

  Services services_;
  ApiOptions options_;
  StreamDoor door_;
  Router router_;
  net::RateLimit rate_;
};

// `attachments` of a person's new message: ids of files of the project that no message has. With some, `content` may be absent.
Task<Result<std::vector<model::Attachment>>> decode_attachments(Services& services, const json::object& body,
                                                                std::string project_id);

// Who writes, when it is a person.
std::optional<model::Author> author_of(const access::Principal& principal);

// `queued` and `now` of a person's new message: it is stored held back, and when `now` (the answer) is asked for let go by
// send_now(), so that it does not reach the agent in between as an ordinary one.
Result<bool> decode_hold(const json::object& body, model::Message& message);
Task<> send_now(Services& services, model::Message& message);

// Each resource adds its endpoints.
void add_login_endpoints(Router& router, Services& services, const ApiOptions& options, StreamDoor& door);
void add_user_endpoints(Router& router, Services& services, StreamDoor& door);
void add_member_endpoints(Router& router, Services& services, StreamDoor& door);
void add_token_endpoints(Router& router, Services& services, StreamDoor& door);
void add_health_endpoints(Router& router, Services& services);
void add_message_endpoints(Router& router, Services& services);
void add_stream_endpoints(Router& router, Services& services, const ApiOptions& options, StreamDoor& door);
void add_run_endpoints(Router& router, Services& services);
void add_thread_endpoints(Router& router, Services& services);
void add_project_endpoints(Router& router, Services& services);
void add_variable_endpoints(Router& router, Services& services);
void add_agent_endpoints(Router& router, Services& services);
void add_work_session_endpoints(Router& router, Services& services);
void add_changes_endpoints(Router& router, Services& services);
void add_log_endpoints(Router& router, Services& services);
void add_unread_endpoints(Router& router, Services& services);
void add_webhook_endpoints(Router& router, Services& services);
void add_push_endpoints(Router& router, Services& services, const ApiOptions& options);
void add_attachment_endpoints(Router& router, Services& services);
void add_search_endpoints(Router& router, Services& services);
void add_export_endpoints(Router& router, Services& services);
void add_permission_endpoints(Router& router, Services& services);

}  // namespace omakase::api
