#include <utility>

#include "load/connection.h"
#include "load/http2_speaker.h"

namespace sally::load {

bool Connection::begin_tls() {
  ssl_ = start_tls();
  if (!ssl_) return false;
  BIO_up_ref(room_.io.bio.get());
  SSL_set_bio(ssl_.get(), room_.io.bio.get(), room_.io.bio.get());
  state_ = State::shaking;
  room_.io.in = {};
  return shake() && flush();
}

bool Connection::shake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) return shaken();
  if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) return true;
  ERR_clear_error();
  flush();  // the alert
  if (state_ != State::shaking) return false;
  if (!tls_->distrust().empty()) {
    room_.give_up(fail(kNotTrusted, tls_->distrust()).error());
    return false;
  }
  lost(Failure::tls);
  return false;
}

bool Connection::shaken() {
  note_handshake(*ssl_);
  if (plan_.counts_handshakes()) {
    book_handshake(SSL_session_reused(ssl_.get()) == 1);
    state_ = plan_.hold.count() != 0 ? State::held : State::parting;
    if (state_ == State::held) return flush();
    if (needs_ticket()) return ask_for_ticket();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    return flush();
  }
  const std::uint8_t* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  const std::string_view alpn(reinterpret_cast<const char*>(name), size);
  if (plan_.speech == Speech::http2 && alpn != "h2") {
    room_.give_up(fail(kNotSpoken, origin_.first.authority).error());
    return false;
  }
  return flush() && speak(alpn);
}

/// Some servers, ours too, send their tickets only with the first data: the preface of HTTP/2 makes them say
/// something, over HTTP/1.1 it takes a request. After close_notify the library would take no ticket any more.
bool Connection::ask_for_ticket() {
  session_ = std::move(fresh_);  // up to TLS 1.2 it came within the handshake
  if (session_) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  } else if (facts_of(*ssl_).alpn == "h2") {
    Http2Speaker(origin_.text, ledger_, 1).begin(plain_);
  } else {
    plain_ = origin_.text.http1(0);
  }
  return flush();
}

void Connection::fetch_ticket() {
  session_ = std::move(fresh_);
  if (!session_) return;
  since_ = ledger_.now();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace sally::load
