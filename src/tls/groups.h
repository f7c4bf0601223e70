// tls/groups.h - the key exchange groups that TLS knows, by number and name, and how strong they are.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace sally::tls {

struct GroupFacts {
  std::uint16_t code = 0;
  std::string_view name;      ///< "X25519MLKEM768", as IANA writes it
  unsigned bits = 0;          ///< of security against a classical attacker, roughly
  bool post_quantum = false;  ///< holds against a quantum computer too
  bool draft = false;         ///< was used before a standard, and should go
};

/// Strongest promise first: hybrids, then curves, then finite fields.
std::span<const GroupFacts> registered_groups();

/// nullptr: not registered.
const GroupFacts* group_facts(std::uint16_t code);

}  // namespace sally::tls
