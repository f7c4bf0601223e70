#include <fmt/format.h>

#include <array>

#include "check/http_answer.h"
#include "check/probes/all.h"
#include "net/connect.h"

namespace sally::check {
namespace {

SocketAddress with_port(const SocketAddress& address, std::uint16_t port) {
  return SocketAddress::numeric(address.host(), port).value_or(address);
}

Task<Result<HttpAnswer>> fetch(Examination& x, const SocketAddress& at, bool& open) {
  const Deadline connect_by = std::min(x.loop.now() + x.dialer.limits().connect, x.dialer.limits().end);
  CO_TRY(Fd fd, co_await Connect(x.loop, at, connect_by));
  open = true;
  Stream stream(x.loop, std::move(fd));
  CO_TRY_VOID(stream.start());
  const std::string host = x.target.host.contains(':') ? "[" + x.target.host + "]" : x.target.host;
  CO_TRY_VOID(co_await send_all(stream,
                                fmt::format("GET / HTTP/1.1\r\nHost: {}{}\r\nUser-Agent: "
                                            "sallyport-check\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                                            host, at.port() == 80 ? "" : fmt::format(":{}", at.port())),
                                x.dialer.answer_by()));
  const Deadline by = x.dialer.answer_by();
  std::string text;
  std::array<std::byte, 8192> room;
  for (;;) {
    CO_TRY(const auto got, stream.read_now(room));
    if (!got) {
      if ((co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) != 0)
        co_return fail(kOutOfTime, "the server is silent");
      continue;
    }
    if (*got == 0) co_return fail(kNotHttp, "the server closed the connection before it answered");
    text += as_text(Bytes(room).first(*got));
    CO_TRY(auto answer, read_http_head(text));
    if (answer) co_return *std::move(answer);
  }
}

}  // namespace

Task<Unit> probe_plain_http(Examination& x) {
  PlainHttpSeen out{.port = x.http_port, .open = false, .answer = {}};
  auto answer = co_await fetch(x, with_port(x.dialer.address(), x.http_port), out.open);
  ++x.seen.connections;
  if (answer)
    out.answer = *std::move(answer);
  else if (out.open || !answer.error().is(kConnectRefused))
    x.not_tested("http.redirect", answer.error().text());
  x.seen.plain_http = std::move(out);
  co_return Unit{};
}

}  // namespace sally::check
