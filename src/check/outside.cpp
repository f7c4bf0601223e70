#include "check/outside.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "check/answer_reader.h"
#include "net/address_range.h"
#include "net/connect.h"
#include "net/look_up.h"

namespace sally::check {
namespace {

/// source  IANA's registries of special-purpose addresses; of IPv6 only 2000::/3 is given out
constexpr std::array<const char*, 19> kNotPublic = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "2001::/23",     "2001:db8::/32",   "2002::/16",      "3fff::/20"};

std::string request_text(const Url& url, const OutsideRequest& r) {
  std::string out = fmt::format(
      "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sallyport-check\r\nAccept: */*\r\nConnection: close\r\n",
      r.content_type.empty() ? "GET" : "POST", url.path, url.authority());
  if (!r.content_type.empty())
    out += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", r.content_type, r.body.size());
  return out + "\r\n" + r.body;
}

Task<Result<Unit>> read_all(Stream& stream, AnswerReader& reader, Deadline by) {
  std::array<std::byte, 16384> room;
  for (;;) {
    CO_TRY(const auto got, stream.read_now(room));
    if (!got) {
      if ((co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) != 0)
        co_return fail(kOutOfTime, "it is silent or slow");
      continue;
    }
    if (*got == 0) co_return reader.end();
    CO_TRY(const bool done, reader.feed(Bytes(room).first(*got)));
    if (done) co_return Unit{};
  }
}

}  // namespace

bool is_public_address(std::string_view numeric) {
  static const std::vector<AddressRange> kRanges = [] {
    std::vector<AddressRange> out;
    for (const char* text : kNotPublic) out.push_back(*AddressRange::parse(text));
    return out;
  }();
  const auto address = IpOctets::parse(numeric);
  if (!address || any_contains(kRanges, numeric)) return false;
  return address->v4 || (address->octets[0] & 0xe0) == 0x20;
}

std::vector<SocketAddress> allowed_places(std::string_view target, std::vector<SocketAddress> addresses) {
  if (is_public_address(target))
    std::erase_if(addresses, [](const SocketAddress& a) { return !is_public_address(a.host()); });
  return addresses;
}

Task<Result<std::string>> ask_outside(Examination& x, std::string url, OutsideRequest request) {
  const auto at = read_url(url);
  if (!at || at->scheme != "http") co_return fail(kForbiddenPlace, url + " is no http address");
  CO_TRY(auto found, co_await look_up(x.loop, at->host, at->port));
  const auto addresses = allowed_places(x.dialer.address().host(), std::move(found));
  if (addresses.empty()) co_return fail(kForbiddenPlace, at->host + " is in a private network");
  const DialLimits& l = x.dialer.limits();
  const Deadline by = std::min(x.loop.now() + l.connect + 2 * l.answer, l.end);
  CO_TRY(auto fd, co_await Connect(x.loop, addresses.front(), std::min(x.loop.now() + l.connect, l.end)));
  Stream stream(x.loop, std::move(fd));
  CO_TRY_VOID(stream.start());
  CO_TRY_VOID(co_await send_all(stream, request_text(*at, request), by));
  AnswerReader reader(request.limit);
  CO_TRY_VOID(co_await read_all(stream, reader, by));
  if (reader.answer().status != 200)
    co_return fail(kOutsideAnswer, fmt::format("it answers with status {}", reader.answer().status));
  if (!reader.whole())
    co_return fail(kOutsideAnswer,
                   fmt::format("its answer does not come whole, or is longer than {} bytes", request.limit));
  co_return reader.content();
}

}  // namespace sally::check
