#include "check/ike_ask.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "crypto/entropy.h"
#include "net/connect.h"

namespace sally::check {
namespace {

constexpr unsigned kAtOnce = 4, kTries = 3, kMostCookies = 3;
constexpr std::size_t kMostBytes = 4096, kMarker = 4, kMostCookieBytes = 64;

std::string new_spi() {
  auto bytes = crypto::random_bytes<8>();
  bytes[0] |= std::byte{1};  // zero means none, and would look like the marker
  return std::string(as_text(bytes));
}

/// A question on its way.
struct Asked {
  IkeQuestion* question;
  std::string spi = new_spi();
  unsigned tries = 0, cookies = 0;
  TimePoint again{};  ///< then it is sent again, or given up
};

class Asker {
 public:
  Asker(Loop& loop, Stream& wire, IkeManner manner, std::span<IkeQuestion> all)
      : loop_(loop), wire_(wire), manner_(manner), waiting_(all) {}

  /// Sends what is due; false: nothing is open any more.
  Result<bool> send_due();
  Result<> receive();
  TimePoint next() const;

 private:
  Result<> send(Asked& one);
  void take(std::string_view datagram);
  void give_cookie(Asked& one, const ike::Notice& cookie);

  Loop& loop_;
  Stream& wire_;
  IkeManner manner_;
  std::span<IkeQuestion> waiting_;
  std::vector<Asked> open_;
};

/// The system says by the next call what an ICMP message said.
std::unexpected<Error> broken(const Error& error) {
  const std::string detail(error.detail());
  for (const int code : {EHOSTUNREACH, ENETUNREACH, EACCES})
    if (detail.ends_with(std::strerror(code))) return fail(kUnreachable, detail);
  return detail.ends_with(std::strerror(ECONNREFUSED)) ? fail(kConnectRefused, detail)
                                                       : fail(kSocket, detail);
}

Result<> Asker::send(Asked& one) {
  ike::Header header;
  header.initiator = one.spi;
  header.version = one.question->version;
  header.exchange = one.question->exchange;
  header.flags = header.version == ike::kVersion2 ? ike::kInitiator : 0;
  const std::string text =
      std::string(manner_.marked ? kMarker : 0, '\0') + ike::build(header, one.question->payloads);
  const auto written = wire_.write_now(as_bytes(std::string_view(text)));
  if (!written) return broken(written.error());
  // 1 : 2 : 4 of the patience, the last part spent waiting.
  one.again = loop_.now() + manner_.patience * (1u << one.tries) / ((1u << kTries) - 1);
  ++one.tries;
  return {};
}

Result<bool> Asker::send_due() {
  const TimePoint now = loop_.now();
  std::erase_if(open_, [&](const Asked& one) {
    return now >= manner_.end || (one.tries == kTries && one.again <= now);
  });
  while (!waiting_.empty() && open_.size() < kAtOnce && now < manner_.end) {
    open_.push_back({.question = &waiting_.front()});
    waiting_ = waiting_.subspan(1);
    open_.back().again = now;
  }
  for (Asked& one : open_)
    if (one.again <= now) TRY_VOID(send(one));
  return !open_.empty();
}

TimePoint Asker::next() const {
  TimePoint out = manner_.end;
  for (const Asked& one : open_) out = std::min(out, one.again);
  return out;
}

void Asker::give_cookie(Asked& one, const ike::Notice& cookie) {
  std::vector<ike::Payload>& payloads = one.question->payloads;
  if (one.question->cookie) payloads.erase(payloads.begin());
  payloads.insert(payloads.begin(), {ike::kNotify, ike::notice_body(ike::kCookie, cookie.data)});
  one.question->cookie = true;
  ++one.cookies;
  one.tries = 0;
  one.again = loop_.now();
}

/// Anybody may send a datagram of nonsense: it is passed over.
void Asker::take(std::string_view datagram) {
  if (manner_.marked) {
    if (!datagram.starts_with(std::string_view("\0\0\0\0", kMarker))) return;
    datagram.remove_prefix(kMarker);
  }
  auto message = ike::parse(datagram);
  if (!message) return;
  const auto asked = std::ranges::find(open_, message->header.initiator, &Asked::spi);
  if (asked == open_.end()) return;
  if (asked->question->version == ike::kVersion2)
    for (const ike::Notice& one : ike::notices_of(*message))
      if (one.type == ike::kCookie && one.data.size() <= kMostCookieBytes && asked->cookies < kMostCookies)
        return give_cookie(*asked, one);
  asked->question->answer = *std::move(message);
  open_.erase(asked);
}

Result<> Asker::receive() {
  std::array<std::byte, kMostBytes> room;
  for (;;) {
    const auto got = wire_.read_now(room);
    if (!got) return broken(got.error());
    if (!*got) return {};
    take(as_text(Bytes(room).first(**got)));
  }
}

}  // namespace

std::optional<ike::Notice> IkeQuestion::notice(std::uint16_t type) const {
  if (!answer) return std::nullopt;
  for (ike::Notice& one : ike::notices_of(*answer))
    if (one.type == type) return std::move(one);
  return std::nullopt;
}

Task<Result<Unit>> ask_ike(Loop& loop, Stream& datagrams, IkeManner manner, std::span<IkeQuestion> all) {
  Asker asker(loop, datagrams, manner, all);
  for (;;) {
    CO_TRY(const bool more, asker.send_due());
    if (!more) co_return Unit{};
    co_await datagrams.until(Stream::kReadable, asker.next());
    CO_TRY_VOID(asker.receive());
  }
}

}  // namespace sally::check
