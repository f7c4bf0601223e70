#include "handler/byte_ranges.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/ascii.h"

namespace sally::handler {
namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

/// Digits only, at least one. What does not fit lies behind the end of any file.
std::optional<std::uint64_t> parse_position(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (kHuge - digit) / 10) return kHuge;
    value = value * 10 + digit;
  }
  return value;
}

enum class Member : std::uint8_t { malformed, behind_the_end, good };

Member parse_member(std::string_view text, std::uint64_t size, ByteRange& out) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return Member::malformed;
  const auto first = parse_position(text.substr(0, dash));
  const auto last = parse_position(text.substr(dash + 1));
  if (dash == 0) {  // the last N octets
    if (!last) return Member::malformed;
    if (*last == 0) return Member::behind_the_end;
    out = {size - std::min(*last, size), size - 1};
    return Member::good;
  }
  if (!first || (!last && dash + 1 < text.size()) || (last && *last < *first)) return Member::malformed;
  if (*first >= size) return Member::behind_the_end;
  out = {*first, std::min(last.value_or(kHuge), size - 1)};
  return Member::good;
}

/// True if two of them share an octet.
bool overlap(std::vector<ByteRange> sorted) {
  std::ranges::sort(sorted, {}, &ByteRange::first);
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i].first <= sorted[i - 1].last) return true;
  return false;
}

void join(std::vector<ByteRange>& parts) {
  std::ranges::sort(parts, {}, &ByteRange::first);
  std::vector<ByteRange> joined;
  for (const ByteRange& part : parts) {
    // Also those that touch: they are one run of octets.
    if (!joined.empty() && part.first <= joined.back().last + 1)
      joined.back().last = std::max(joined.back().last, part.last);
    else
      joined.push_back(part);
  }
  parts = std::move(joined);
}

}  // namespace

RangeRequest parse_ranges(std::string_view value, std::uint64_t size, std::size_t most) {
  RangeRequest out;
  const std::size_t equals = value.find('=');
  if (size == 0 || equals == value.npos || !ascii_iequals(value.substr(0, equals), "bytes")) return out;
  value.remove_prefix(equals + 1);
  std::size_t members = 0;
  std::vector<ByteRange> parts;
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view member = trim(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (member.empty()) continue;  // RFC 9110 5.6.1.2
    ByteRange part;
    const Member verdict = parse_member(member, size, part);
    if (verdict == Member::malformed || ++members > most) return out;
    if (verdict == Member::good) parts.push_back(part);
  }
  if (members == 0) return out;
  if (overlap(parts)) join(parts);
  out.kind = parts.empty() ? RangeRequest::Kind::unsatisfiable : RangeRequest::Kind::parts;
  out.parts = std::move(parts);
  return out;
}

std::string content_range(ByteRange part, std::uint64_t size) {
  return "bytes " + std::to_string(part.first) + "-" + std::to_string(part.last) + "/" + std::to_string(size);
}

std::string unsatisfied_range(std::uint64_t size) { return "bytes */" + std::to_string(size); }

}  // namespace sally::handler
