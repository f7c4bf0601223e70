// check/reaction.h - what a server does right after bytes that no ordinary client sends.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "check/dialer.h"

namespace sally::check {

/// The first thing that happened.
struct Reaction {
  enum class End : std::uint8_t { record, closed, reset, silent };
  End end = End::silent;
  std::uint8_t content_type = 0;  ///< of a record: 20 to 24
  std::string body;               ///< of a record, perhaps encrypted

  /// The description of an alert in clear; 0: none.
  std::uint8_t alert() const {
    return content_type == 21 && body.size() == 2 ? static_cast<std::uint8_t>(body[1]) : std::uint8_t{0};
  }
  /// "alert bad_record_mac", "closed the connection": what it did, after "the server". Two reactions are the
  /// same if their texts are.
  std::string text() const;
};

/// Sends `bytes` and waits at most `patience`. Records of content type `skip` are passed over.
Task<Reaction> react(Stream& stream, std::string bytes, Deadline by, std::uint8_t skip = 0);

}  // namespace sally::check
