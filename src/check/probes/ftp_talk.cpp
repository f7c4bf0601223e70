#include "check/probes/ftp_talk.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace sally::check {
namespace {

/// The numbers behind the first bracket; what is too large for a port becomes 65536.
std::vector<unsigned> numbers_in(std::string_view text) {
  std::vector<unsigned> out;
  bool inside = false;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      inside = false;
      if (c == ')') break;
      continue;
    }
    if (!inside) out.push_back(0);
    inside = true;
    out.back() = std::min(out.back() * 10 + static_cast<unsigned>(c - '0'), 65536u);
  }
  return out;
}

}  // namespace

std::uint16_t passive_port(const proto::Reply& reply) {
  if (reply.lines.empty()) return 0;
  const std::string& line = reply.lines.back();
  const std::size_t bracket = line.find('(');
  if (bracket == std::string::npos) return 0;
  const std::vector<unsigned> n = numbers_in(std::string_view(line).substr(bracket + 1));
  unsigned port = 0;
  if (reply.code == 229 && n.size() == 1) port = n[0];
  if (reply.code == 227 && n.size() == 6 && n[4] < 256 && n[5] < 256) port = n[4] * 256 + n[5];
  return port < 65536 ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
}

Task<Result<Unit>> FtpTalk::start() {
  CO_TRY_VOID(co_await talk_.start());
  // Where TLS comes first, the greeting comes inside.
  if (!x_.target.by_starttls()) {
    CO_TRY_VOID(co_await reply());
  }
  co_return Unit{};
}

Task<Result<proto::Reply>> FtpTalk::command(std::string line) {
  CO_TRY_VOID(co_await talk_.say(line + "\r\n"));
  co_return co_await reply();
}

Task<Result<proto::Reply>> FtpTalk::reply() {
  for (;;) {
    CO_TRY(auto whole, replies_.next(in_));
    if (whole) co_return *std::move(whole);
    CO_TRY(const std::string heard, co_await talk_.hear(x_.dialer.limits().answer));
    if (heard.empty()) co_return fail(kOutOfTime, "the server is silent inside TLS");
    CO_TRY_VOID(in_.append(std::string_view(heard)));
  }
}

Task<Result<Line>> FtpTalk::data_connection() {
  CO_TRY(proto::Reply passive, co_await command("EPSV"));
  if (passive_port(passive) == 0) {
    CO_TRY(passive, co_await command("PASV"));
  }
  const std::uint16_t port = passive_port(passive);
  if (port == 0) co_return fail(kNoDataConnection, passive.text());
  co_return co_await x_.dialer.connect(port);
}

}  // namespace sally::check
