// gateway/relay/ftp_control.h - the control connection of FTP inside TLS, and its data connections.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/relay/client_end.h"
#include "gateway/relay/far_end.h"
#include "gateway/relay/ftp_transfer.h"
#include "gateway/relay/relay_config.h"
#include "proto/ftp/control.h"

namespace sally::gateway {

// clang-format off
inline constexpr ErrorKind kFtpNonsense{"relay.ftp_nonsense", Blame::peer, Retry::never,
    "what came on the control connection is none of FTP", "read the detail: it says which side, and what", "RFC 959 5.3", -1, 0};
// clang-format on

/// Reads commands and replies, which are short, and opens a listener for each PASV and EPSV.
class FtpControl {
 public:
  struct Parts {
    Core& core;
    ClientEnd& near;
    FarEnd& far;
    const RelayConfig& config;
    RelayCounts& counts;
    std::shared_ptr<const tls::ServerIdentity> identity;
    const tls::Application& application;
    std::string server_address;  ///< that the client came to
    SocketAddress client;        ///< as the socket says
  };
  explicit FtpControl(Parts parts);
  FtpControl(const FtpControl&) = delete;
  ~FtpControl();

  /// Until both sides and the transfers have ended. Errors: relay.idle_timeout, relay.backend_broke,
  /// relay.ftp_nonsense, net.socket and tls.* of the client's side.
  Task<Result<Unit>> run();

  bool client_ended_first() const { return client_first_; }
  std::uint64_t from_client() const;
  std::uint64_t from_backend() const;
  std::uint32_t transfers() const;
  /// Of the last transfer that failed.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Result<bool> hear_client();
  Result<bool> hear_backend();
  Result<bool> act();
  Result<> carry_out(ftp::Moves moves);
  Result<ftp::Moves> open_passive(const ftp::Passive& asked);
  Result<> end();
  void reap();
  bool transferring() const;
  bool over() const;
  bool willing() const;
  Deadline deadline() const;

  Parts parts_;
  ftp::Inside inside_;
  Buffer said_, answers_, to_backend_;
  std::vector<std::unique_ptr<FtpTransfer>> data_;
  std::uint64_t client_bytes_ = 0, backend_bytes_ = 0;  ///< of control, and of transfers that have ended
  std::uint32_t transfers_ = 0;
  std::optional<Error> failure_;
  TimePoint moved_at_;
  bool client_ended_ = false, backend_ended_ = false, client_first_ = false;
  bool told_backend_ = false, said_end_ = false;
};

}  // namespace sally::gateway
