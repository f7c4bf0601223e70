// proto/ssh/login.h - what comes behind SSH's key exchange: how one may log in, logging in, and whether SFTP
// is there; payloads in, payloads out, no I/O.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/ssh/identity.h"

namespace sally::ssh {

/// Of one user.
struct Credentials {
  std::string user;
  std::optional<std::string> password;
  std::shared_ptr<const Identity> identity;  ///< null: none
};

struct LoginHeard {
  std::optional<std::vector<std::string>> methods;
  bool let_in = false;             ///< without any proof
  std::string tried;               ///< methods that were tried with credentials: "publickey, password"
  std::optional<bool> logged_in;   ///< absent: not tried
  std::optional<bool> sftp;        ///< its subsystem began; absent: not tried
  std::uint32_t sftp_version = 0;  ///< 0: it did not say
};

/// One login on one connection, from the service's acceptance on.
/// source  RFC 4252 5, 7, 8; RFC 4254 5.1, 6.5; draft-ietf-secsh-filexfer-02 4
class Login {
 public:
  /// session      the id: the hash of the first key exchange
  /// credentials  null: only the methods are asked for
  /// signatures   what the server takes of a user's key (RFC 8308 3.1); empty: it did not say
  Login(std::string session, std::string user, const Credentials* credentials,
        std::vector<std::string> signatures);

  /// The first request.
  std::string begin() const;
  /// What to answer to a message; what is none of this is passed over.
  /// Errors: ssh.malformed, base.truncated, crypto.call_failed.
  Result<std::vector<std::string>> take(std::string_view payload);
  bool done() const { return stage_ == Stage::done; }
  const LoginHeard& heard() const { return heard_; }

 private:
  enum class Stage : std::uint8_t { none, proof, channel, subsystem, version, done };
  using Answers = std::vector<std::string>;

  Result<Answers> try_next();
  Result<Answers> take_failure(std::string_view payload);
  Result<Answers> take_success();
  Result<Answers> take_channel(std::string_view payload);
  Result<Answers> take_words(std::string_view payload);
  std::string request(std::string_view method) const;
  Result<std::string> prove() const;
  bool may(std::string_view method) const;
  void end_sftp(bool there);

  std::string session_, user_;
  const Credentials* credentials_;
  std::vector<std::string> signatures_;
  Stage stage_ = Stage::none;
  bool tried_key_ = false, tried_password_ = false;
  std::uint32_t channel_ = 0;
  std::string words_;
  LoginHeard heard_;
};

}  // namespace sally::ssh
