// check/probes/ftp_talk.h - a control connection of FTP inside TLS, and data connections beside it.
#pragma once
#include <string>

#include "check/probe.h"
#include "check/talk.h"
#include "proto/reply_reader.h"

namespace sally::check {

inline constexpr ErrorKind kNoDataConnection{
    "check.no_data_connection",
    Blame::upstream,
    Retry::never,
    "the server offers no data connection",
    "let the server answer EPSV or PASV, and open its passive ports in the firewall",
    "RFC 2428 3",
    -1,
    0};

class FtpTalk {
 public:
  FtpTalk(Examination& x, tls::ClientSession session) : x_(x), talk_(x.dialer, std::move(session)) {}

  /// Errors: those of Talk::start(), proto.*.
  Task<Result<Unit>> start();
  /// One command and its reply. Errors: check.out_of_time, proto.*, tls.client_read_failed, net.*.
  Task<Result<proto::Reply>> command(std::string line);
  /// The next reply, without a command. The same errors.
  Task<Result<proto::Reply>> reply();
  /// Opens a passive data connection to the address of the control connection, whatever the server names.
  /// Errors: those of command(), check.no_data_connection, Dialer::connect()'s.
  Task<Result<Line>> data_connection();

 private:
  Examination& x_;
  Talk talk_;
  Buffer in_{std::size_t{64} * 1024};
  proto::ReplyReader replies_;
};

/// The port in a reply to EPSV ("229 ... (|||6446|)", RFC 2428 3) or PASV ("227 ... (h,h,h,h,p,p)", RFC 959
/// 4.1.2); 0: there is none.
std::uint16_t passive_port(const proto::Reply& reply);

}  // namespace sally::check
