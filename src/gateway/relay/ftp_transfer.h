// gateway/relay/ftp_transfer.h - one data connection of FTP: a listener for the client, TLS, and the way on.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/relay/client_end.h"
#include "gateway/relay/far_end.h"
#include "gateway/relay/tunnel.h"
#include "net/listener.h"

namespace sally::gateway {

// clang-format off
inline constexpr ErrorKind kNoPassivePort{"relay.no_passive_port", Blame::operator_config, Retry::later,
    "no port is free for a data connection of FTP",
    "widen passive_ports of the port", "", -1, 0};
inline constexpr ErrorKind kNoDataConnection{"relay.no_data_connection", Blame::peer, Retry::fresh_connection,
    "the client asked for a data connection of FTP and did not make one in time",
    "open passive_ports in the firewall; or raise data_timeout of the port", "", -1, 0};
// clang-format on

/// "50000-50100", inclusive; {0, 0}: whatever the system chooses.
struct PortRange {
  std::uint16_t first = 0, last = 0;
  /// "" is {0, 0}. nullopt: no range of ports from 1024.
  static std::optional<PortRange> parse(std::string_view text);
};

/// listening --the control connection's client--> dialling the server --> TLS --> tunnel --> ended
/// Connections of anybody else are closed and change nothing.
class FtpTransfer final : private Accepted, private Timer {
 public:
  struct Parts {
    Core& core;
    Stream& waker;  ///< of the control connection: something happened here
    const RelayTarget& terms;
    RelayCounts& counts;
    std::shared_ptr<const tls::ServerIdentity> identity;
    const tls::Application& application;
    std::string client;    ///< its address
    SocketAddress server;  ///< where it listens
    Duration patience;     ///< until the connection stands, with TLS
  };
  /// at  the address to listen on. Errors: relay.no_passive_port, loop.system_call.
  static Result<std::unique_ptr<FtpTransfer>> open(Parts parts, const std::string& at, PortRange range);
  FtpTransfer(Parts parts, Fd listener, std::uint16_t port);
  FtpTransfer(const FtpTransfer&) = delete;
  ~FtpTransfer();

  std::uint16_t port() const { return port_; }
  /// A client has come.
  bool used() const { return near_.has_value(); }
  bool ended() const { return ended_; }
  /// Why; null: in good order, or not yet.
  const std::optional<Error>& failure() const { return failure_; }
  std::uint64_t from_client() const { return tunnel_ ? tunnel_->from_client() : 0; }
  std::uint64_t from_server() const { return tunnel_ ? tunnel_->from_backend() : 0; }

 private:
  void on_accept(Fd socket, const SocketAddress& client) override;
  void on_accept_failed(int error_number) override;
  void on_timer() override;
  Task<Result<Unit>> run();
  Task<Result<Unit>> live();
  void end(std::optional<Error> why);

  Parts parts_;
  std::uint16_t port_;
  std::optional<Listener> listener_;
  std::optional<ClientEnd> near_;
  std::optional<FarEnd> far_;
  std::optional<Tunnel> tunnel_;
  std::optional<Error> failure_;
  bool ended_ = false;
  Running<Result<Unit>> running_;
};

}  // namespace sally::gateway
