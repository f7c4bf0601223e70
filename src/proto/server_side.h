// proto/server_side.h - what the gateway says to a client before TLS, and what it changes of a conversation
// inside TLS: bytes in, bytes out, no I/O.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "proto/dialogue.h"
#include "proto/reply_reader.h"

namespace sally::proto {

/// Who speaks to the client, and what the client may say before TLS.
struct ServerTerms {
  std::string name;               ///< a host name for greetings
  std::size_t line_bytes = 2048;  ///< of a line, or of a message where there are no lines
  std::size_t commands = 30;
};

struct ServerStep {
  enum class Next : std::uint8_t {
    bytes,  ///< the client's turn
    tls,    ///< once `send` is written; what else was heard before must be thrown away
    hello,  ///< the client began with TLS at once, which is allowed: nothing was taken
    end,    ///< once `send` is written
  };
  Next next = Next::bytes;
  std::string send = {};
};

/// A server's part before TLS: it lets nobody log in. Each call of step() takes what it understands from
/// `in`; it is called again with more bytes after Next::bytes, and not at all after any other.
class ServerDialogue {
 public:
  virtual ~ServerDialogue() = default;
  /// The server's first words; empty: the client begins.
  virtual std::string greeting() { return {}; }
  /// Errors: proto.other_speech, proto.talks_too_much.
  virtual Result<ServerStep> step(Buffer& in) = 0;
};

/// A client's commands are lines.
class LineServer : public ServerDialogue {
 public:
  explicit LineServer(const ServerTerms& terms) : lines_({terms.line_bytes, terms.commands}) {}
  Result<ServerStep> step(Buffer& in) final;

 private:
  virtual ServerStep answer(const std::string& line) = 0;
  LineReader lines_;
};

/// Stands between client and backend inside TLS: the backend's offers of TLS are not for this client.
class Between {
 public:
  virtual ~Between() = default;
  /// What goes on to the client in place of `said`, added to `out`. What is kept back for later is less than
  /// kMostKept, and the beginning of something that a client waits for the end of.
  virtual void from_backend(std::string_view said, std::string& out) = 0;
  /// The backend has ended: what was kept back goes on as it is, to the end of `out`.
  virtual void backend_ended(std::string& out) = 0;
  /// Listens to what goes on to the backend.
  virtual void from_client(std::string_view) {}

  static constexpr std::size_t kMostKept = 64 * 1024;
};

/// The server's part of a row of the registry.
struct ServerSide {
  std::unique_ptr<ServerDialogue> (*dialogue)(const ServerTerms&);
  /// Takes a backend's first words: Next::done. Null: the client begins.
  std::unique_ptr<Dialogue> (*greeting)() = nullptr;
  std::unique_ptr<Between> (*between)() = nullptr;  ///< null: nothing needs to be changed
  /// What a client inside TLS hears when no backend can be reached.
  std::string_view unavailable = {};
};

struct Protocol;
/// In all.cpp. Null: STARTTLS is not served for this row, or it has none.
const ServerSide* server_side_of(const Protocol& row);

/// A first reply with the number 220. Errors of its step(): as Dialogue's.
std::unique_ptr<Dialogue> numbered_greeting();
/// A first line that begins like this, in any case of letters.
std::unique_ptr<Dialogue> line_greeting(std::string_view wanted);

}  // namespace sally::proto
