#include "handler/accept_encoding.h"

#include <algorithm>

#include "base/ascii.h"

namespace sally::handler {
namespace {

constexpr std::uint16_t kFull = 1000;
constexpr int kMostMembers = 32;  // a dozen codings are registered

/// RFC 9110 12.4.2: "0", "1", with up to three digits behind a dot; nullopt if it is none.
std::optional<std::uint16_t> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  unsigned value = text[0] == '1' ? kFull : 0;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  unsigned place = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (!is_digit(c)) return std::nullopt;
    value += static_cast<unsigned>(c - '0') * place;
    place /= 10;
  }
  if (value > kFull) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

/// The weight of a member's parameters; 1 without one.
std::optional<std::uint16_t> weight_of(std::string_view parameters) {
  parameters = trim(parameters);
  if (parameters.empty()) return kFull;
  if (parameters.size() < 2 || ascii_lower(parameters[0]) != 'q' || parameters[1] != '=') return std::nullopt;
  return parse_weight(parameters.substr(2));
}

struct Seen {
  std::array<bool, 3> named{};
  std::optional<std::uint16_t> any, identity;
};

void take_member(std::string_view member, CodingWeights& weights, Seen& seen) {
  const std::size_t semicolon = std::min(member.find(';'), member.size());
  const std::string_view name = trim(member.substr(0, semicolon));
  member.remove_prefix(std::min(semicolon + 1, member.size()));
  const auto weight = weight_of(member);
  if (name.empty() || !weight) return;
  if (name == "*") {
    seen.any = weight;
  } else if (ascii_iequals(name, "identity")) {
    seen.identity = weight;
  } else {
    for (std::size_t i = 0; i < weights.of.size(); ++i) {
      const std::string_view known = coding_name(static_cast<Coding>(i));
      if (!ascii_iequals(name, known) && !(known == "gzip" && ascii_iequals(name, "x-gzip"))) continue;
      weights.of[i] = *weight;
      seen.named[i] = true;
    }
  }
}

void take_value(std::string_view value, CodingWeights& weights, Seen& seen) {
  for (int i = 0; i < kMostMembers && !value.empty(); ++i) {
    const std::size_t comma = std::min(value.find(','), value.size());
    take_member(trim(value.substr(0, comma)), weights, seen);
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void settle(CodingWeights& weights, const Seen& seen) {
  if (seen.any)
    for (std::size_t i = 0; i < weights.of.size(); ++i)
      if (!seen.named[i]) weights.of[i] = *seen.any;
  if (seen.identity)
    weights.identity = *seen.identity;
  else if (seen.any == 0)
    weights.identity = 0;
}

}  // namespace

CodingWeights accepted_codings(std::string_view value) {
  CodingWeights weights;
  Seen seen;
  take_value(value, weights, seen);
  settle(weights, seen);
  return weights;
}

CodingWeights accepted_codings(const http::Fields& fields) {
  CodingWeights weights;
  Seen seen;
  for (const http::Field& f : fields)
    if (f.name == "accept-encoding") take_value(f.value, weights, seen);
  settle(weights, seen);
  return weights;
}

std::optional<Coding> choose_coding(const CodingWeights& weights, std::span<const Coding> at_hand) {
  std::optional<Coding> best;
  for (const Coding c : at_hand)
    if (weights[c] > 0 && weights[c] >= weights.identity && (!best || weights[c] > weights[*best])) best = c;
  return best;
}

}  // namespace sally::handler
