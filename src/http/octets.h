// http/octets.h - which octet may stand where in a head, as tables: one look-up for each octet of the input.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sally::http {

namespace octets {
enum Class : std::uint8_t {
  kToken = 1,   ///< tchar, RFC 9110 5.6.2
  kTarget = 2,  ///< a path or query: visible ASCII but '#', and but '%' and '?', which need a look
  kHost = 4,    ///< a registered name or IPv4 address in an authority
  kQuoted = 8,  ///< qdtext, RFC 9110 5.6.4
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> t{};
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  for (unsigned c = 0; c < 256; ++c) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    unsigned bits = 0;
    if (alnum || (c < 128 && kMarks.find(static_cast<char>(c)) != kMarks.npos)) bits |= kToken;
    if (c > 0x20 && c < 0x7f && c != '#' && c != '%' && c != '?') bits |= kTarget;
    if (alnum || c == '-' || c == '.' || c == '_' || c == '~') bits |= kHost;
    if (c == '\t' || (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)) bits |= kQuoted;
    t[c] = static_cast<std::uint8_t>(bits);
  }
  return t;
}
inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

constexpr std::array<char, 256> make_lower(Class what) {
  std::array<char, 256> t{};
  for (unsigned c = 0; c < 256; ++c)
    if (kClasses[c] & what) t[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  return t;
}
inline constexpr std::array<char, 256> kLowerTokens = make_lower(kToken);
inline constexpr std::array<char, 256> kLowerHosts = make_lower(kHost);
}  // namespace octets

constexpr bool is_octet(char c, octets::Class what) {
  return (octets::kClasses[static_cast<unsigned char>(c)] & what) != 0;
}
/// The lower-case form of an octet of a token; 0 for any other octet.
constexpr char lower_token(char c) { return octets::kLowerTokens[static_cast<unsigned char>(c)]; }

/// The lower-case form of an octet of a host; 0 for any other octet.
constexpr char lower_host(char c) { return octets::kLowerHosts[static_cast<unsigned char>(c)]; }

/// Compares with a literal. Its size is known to the compiler, which makes one or two comparisons of it.
template <std::size_t N>
bool is(std::string_view text, const char (&literal)[N]) {
  return text.size() == N - 1 && std::memcmp(text.data(), literal, N - 1) == 0;
}

/// Where the first control octet stands (0 to 31 but for HTAB, and 127), or `end`. What may not stand in a
/// field's value (RFC 9110 5.5).
const char* find_control(const char* at, const char* end);

/// At least one octet, all of them of a token in lower case.
bool is_field_name(std::string_view text);
/// No control octets and no white space at the ends.
bool is_field_value(std::string_view text);

}  // namespace sally::http
