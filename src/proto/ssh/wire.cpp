#include "proto/ssh/wire.h"

#include <algorithm>

namespace sally::ssh {

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

void put_string(std::string& out, std::string_view value) {
  put_u32(out, static_cast<std::uint32_t>(value.size()));
  out += value;
}

void put_mpint(std::string& out, std::string_view number) {
  number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size()));
  // The first bit is the sign, so a number that begins with one gets a zero in front.
  const bool high = !number.empty() && (static_cast<std::uint8_t>(number.front()) & 0x80) != 0;
  put_u32(out, static_cast<std::uint32_t>(number.size() + (high ? 1 : 0)));
  if (high) out += '\0';
  out += number;
}

Result<std::string> take_string(Reader& in, std::string_view field) {
  TRY(const std::uint32_t size, in.u32(field));
  TRY(const Bytes bytes, in.take(size, field));
  return std::string(as_text(bytes));
}

Result<std::vector<std::string>> take_names(Reader& in, std::string_view field) {
  constexpr std::size_t kMostNames = 1000, kLongestName = 200;
  TRY(const std::string text, take_string(in, field));
  std::vector<std::string> out;
  if (text.empty()) return out;
  std::string_view left = text;
  for (bool more = true; more;) {
    const std::size_t comma = left.find(',');
    const std::string_view name = left.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) left.remove_prefix(comma + 1);
    // RFC 4251 6: names are printable ASCII, and not empty.
    const bool sound = !name.empty() && name.size() <= kLongestName &&
                       std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
    if (!sound || out.size() == kMostNames)
      return fail(kMalformed, WirePos{in.offset(), -1, field}, "a name of a list");
    out.emplace_back(name);
  }
  return out;
}

bool Lists::has_kex(std::string_view name) const { return std::ranges::find(kex, name) != kex.end(); }

Result<Lists> parse_lists(Bytes payload) {
  Reader in(payload, 0);
  Lists out;
  TRY(const std::uint8_t number, in.u8("message"));
  if (number != kKexInit) return fail(kMalformed, WirePos{0, -1, "message"}, "no KEXINIT");
  TRY_VOID(in.take(16, "cookie"));
  for (auto* const list : {&out.kex, &out.host_key, &out.cipher_out, &out.cipher_in, &out.mac_out,
                           &out.mac_in, &out.zip_out, &out.zip_in}) {
    TRY(*list, take_names(in, "name-list"));
  }
  for (int language = 0; language < 2; ++language) TRY_VOID(take_names(in, "languages"));
  TRY(const std::uint8_t guess, in.u8("first_kex_packet_follows"));
  out.guess_follows = guess != 0;
  TRY_VOID(in.u32("reserved"));
  return out;
}

std::string build_lists(const Lists& lists, std::string_view cookie) {
  std::string out(1, static_cast<char>(kKexInit));
  out += cookie;
  const std::vector<std::string> none;
  for (const auto* const list :
       {&lists.kex, &lists.host_key, &lists.cipher_out, &lists.cipher_in, &lists.mac_out, &lists.mac_in,
        &lists.zip_out, &lists.zip_in, &none, &none}) {
    std::string text;
    for (const std::string& name : *list) text += (text.empty() ? "" : ",") + name;
    put_string(out, text);
  }
  out += lists.guess_follows ? '\1' : '\0';
  put_u32(out, 0);
  return out;
}

}  // namespace sally::ssh
