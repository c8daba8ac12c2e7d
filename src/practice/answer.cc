#include "practice/answer.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "base/digest.h"
#include "base/ids.h"
#include "base/text.h"
#include "net/sse.h"

namespace omakase::practice {

namespace {

constexpr std::size_t kLongTextBytes = 64 * 1024;
constexpr std::size_t kLongPieceBytes = 4 * 1024;
constexpr std::size_t kWordBytes = 24;
constexpr std::size_t kInputPieceBytes = 32;

constexpr std::array<std::pair<int, std::string_view>, 8> kErrors = {{
    {400, "invalid_request_error"},
    {401, "authentication_error"},
    {403, "permission_error"},
    {404, "not_found_error"},
    {413, "request_too_large"},
    {429, "rate_limit_error"},
    {500, "api_error"},
    {529, "overloaded_error"},
}};

// Tokens are taken to be four bytes. What came since the last answer is new, the rest was cached by it.
json::object usage_of(const Conversation& conversation, std::size_t request_bytes) {
  const std::size_t total = request_bytes / 4 + 1;
  const std::size_t said = conversation.step == 0          ? conversation.asked.size()
                           : conversation.outcomes.empty() ? 0
                                                           : conversation.outcomes.back().text.size();
  const std::size_t fresh = std::min(total, said / 4 + 1);
  const bool cached = !conversation.first || conversation.step > 0;
  return {{"input_tokens", fresh},
          {"cache_creation_input_tokens", cached ? 0 : total - fresh},
          {"cache_read_input_tokens", cached ? total - fresh : 0},
          {"output_tokens", 1}};
}

std::string_view piece_of(std::string_view text, std::size_t bytes) {
  const std::string_view piece = base::utf8_prefix(text, bytes);
  return piece.empty() ? text.substr(0, bytes) : piece;
}

class Composer {
 public:
  Composer(const Step& step, milliseconds pace) : step_(step), default_pace_(pace), pace_(pace) {}

  Answer compose(const Conversation& conversation, std::size_t request_bytes, base::Timestamp now) {
    now_ = now;
    json::object usage = usage_of(conversation, request_bytes);
    answer_.message = {{"id", "msg_01" + base::new_ulid(now)},
                       {"type", "message"},
                       {"role", "assistant"},
                       {"model", conversation.model},
                       {"content", json::array()},
                       {"stop_reason", nullptr},
                       {"stop_sequence", nullptr},
                       {"usage", usage}};
    emit("message_start", {{"message", answer_.message}});
    for (const Action& action : step_.actions) {
      if (ended_) break;
      std::visit([this](const auto& one) { add(one); }, action);
    }
    if (content_.empty() && !open_block_) add(Text{"Done."});
    finish(std::move(usage));
    return std::move(answer_);
  }

 private:
  void add(const Text& text) {
    const bool continued = open_block_ && type_ == "text";
    if (!continued) open("text", {{"type", "text"}, {"text", ""}});
    const std::string said = continued ? "\n\n" + text.text : text.text;
    text_ += said;
    for (std::string_view piece : pieces_of(said)) delta({{"type", "text_delta"}, {"text", piece}});
  }

  void add(const Thinking& thinking) {
    open("thinking", {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}});
    text_ = thinking.text;
    for (std::string_view piece : pieces_of(text_)) delta({{"type", "thinking_delta"}, {"thinking", piece}});
    delta({{"type", "signature_delta"}, {"signature", signature()}});
    close();
  }

  void add(const ToolUse& use) {
    json::object block = {
        {"type", "tool_use"}, {"id", "toolu_01" + base::new_ulid(now_)}, {"name", use.name}, {"input", json::object()}};
    open("tool_use", block);
    tool_ = std::move(block);
    tool_["input"] = use.input;
    const std::string input = json::serialize(use.input);
    for (std::string_view rest = input; !rest.empty();) {
      const std::string_view piece = piece_of(rest, std::max(kInputPieceBytes, input.size() / 40));
      delta({{"type", "input_json_delta"}, {"partial_json", piece}});
      rest.remove_prefix(piece.size());
    }
    used_tool_ = true;
    close();
  }

  void add(const Pace& pace) { pace_ = pace.pause.value_or(default_pace_); }
  void add(const Hold& hold) { answer_.beats.push_back({Beat::Kind::kHold, {}, hold.name}); }
  void add(const Hang&) { end(Beat::Kind::kHang); }

  void add(const ErrorEvent& error) {
    json::object body = error_body(error.type, "The practice model was told to fail here.");
    std::string event;
    net::append_event(event, "error", json::serialize(body));
    answer_.beats.push_back({Beat::Kind::kError, {}, std::move(event)});
    ended_ = true;
  }

  static std::string signature() { return base::base64url("signed by nobody: the practice model does not think"); }

  void open(std::string_view type, json::object block) {
    close();
    type_ = type;
    open_block_ = true;
    text_.clear();
    emit("content_block_start", {{"index", content_.size()}, {"content_block", std::move(block)}});
  }

  void delta(json::object delta) {
    if (ended_) return;
    if (step_.cut && deltas_ >= step_.cut->after_deltas) return end(Beat::Kind::kCut);
    ++deltas_;
    emit("content_block_delta", {{"index", content_.size()}, {"delta", std::move(delta)}}, pace_);
  }

  void close() {
    if (!open_block_) return;
    open_block_ = false;
    emit("content_block_stop", {{"index", content_.size()}});
    if (type_ == "text") content_.push_back(json::object{{"type", "text"}, {"text", text_}});
    if (type_ == "thinking")
      content_.push_back(json::object{{"type", "thinking"}, {"thinking", text_}, {"signature", signature()}});
    if (type_ == "tool_use") content_.emplace_back(std::move(tool_));
  }

  void finish(json::object usage) {
    close();
    if (step_.cut && !ended_) end(Beat::Kind::kCut);
    const char* reason = used_tool_ ? "tool_use" : "end_turn";
    const std::size_t output_tokens = json::serialize(content_).size() / 4 + 1;
    usage["output_tokens"] = output_tokens;
    emit("message_delta", {{"delta", {{"stop_reason", reason}, {"stop_sequence", nullptr}}}, {"usage", usage}});
    emit("message_stop", {});
    answer_.message["content"] = std::move(content_);
    answer_.message["stop_reason"] = reason;
    answer_.message["usage"] = std::move(usage);
  }

  void end(Beat::Kind kind) {
    if (!ended_) answer_.beats.push_back({kind, {}, {}});
    ended_ = true;
  }

  void emit(std::string_view type, json::object data, milliseconds pause = {}) {
    if (ended_) return;
    data["type"] = type;
    std::string event;
    net::append_event(event, type, json::serialize(data));
    answer_.beats.push_back({Beat::Kind::kEvent, pause, std::move(event)});
  }

  const Step& step_;
  milliseconds default_pace_;
  milliseconds pace_;
  base::Timestamp now_;
  Answer answer_;
  json::array content_;
  std::string_view type_;
  std::string text_;
  json::object tool_;
  int deltas_ = 0;
  bool open_block_ = false;
  bool used_tool_ = false;
  bool ended_ = false;  // by a hang, a cut or an error: nothing more is sent
};

}  // namespace

Answer compose(const Step& step, const Conversation& conversation, std::size_t request_bytes, milliseconds pace,
               base::Timestamp now) {
  return Composer(step, pace).compose(conversation, request_bytes, now);
}

json::object error_body(std::string_view type, std::string_view message) {
  return {{"type", "error"}, {"error", {{"type", type}, {"message", message}}}};
}

std::string_view error_type(int status) {
  const auto found = std::ranges::find(kErrors, status, &std::pair<int, std::string_view>::first);
  if (found != kErrors.end()) return found->second;
  return status >= 500 ? "api_error" : "invalid_request_error";
}

int error_status(std::string_view type) {
  const auto found = std::ranges::find(kErrors, type, &std::pair<int, std::string_view>::second);
  return found == kErrors.end() ? 500 : found->first;
}

std::vector<std::string_view> pieces_of(std::string_view text) {
  const bool is_long = text.size() > kLongTextBytes;
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    std::size_t end = kLongPieceBytes;
    if (!is_long) {
      end = std::min(text.find_first_of(" \n"), text.size());
      if (end <= kWordBytes)
        end = std::min(text.find_first_not_of(" \n", end), text.size());
      else
        end = kWordBytes;
    }
    const std::string_view piece = piece_of(text, end);
    pieces.push_back(piece);
    text.remove_prefix(piece.size());
  }
  return pieces;
}

}  // namespace omakase::practice
