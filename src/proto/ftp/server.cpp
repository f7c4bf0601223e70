#include "proto/ftp/server.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace sally::ftp {
namespace {

using proto::ServerStep;
using Next = ServerStep::Next;

class Server final : public proto::LineServer {
 public:
  explicit Server(const proto::ServerTerms& terms) : LineServer(terms), name_(terms.name) {}

  std::string greeting() override { return fmt::format("220 {} FTP\r\n", name_); }

 private:
  ServerStep answer(const std::string& line) override {
    const std::string lower = ascii_lower(std::string(trim(line)));
    // RFC 4217 17: TLS-C is TLS; older clients say SSL.
    if (lower == "auth tls" || lower == "auth tls-c" || lower == "auth ssl")
      return {.next = Next::tls, .send = "234 Begin TLS\r\n"};
    if (lower.starts_with("auth")) return {.send = "504 Only AUTH TLS\r\n"};
    if (lower == "feat") return {.send = "211-Features:\r\n AUTH TLS\r\n PBSZ\r\n PROT\r\n211 End\r\n"};
    if (lower == "noop") return {.send = "200 Ok\r\n"};
    if (lower == "quit") return {.next = Next::end, .send = "221 Bye\r\n"};
    if (lower.starts_with("pbsz") || lower.starts_with("prot"))
      return {.send = "503 AUTH TLS comes first\r\n"};
    return {.send = "530 Say AUTH TLS first\r\n"};
  }

  std::string name_;
};

}  // namespace

constexpr proto::ServerSide kServerSide{
    .dialogue = [](const proto::ServerTerms& terms) -> std::unique_ptr<proto::ServerDialogue> {
      return std::make_unique<Server>(terms);
    },
    .greeting = proto::numbered_greeting,
    .unavailable = "421 The file server cannot be reached\r\n",
};

}  // namespace sally::ftp
