// proto/ftp/control.h - what stands between client and server on FTP's control connection inside TLS.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/error.h"

namespace sally::ftp {

/// The server listens for a data connection; the client is to be told of a place of ours.
struct Passive {
  std::uint16_t server_port = 0;
  bool extended = false;  ///< EPSV: 229, no address
};

struct Moves {
  std::string to_client, to_server;
  std::optional<Passive> passive;  ///< opened() or not_opened() is next
  bool any() const { return !to_client.empty() || !to_server.empty() || passive; }
};

/// The server speaks plain text, so what is about TLS is answered here: PBSZ, PROT, AUTH, CCC. Transfers go
/// on only after PROT P. The server never connects to a client: PORT and EPRT are refused. One reply stands
/// for each command, in their order: what is answered here waits for the server's replies to what came
/// before. source  RFC 959 4, 5; RFC 2428; RFC 4217 8 to 10; RFC 2389 3
class Inside {
 public:
  static constexpr std::size_t kLongestLine = 8 * 1024;  ///< of a command or a reply

  /// Takes what it can of both. Errors: proto.other_speech (the server's), proto.talks_too_much.
  Result<Moves> step(Buffer& said, Buffer& answers);
  /// address  IPv4, for 227
  Moves opened(std::string_view address, std::uint16_t port);
  Moves not_opened();

 private:
  enum class Asked : std::uint8_t { other, features, passive, extended };
  Result<bool> answer_from_server(Buffer& answers, Moves& out);
  Result<bool> command(Buffer& said, Moves& out);
  /// alone: the reply has no other line.
  void one_line(const std::string& line, bool last, bool alone, unsigned code, Moves& out);
  /// Empty: the command is for the server.
  std::string own_answer(const std::string& verb, const std::string& argument);

  std::deque<Asked> open_;   ///< commands whose last reply has not come
  unsigned reply_code_ = 0;  ///< of a reply of several lines that goes on
  bool protected_ = false;   ///< PROT P
  bool sized_ = false;       ///< PBSZ
  std::optional<Passive> passive_;
};

}  // namespace sally::ftp
