#include "check/reaction.h"

#include <fmt/format.h>

#include <array>

namespace sally::check {
namespace {

constexpr std::size_t kHeader = 5, kMostBytes = 64 * 1024;

std::size_t length_of(std::string_view record) {
  return static_cast<std::size_t>(static_cast<unsigned char>(record[3])) << 8 |
         static_cast<unsigned char>(record[4]);
}

/// Takes whole records from the front; true: one that counts is in `out`.
bool take_record(std::string& bytes, std::uint8_t skip, Reaction& out) {
  while (bytes.size() >= kHeader && bytes.size() >= kHeader + length_of(bytes)) {
    const std::size_t size = length_of(bytes);
    const auto type = static_cast<std::uint8_t>(bytes[0]);
    if (type != skip) {
      out = {Reaction::End::record, type, bytes.substr(kHeader, size)};
      return true;
    }
    bytes.erase(0, kHeader + size);
  }
  return false;
}

}  // namespace

std::string Reaction::text() const {
  switch (end) {
    case End::record:
      if (const std::uint8_t a = alert(); a != 0) return "sent the alert " + tls::alert_name(a);
      if (content_type == 21) return "sent an encrypted alert";
      return fmt::format("sent a record of type {}", content_type);
    case End::closed:
      return "closed the connection";
    case End::reset:
      return "reset the connection";
    case End::silent:
      break;
  }
  return "said nothing";
}

Task<Reaction> react(Stream& stream, std::string bytes, Deadline by, std::uint8_t skip) {
  Reaction out;
  // A server that refused in a hurry may have left its reason behind.
  (void)co_await send_all(stream, std::move(bytes), by);
  std::string in;
  std::array<std::byte, 8192> room;
  while (in.size() < kMostBytes) {
    const auto got = stream.read_now(room);
    if (!got) {
      out.end = Reaction::End::reset;
      co_return out;
    }
    if (!*got) {
      if ((co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) != 0) co_return out;
      continue;
    }
    if (**got == 0) {
      out.end = Reaction::End::closed;
      co_return out;
    }
    in += as_text(Bytes(room).first(**got));
    if (take_record(in, skip, out)) co_return out;
  }
  co_return out;
}

}  // namespace sally::check
