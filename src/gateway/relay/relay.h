// gateway/relay/relay.h - one connection of a port that carries more than the web: what is spoken, who gets
// it, and the bytes both ways.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "gateway/port.h"
#include "gateway/relay/call_handover.h"
#include "gateway/relay/client_end.h"
#include "gateway/relay/far_end.h"
#include "gateway/relay/relay_door.h"
#include "gateway/relay/relay_record.h"
#include "gateway/relay/tunnel.h"
#include "net/socket_address.h"
#include "proto/first_bytes.h"
#include "tls/peek.h"

namespace sally::gateway {

class FtpControl;
class Worker;

// clang-format off
inline constexpr ErrorKind kUnknownSpeech{"relay.unknown_speech", Blame::peer, Retry::never,
    "the client speaks nothing that this port carries", "connect to the port of the protocol that is spoken", "", -1, 0};
inline constexpr ErrorKind kSilent{"relay.silent", Blame::peer, Retry::never,
    "the client did not say enough to be recognised in time",
    "nothing: port scans do this; or set share.silent to where such clients belong", "", -1, 0};
inline constexpr ErrorKind kStarttlsTimeout{"relay.starttls_timeout", Blame::peer, Retry::fresh_connection,
    "the client did not ask for TLS in time", "nothing, or raise starttls.timeout of the port", "", -1, 0};
inline constexpr ErrorKind kTalksBeforeTls{"relay.talks_before_tls", Blame::peer, Retry::never,
    "the client says more before TLS than it may",
    "turn STARTTLS on in the client; or raise starttls.line_bytes or starttls.commands of the port", "", -1, 0};
inline constexpr ErrorKind kNoGreeting{"relay.no_greeting", Blame::upstream, Retry::other_upstream,
    "the backend does not begin as its protocol does", "read what it said in the detail; look into its log", "", -1, 0};
inline constexpr ErrorKind kBackendsBusy{"relay.backends_busy", Blame::upstream, Retry::later,
    "every backend has as many connections as it may have",
    "add backends, or raise max_connections of a backend", "", -1, 0};
// clang-format on

/// accepted --[dialogue in plain text]--first bytes--> web (a Connection takes over), or a group of backends
///   decrypted here: --TLS--> backend --> tunnel
///   passed on:               backend --> tunnel
class Relay final {
 public:
  Relay(Worker& worker, std::uint64_t door, SharedPort port, Fd socket, const SocketAddress& client,
        std::uint64_t id);
  Relay(const Relay&) = delete;
  ~Relay();

  /// Runs until it ends and then calls Worker::retire().
  void start();
  /// The same for a call: TLS stands already.
  void start(CallHandover from);
  /// Ends if it carries nothing yet, or nothing any more.
  void drain();
  /// The log hears of it; it is destroyed next.
  void cut();

  const SocketAddress& client() const { return client_; }
  /// What a Connection needs to go on with the web.
  bool is_web() const { return web_; }
  std::uint64_t door() const { return door_; }
  const SharedPort& port() const { return port_; }
  std::uint64_t id() const { return record_.facts.connection_id; }
  Fd take_socket();  ///< once it has ended
  Bytes heard() { return near_.held().readable(); }

 private:
  Task<Result<Unit>> run();
  Task<Result<Unit>> live();
  Task<Result<Unit>> hear_proxy(Deadline by);
  Task<Result<Unit>> recognise(Deadline by);
  Task<Result<bool>> speak_plain();
  Task<Result<Unit>> say(std::string text, Deadline by);
  Task<Result<Unit>> decrypt(Deadline by);
  Task<Result<Unit>> carry();
  Task<Result<Unit>> carry_files();
  Task<Result<Unit>> reach();
  Task<Result<Unit>> choose(upstream::Group::Tried tried);
  Task<Result<Unit>> meet(upstream::Backend& backend);
  Task<Result<Unit>> hear_greeting(Deadline by);

  Result<> open_tunnel();
  Result<bool> decide();
  Result<bool> decide_tls();
  void send_on(SharedGroup group, std::string_view protocol);
  Result<> silent();
  Result<> greet();
  void excuse();
  Result<std::shared_ptr<const tls::ServerIdentity>> identity_for(const tls::HelloPeek& peek);
  std::string proxy_header() const;
  const RelayDoor& door_of() const { return *port_->relay; }
  Bytes behind_header() const;
  void note(const Error& why);
  void report();

  Worker& worker_;
  Core& core_;
  const std::uint64_t door_;
  const SharedPort port_;
  const SocketAddress client_;
  ClientEnd near_;
  FarEnd far_;
  RelayRecord record_;
  tls::HelloPeek hello_;
  SharedGroup group_;  ///< null while nobody is chosen
  std::shared_ptr<const tls::ServerIdentity> identity_;
  std::shared_ptr<Site> site_;  ///< whose TLS a call began in
  std::string early_;           ///< of a call: what the backend hears first
  std::unique_ptr<proto::Between> between_;
  std::unique_ptr<FtpControl> ftp_;  ///< in place of a tunnel
  std::optional<Tunnel> tunnel_;
  static constexpr std::size_t kNobody = upstream::Group::kMostMembers;
  std::size_t member_ = kNobody;
  upstream::Group::Pick pick_;    ///< what choose() found
  std::size_t header_bytes_ = 0;  ///< of a PROXY protocol header at the front of what is held
  bool web_ = false, decrypts_ = false;
  Running<Result<Unit>> running_;
};

}  // namespace sally::gateway
