// proto/ssh/packet_cipher.h - binary packets of one direction, in clear or sealed (RFC 4253 6, RFC 5647,
// chacha20-poly1305@openssh.com, encrypt-then-mac@openssh.com).
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "crypto/owned.h"
#include "crypto/raw_key.h"

namespace sally::ssh {

inline constexpr ErrorKind kBadSeal{
    "ssh.bad_seal",
    Blame::peer,
    Retry::fresh_connection,
    "a packet does not bear the seal of the agreed keys",
    "report the peer's software as broken, or look for a device that changes bytes",
    "RFC 4253 6.4",
    -1,
    0};

/// The most of one packet that is taken, in bytes; RFC 4253 6.1 asks for 35000.
inline constexpr std::size_t kMostPacket = 64 * 1024;

/// Key material by its letter, "A" to "F", and length in bytes (RFC 4253 7.2).
using KeySource = std::function<std::string(char letter, std::size_t bytes)>;

/// Whether both are implemented here. `mac` does not count where the cipher seals by itself.
bool can_use(std::string_view cipher, std::string_view mac);
/// The cipher seals by itself.
bool is_sealing(std::string_view cipher);

/// Packets of one direction, in order. Begins in clear.
class PacketCipher {
 public:
  PacketCipher();
  ~PacketCipher();
  PacketCipher(PacketCipher&&) noexcept;
  PacketCipher& operator=(PacketCipher&&) noexcept;

  /// Goes over to these. `letters`: of IV, key and integrity key, "ACE" from the client, "BDF" to it.
  /// `from_zero`: packets are counted anew (strict key exchange). Errors: crypto.call_failed.
  Result<> change(std::string_view cipher, std::string_view mac, const KeySource& keys,
                  std::string_view letters, bool seals, bool from_zero);
  /// The packet on the wire. Errors: crypto.call_failed.
  Result<std::string> seal(std::string_view payload);
  /// The payload of the first packet of `in`, which is consumed; nullopt: more bytes are needed.
  /// Errors: ssh.malformed, ssh.bad_seal.
  Result<std::optional<std::string>> open(Buffer& in);
  /// How many packets went by.
  std::uint32_t count() const { return count_; }

  struct Method;

 private:
  std::unique_ptr<Method> method_;
  std::uint32_t count_ = 0;
};

}  // namespace sally::ssh
