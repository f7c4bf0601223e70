#include "proto/postgres/server.h"

#include <fmt/format.h>

#include "base/reader.h"

namespace sally::postgres {
namespace {

using namespace std::string_literals;
using proto::ServerStep;
using Next = ServerStep::Next;

constexpr std::uint32_t kSslRequest = 80877103, kGssRequest = 80877104, kCancelRequest = 80877102;
constexpr std::uint32_t kHeaderBytes = 8;
constexpr std::uint32_t kVersion3 = 3;
constexpr std::byte kTlsHandshake{22};

/// SQLSTATE 28000, as pg_hba.conf with nothing but hostssl would have it.
std::string refusal() {
  const std::string fields =
      "SFATAL\0VFATAL\0C28000\0MTLS is needed here: connect with sslmode=verify-full\0\0"s;
  std::string out = "E\0\0\0"s;
  return out + static_cast<char>(fields.size() + 4) + fields;
}

class Server final : public proto::ServerDialogue {
 public:
  explicit Server(const proto::ServerTerms& terms) : limit_bytes_(terms.line_bytes), most_(terms.commands) {}

  Result<ServerStep> step(Buffer& in) override {
    ServerStep out;
    while (out.next == Next::bytes) {
      if (messages_ == 0 && !in.empty() && in.readable()[0] == kTlsHandshake)
        return ServerStep{.next = Next::hello};
      Reader head(in.readable(), in.offset());
      if (head.left() < kHeaderBytes) break;
      TRY(const std::uint32_t length, head.u32("length"));
      TRY(const std::uint32_t code, head.u32("code"));
      if (length < kHeaderBytes || code >> 16 == 0 || (length > limit_bytes_ && code >> 16 != kVersion3))
        return fail(proto::kOtherSpeech, "a message that is none of PostgreSQL's");
      if (length > limit_bytes_ || ++messages_ > most_)
        return fail(proto::kTalksTooMuch, fmt::format("message {} of {} bytes", messages_, length));
      if (code == kSslRequest || code == kGssRequest) {
        in.consume(kHeaderBytes);
        out.send += code == kSslRequest ? 'S' : 'N';
        if (code == kSslRequest) out.next = Next::tls;
        continue;
      }
      if (code != kCancelRequest) out.send += refusal();
      out.next = Next::end;
    }
    return out;
  }

 private:
  std::size_t limit_bytes_, most_, messages_ = 0;
};

}  // namespace

constexpr proto::ServerSide kServerSide{
    .dialogue = [](const proto::ServerTerms& terms) -> std::unique_ptr<proto::ServerDialogue> {
      return std::make_unique<Server>(terms);
    },
};

}  // namespace sally::postgres
