// proto/ssh/client.h - the client's part of SSH up to the first answer about authentication, or with
// credentials to the first of SFTP: bytes in, bytes out, no I/O.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "crypto/agreement.h"
#include "proto/ssh/host_key.h"
#include "proto/ssh/login.h"
#include "proto/ssh/packet_cipher.h"

namespace sally::ssh {

inline constexpr ErrorKind kNoSsh{"ssh.no_ssh",
                                  Blame::upstream,
                                  Retry::never,
                                  "the server does not speak SSH",
                                  "correct the port, or look at what listens there",
                                  "RFC 4253 4.2",
                                  -1,
                                  0};
inline constexpr ErrorKind kTooMuch{"ssh.too_much",
                                    Blame::upstream,
                                    Retry::never,
                                    "the server says more than any real one",
                                    "look at what listens on this port",
                                    "",
                                    -1,
                                    0};

/// How far to go.
struct Wish {
  std::vector<std::string> key_types;  ///< of the host key to ask for: the first that is there; empty: any
  bool methods = false;                ///< also ask how one may log in
  std::string user = "sallyport-check";
  const Credentials* credentials = nullptr;  ///< to log in with, once the methods are known; null: none
};

/// What was learnt on the way.
struct Heard {
  std::string banner;               ///< "SSH-2.0-OpenSSH_9.9"
  std::vector<std::string> before;  ///< lines in front of it
  std::optional<Lists> lists;
  std::string kex, host_key_algorithm;  ///< what was agreed on
  std::optional<HostKey> host_key;
  bool proven = false;                     ///< its holder signed this key exchange
  std::string why_no_key, why_no_methods;  ///< in words
  std::vector<std::string> signatures;     ///< EXT_INFO server-sig-algs (RFC 8308 3.1)
  std::optional<std::vector<std::string>> methods;
  bool let_in = false;     ///< without any proof
  LoginHeard login;        ///< with credentials
  std::string disconnect;  ///< what the server said when it ended the connection
};

/// One connection.
class Client {
 public:
  explicit Client(Wish wish) : wish_(std::move(wish)) {}

  struct Step {
    bool done = false;
    std::string send;
  };
  /// Takes what it understands from `in`; called again with more bytes until `done`.
  /// Errors: ssh.no_ssh, ssh.too_much, ssh.malformed, ssh.bad_seal, base.truncated, crypto.*.
  Result<Step> step(Buffer& in);

  const Heard& heard() const { return heard_; }
  Heard take() { return std::move(heard_); }

 private:
  enum class Stage : std::uint8_t { banner, lists, reply, new_keys, service, login, done };
  Result<bool> read_line(Buffer& in, std::string& send);
  Result<> take_packet(const std::string& payload, std::string& send);
  Result<> take_lists(const std::string& payload, std::string& send);
  Result<> take_reply(const std::string& payload, std::string& send);
  Result<> take_new_keys(std::string& send);
  Result<> take_answer(const std::string& payload, std::string& send);
  Result<> take_extensions(const std::string& payload);
  Result<> put(std::string_view payload, std::string& send);
  bool agree();
  std::string key(char letter, std::size_t bytes) const;
  void finish() { stage_ = Stage::done; }

  Wish wish_;
  Heard heard_;
  Stage stage_ = Stage::banner;
  bool greeted_ = false, strict_ = false, skip_guess_ = false;
  unsigned packets_ = 0;
  PacketCipher out_, in_;
  Lists ours_;
  std::string our_lists_, their_lists_;
  std::optional<crypto::KeyShare> share_;
  std::string secret_, hash_;  ///< K as it is hashed, and H
  std::optional<Login> login_;
};

}  // namespace sally::ssh
