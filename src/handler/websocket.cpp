#include "handler/websocket.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "crypto/digest.h"
#include "crypto/entropy.h"
#include "handler/error_page.h"

namespace sally::handler {
namespace {

constexpr std::string_view kWebSocket = "websocket";
constexpr std::string_view kKeyField = "sec-websocket-key", kVersionField = "sec-websocket-version";
constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeyBytes = 16;

/// Base64 of 16 bytes. The four bits that the last letter has too many are not looked at.
bool is_key(std::string_view text) {
  if (text.size() != (kKeyBytes + 2) / 3 * 4 || !text.ends_with("==")) return false;
  return std::ranges::all_of(text.substr(0, text.size() - 2), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
  });
}

/// The one field of that name.
std::optional<std::string_view> only(const http::Fields& fields, std::string_view name) {
  return fields.count(name) == 1 ? fields.first(name) : std::nullopt;
}

}  // namespace

bool asks_for_websocket(const http::Request& r) { return ascii_iequals(r.protocol, kWebSocket); }

const ErrorKind* handshake_fault(const http::Request& r) {
  const bool asks = asks_for_websocket(r);
  if (r.version == http::Version::http2 || r.version == http::Version::http3) {
    if (!asks) return nullptr;
    // RFC 8441 5: the key has no use here; a length would be a promise that no tunnel keeps.
    return r.content_length || only(r.fields, kVersionField) != kVersion ? &kBadHandshake : nullptr;
  }
  if (!asks && r.fields.count(kKeyField) == 0) return nullptr;
  if (!asks) return &kBadHandshake;
  if (only(r.fields, kVersionField) != kVersion) return &kBadVersion;
  const auto key = only(r.fields, kKeyField);
  return key && is_key(*key) ? nullptr : &kBadHandshake;
}

bool refuse_bad_handshake(http::Exchange& x) {
  const ErrorKind* const fault = handshake_fault(x.request);
  if (fault == nullptr) return false;
  if (only(x.request.fields, kVersionField) != kVersion) x.response.fields.add(kVersionField, kVersion);
  if (fault->http_status == 426) x.response.fields.add("upgrade", kWebSocket);
  if (x.failures != nullptr)
    x.failures->give_up(x, Error(*fault, WirePos{}, {}, std::source_location::current()));
  else
    respond_with_error(x, fault->http_status);
  return true;
}

std::string_view websocket_key_of(http::Exchange& x) {
  if (!asks_for_websocket(x.request)) return {};
  if (x.request.method == http::Method::get) return *x.request.fields.first(kKeyField);
  std::array<std::byte, kKeyBytes> fresh;
  crypto::fill_random(fresh);
  return x.arena.copy(crypto::base64(fresh));
}

std::string accept_for(std::string_view key) {
  constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::string text(key);
  text += kGuid;
  return crypto::base64(crypto::sha1(text));
}

Result<> check_accept(const http::Fields& answer, std::string_view key) {
  if (const auto upgrade = only(answer, "upgrade"); !upgrade || !ascii_iequals(*upgrade, kWebSocket))
    return fail(kBadAccept, WirePos{UINT64_MAX, -1, "upgrade"});
  if (!answer.lists("connection", "upgrade")) return fail(kBadAccept, WirePos{UINT64_MAX, -1, "connection"});
  if (only(answer, "sec-websocket-accept") != accept_for(key))
    return fail(kBadAccept, WirePos{UINT64_MAX, -1, "sec-websocket-accept"});
  return {};
}

bool may_decline(const http::Exchange& x, int status) {
  return x.request.method != http::Method::connect || status >= 300;
}

Error not_switched(int status) {
  return Error(kNotSwitched, WirePos{}, "status " + std::to_string(status), std::source_location::current());
}

}  // namespace sally::handler
