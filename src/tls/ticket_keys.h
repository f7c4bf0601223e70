// tls/ticket_keys.h - the keys that seal session tickets: made in memory, rotated, never written anywhere.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sally::tls {

/// Shared by all cores. The newest key seals; the older ones still open until they fall out. A ticket is
/// bound to the id of the site that sealed it: it never resumes at another one, whose rules for clients may
/// differ.
class TicketKeys {
 public:
  /// `keep` >= 1 keys; the first is made at once.
  explicit TicketKeys(std::size_t keep);
  /// All keys, for another process of ours: never for a disk. Goes on with them there by adopt().
  std::string secrets() const;
  /// Takes the keys of secrets(), behind the newest of its own. False: that is not what they are; nothing is
  /// changed.
  bool adopt(std::string_view secrets);
  /// Makes a new key and forgets the oldest beyond `keep`. Called every tls.ticket_rotation.
  void rotate();
  /// From the next rotation on.
  void keep(std::size_t count) { keep_ = count < 1 ? 1 : count; }

  static constexpr std::size_t kOverhead = 16 + 12 + 16;  ///< key name, nonce, tag
  /// Writes at most in.size() + kOverhead bytes; the count, or nullopt if there is no room.
  std::optional<std::size_t> seal(std::string_view site, std::span<std::uint8_t> out,
                                  std::span<const std::uint8_t> in) const;
  /// nullopt: not ours, too old, or damaged: the handshake goes on without it.
  std::optional<std::size_t> open(std::string_view site, std::span<std::uint8_t> out,
                                  std::span<const std::uint8_t> in) const;

 private:
  struct Key {
    std::array<std::uint8_t, 16> name;
    std::array<std::uint8_t, 32> secret;
  };
  using Keys = std::vector<Key>;

  std::size_t keep_;
  std::atomic<std::shared_ptr<const Keys>> keys_;  ///< newest first
};

}  // namespace sally::tls
