// handler/accept_encoding.h - which content codings a client takes, and which of those at hand it gets.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "handler/files_config.h"
#include "http/fields.h"

namespace sally::handler {

/// Weights in thousandths; 0: not acceptable.
struct CodingWeights {
  std::array<std::uint16_t, 3> of{};  ///< by Coding
  std::uint16_t identity = 1;  ///< 1 when the client did not name it: acceptable, everything else is better

  std::uint16_t operator[](Coding c) const { return of[static_cast<std::size_t>(c)]; }
  bool operator==(const CodingWeights&) const = default;
};

/// Reads `accept-encoding`. Members that are malformed are passed over. Without the field only identity is
/// acceptable: clients that read a coding say so.
///
/// source  RFC 9110 12.5.3 and 12.4.2; "x-gzip" is gzip (8.4.1.3)
CodingWeights accepted_codings(const http::Fields& fields);
CodingWeights accepted_codings(std::string_view value);

/// The best for the client among `at_hand`, the server's favourite first. nullopt: identity, which may itself
/// be not acceptable.
std::optional<Coding> choose_coding(const CodingWeights& weights, std::span<const Coding> at_hand);

/// "br", "zstd", "gzip".
constexpr std::string_view coding_name(Coding c) {
  constexpr std::array<std::string_view, 3> kNames = {"br", "zstd", "gzip"};
  return kNames[static_cast<std::size_t>(c)];
}

/// ".br", ".zst", ".gz".
constexpr std::string_view coding_suffix(Coding c) {
  constexpr std::array<std::string_view, 3> kSuffixes = {".br", ".zst", ".gz"};
  return kSuffixes[static_cast<std::size_t>(c)];
}

}  // namespace sally::handler
