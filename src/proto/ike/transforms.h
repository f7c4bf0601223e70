// proto/ike/transforms.h - the transforms of IKEv2 by name, and how sound each is today.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "proto/ike/offer.h"

namespace sally::ike {

enum class Strength : std::uint8_t { sound, old, weak, broken };

struct TransformFacts {
  Transform transform;
  std::string_view family;  ///< of one algorithm with several lengths of key; else the name
  std::string_view name;    ///< "AES-GCM-256"
  Strength strength = Strength::sound;
  std::string_view why = {};  ///< of what is not sound, with the year since which it is known
  bool seals = false;         ///< encryption that needs no integrity beside it (RFC 5282)
  bool post_quantum = false;  ///< key exchange
};

/// All that can be asked for, sorted by type.
std::span<const TransformFacts> all_transforms();
/// Null: not known here. An additional key exchange is looked up among the groups (RFC 9370 2.2.1).
const TransformFacts* facts_of(const Transform& one);
/// "MODP-2048"; of what is not known "group 1234".
std::string name_of(const Transform& one);

/// Octets of a share in this group; 0: not known (RFC 7296 3.4, RFC 5903 7, RFC 8031 2).
std::size_t share_bytes(std::uint16_t group);

/// What a vendor ID says: "strongSwan", the text in it, or its octets in hexadecimal.
std::string vendor_name(std::string_view id);

}  // namespace sally::ike
