// check/talk.h - a client session over a connection: the handshake, a request, and what comes back.
#pragma once
#include <memory>
#include <string>

#include "check/answer_reader.h"
#include "check/dialer.h"
#include "check/observations.h"
#include "tls/client_session.h"

namespace sally::check {

/// One connection with a TLS session on it. The certificates can be asked for even when the handshake failed.
class Talk {
 public:
  Talk(Dialer& dialer, tls::ClientSession session) : dialer_(dialer), session_(std::move(session)) {}

  /// Connects and shakes hands. Errors: tls.client_handshake_failed, net.*, check.*.
  Task<Result<Unit>> start();
  /// The same on a connection that is open already.
  Task<Result<Unit>> start_on(Line line);
  /// Sends `request` and reads until the head of the answer is there.
  /// Errors: check.not_http, check.http_head_too_long, check.out_of_time, tls.client_read_failed, net.*.
  Task<Result<HttpAnswer>> get(std::string request);
  /// Sends `request` and reads until `reader` has all that it wants, or nothing more comes. Errors: those of
  /// get(), check.out_of_time before the head was complete, http1.*.
  Task<Result<Unit>> fetch(std::string request, AnswerReader& reader);
  /// Reads what comes within `patience`, such as tickets. What fails then is nobody's business.
  Task<Unit> listen(std::chrono::milliseconds patience);

  /// The first bytes inside TLS that come within `patience`; empty: none. Errors: tls.client_read_failed,
  /// net.*.
  Task<Result<std::string>> hear(std::chrono::milliseconds patience);
  /// Errors: crypto.call_failed, net.*, check.out_of_time.
  Task<Result<Unit>> say(std::string text);

  const tls::ClientSession& session() const { return session_; }
  /// What an encrypted alert says: "sent the alert bad_record_mac".
  std::string alert_in(std::string_view body);
  /// The connection below the session, for bytes that the session would not send.
  Stream& stream() { return *stream_; }
  /// Says close_notify. Whether it arrives is nobody's business.
  Task<Unit> say_goodbye();
  /// Closes the connection and keeps what could resume it; null: nothing.
  crypto::SslSession close() {
    stream_.reset();
    return session_.take_session();
  }

 private:
  Task<Result<Unit>> flush();
  Task<Result<bool>> receive(Deadline by);

  Dialer& dialer_;
  tls::ClientSession session_;
  Line stream_;
};

}  // namespace sally::check
