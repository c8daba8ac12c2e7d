#include <algorithm>

#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "base/ids.h"

namespace omakase::api {

namespace {

base::Failure attachment_not_found(std::string field = {}) {
  return base::fail(base::ErrorKind::kNotFound, "attachment_not_found", "There is no attachment with this id.", std::move(field));
}

Result<void> check_size(std::string_view media_type, std::size_t bytes) {
  const bool text = media_type == model::kTextFile;
  const std::size_t most = text ? model::kMaxTextFileBytes : model::kMaxImageBytes;
  if (bytes <= most) return {};
  return base::fail(base::ErrorKind::kTooLarge, "attachment_too_large",
                    std::string(text ? "A text file" : "An image") + " has at most " + std::to_string(most / 1000) + " KB.",
                    "body");
}

Task<Result<net::Response>> add_attachment(Services& services, Call& call) {
  const std::string project_id = call.parameters["projectId"];
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(project_id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  if (call.request.body.empty()) co_return base::invalid("required", "The body must be the file.", "body");
  const auto media_type = model::media_type_of(call.request.body);
  if (!media_type) {
    co_return base::fail(base::ErrorKind::kUnsupportedMediaType, "unsupported_file",
                         "Only images (PNG, JPEG, GIF, WebP) and text files in UTF-8 can be given with a message.", "body");
  }
  OMAKASE_CO_CHECK(check_size(*media_type, call.request.body.size()));
  const base::Timestamp now = services.clock.now();
  model::AttachedFile file{.about = {.id = base::new_ulid(now),
                                     .name = model::file_name(call.request.parameter("name").value_or("")),
                                     .media_type = std::string(*media_type),
                                     .size = static_cast<std::int64_t>(call.request.body.size())},
                           .bytes = std::move(call.request.body)};
  const json::object answer = model::to_json(file.about);
  OMAKASE_CO_CHECK(co_await services.catalog.add_attachment(std::move(file), project_id, now));
  co_return object_response(201, answer);
}

// A run's token reads what is given in its own conversation.
Task<Result<void>> check_reader(Services& services, const access::Principal& caller, const store::StoredAttachment& attachment) {
  if (caller.kind == access::Principal::Kind::kRun) {
    OMAKASE_CO_TRY(const auto run, co_await services.run_facts.of(caller.run_id));
    if (attachment.thread_id.has_value() && run.thread_id == attachment.thread_id) co_return Result<void>();
    co_return base::fail(base::ErrorKind::kForbidden, "wrong_run", "This token is good for another run.");
  }
  OMAKASE_CO_TRY(const bool seen, co_await services.gate.sees(caller, attachment.project_id));
  if (!seen) co_return attachment_not_found();
  co_return Result<void>();
}

// The name as a header has it, whatever its letters (RFC 8187).
std::string encoded_name(std::string_view name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
    if (plain) {
      text += c;
    } else {
      text += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return text;
}

Task<Result<net::Response>> read_attachment(Services& services, Call& call) {
  const std::string id = call.parameters["attachmentId"];
  OMAKASE_CO_TRY(const auto known, co_await services.catalog.attachment(id));
  if (!known) co_return attachment_not_found();
  OMAKASE_CO_CHECK(co_await check_reader(services, call.principal, *known));
  OMAKASE_CO_TRY(auto file, co_await services.catalog.attached_file(id));
  if (!file) co_return attachment_not_found();
  const model::Attachment& about = file->about;
  net::Response response;
  response.content_type = about.image() ? about.media_type : "text/plain; charset=utf-8";
  response.with("Content-Disposition",
                std::string(about.image() ? "inline" : "attachment") + "; filename*=UTF-8''" + encoded_name(about.name));
  response.with("Cache-Control", "private, max-age=31536000, immutable");
  response.body = std::move(file->bytes);
  co_return response;
}

}  // namespace

Task<Result<std::vector<model::Attachment>>> decode_attachments(Services& services, const json::object& body,
                                                                std::string project_id) {
  std::vector<model::Attachment> attachments;
  const json::value* given = body.if_contains("attachments");
  if (!given || given->is_null()) co_return attachments;
  const json::array* ids = given->if_array();
  if (!ids) co_return base::invalid("invalid_type", "\"attachments\" must be an array of ids.", "attachments");
  if (ids->size() > model::kMaxAttachments) {
    co_return base::invalid("too_many", "A message has at most " + std::to_string(model::kMaxAttachments) + " attachments.",
                            "attachments");
  }
  std::int64_t bytes = 0;
  for (const json::value& id : *ids) {
    if (!id.is_string()) co_return base::invalid("invalid_type", "\"attachments\" must be an array of ids.", "attachments");
    OMAKASE_CO_TRY(const auto found, co_await services.catalog.attachment(std::string(id.as_string())));
    if (!found || found->project_id != project_id) co_return attachment_not_found("attachments");
    if (std::ranges::find(attachments, found->about) != attachments.end()) continue;
    bytes += found->about.size;
    attachments.push_back(found->about);
  }
  if (bytes > static_cast<std::int64_t>(model::kMaxAttachmentsBytes)) {
    co_return base::fail(
        base::ErrorKind::kTooLarge, "attachments_too_large",
        "A message's attachments have at most " + std::to_string(model::kMaxAttachmentsBytes / 1'000'000) + " MB together.",
        "attachments");
  }
  co_return attachments;
}

std::optional<model::Author> author_of(const access::Principal& principal) {
  if (principal.kind != access::Principal::Kind::kPerson) return std::nullopt;
  return model::Author{.id = principal.id};
}

void add_attachment_endpoints(Router& router, Services& services) {
  router.add(net::Method::kPost, "/api/projects/:projectId/attachments",
             {Access::kDeveloper, [&services](Call& call) { return add_attachment(services, call); }, Body::kFile});
  router.add(net::Method::kGet, "/api/attachments/:attachmentId",
             {Access::kViewerOrRun, [&services](Call& call) { return read_attachment(services, call); }});
}

}  // namespace omakase::api
