#include "proto/ldap/server.h"

#include <fmt/format.h>

#include <algorithm>

#include "proto/ldap/message.h"

namespace sally::ldap {
namespace {

using proto::ServerStep;
using Next = ServerStep::Next;

constexpr std::string_view kStartTls = "1.3.6.1.4.1.1466.20037";
constexpr char kSuccess = 0, kProtocolError = 2, kConfidentialityRequired = 13;
constexpr std::uint8_t kUnbind = 0x42, kAbandon = 0x50, kExtended = 0x77;
constexpr char kExtendedResponse = 0x78;

/// The tags of requests and of their last responses (RFC 4511 4.2 to 4.12).
constexpr struct {
  std::uint8_t request;
  char response;
} kResponses[] = {{0x60, 0x61}, {0x63, 0x65}, {0x66, 0x67}, {0x68, 0x69},
                  {0x4a, 0x6b}, {0x6c, 0x6d}, {0x6e, 0x6f}, {kExtended, kExtendedResponse}};

std::string element(char tag, const std::string& content) {
  return std::string(1, tag) + static_cast<char>(content.size()) + content;
}

/// more  behind the fields that every result has
std::string result(const Request& request, char tag, char code, const std::string& text,
                   const std::string& more = "") {
  const std::string fields =
      element(0x0a, std::string(1, code)) + element(0x04, "") + element(0x04, text) + more;
  return element(0x30, element(0x02, request.id) + element(tag, fields));
}

class Server final : public proto::ServerDialogue {
 public:
  explicit Server(const proto::ServerTerms& terms) : terms_(terms) {}

  Result<ServerStep> step(Buffer& in) override {
    ServerStep out;
    while (out.next == Next::bytes) {
      TRY(const auto request, take_request(in, terms_.line_bytes));
      if (!request) break;
      if (++requests_ > terms_.commands)
        return fail(proto::kTalksTooMuch, fmt::format("more than {} requests", terms_.commands));
      TRY_VOID(answer(*request, out));
    }
    return out;
  }

 private:
  static Result<> answer(const Request& request, ServerStep& out) {
    if (request.tag == kUnbind) out.next = Next::end;
    if (request.tag == kUnbind || request.tag == kAbandon) return {};
    if (request.tag == kExtended) {
      TRY(const std::string name, name_of_extension(request));
      if (name == kStartTls) {
        out.next = Next::tls;
        out.send += result(request, kExtendedResponse, kSuccess, "", element('\x8a', name));
        return {};
      }
    }
    const auto* const known =
        std::ranges::find_if(kResponses, [&](const auto& row) { return row.request == request.tag; });
    if (known == std::end(kResponses))
      return fail(proto::kOtherSpeech, "an operation that LDAP does not have");
    const bool extension = request.tag == kExtended;
    out.send += result(request, known->response, extension ? kProtocolError : kConfidentialityRequired,
                       "StartTLS comes first");
    return {};
  }

  proto::ServerTerms terms_;
  std::size_t requests_ = 0;
};

}  // namespace

constexpr proto::ServerSide kServerSide{
    .dialogue = [](const proto::ServerTerms& terms) -> std::unique_ptr<proto::ServerDialogue> {
      return std::make_unique<Server>(terms);
    },
};

}  // namespace sally::ldap
