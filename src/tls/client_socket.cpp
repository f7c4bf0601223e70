#include "tls/client_socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "crypto/host_match.h"
#include "tls/bio_method.h"

namespace sally::tls {
namespace {

int descriptor(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int read_bytes(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t n = ::recv(descriptor(bio), to, static_cast<std::size_t>(size), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(n);
}

int write_bytes(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t n = ::send(descriptor(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

/// The library's own socket BIO would raise SIGPIPE.
const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = make_bio_method("socket without signals", read_bytes, write_bytes);
  return method;
}

}  // namespace

Result<ClientSocket> ClientSocket::make(std::shared_ptr<ClientRules> rules, int fd, bool only_http1) {
  crypto::Ssl ssl(SSL_new(rules->handle()));
  BIO* const bio = BIO_new(socket_method());
  if (!ssl || !bio) return fail(crypto::kCryptoCall, crypto::drain_errors());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_connect_state(ssl.get());
  constexpr std::uint8_t kOnlyHttp1[] = "\x08http/1.1";
  if (only_http1 && SSL_set_alpn_protos(ssl.get(), kOnlyHttp1, sizeof kOnlyHttp1 - 1) != 0)
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  // RFC 6066 3: an address is no name.
  if (!rules->name().empty() && !crypto::parse_host_address(rules->name()) &&
      SSL_set_tlsext_host_name(ssl.get(), rules->name().c_str()) != 1)
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  if (const crypto::SslSession known = rules->take_session()) SSL_set_session(ssl.get(), known.get());
  return ClientSocket(std::move(rules), std::move(ssl));
}

Result<ClientSocket::Step> ClientSocket::handshake() {
  ERR_clear_error();
  const int n = SSL_do_handshake(ssl_.get());
  if (n == 1) {
    SSL_set_shed_handshake_config(ssl_.get(), 1);
    return Step::done;
  }
  switch (SSL_get_error(ssl_.get(), n)) {
    case SSL_ERROR_WANT_READ:
      return Step::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Step::wants_write;
    default:
      break;
  }
  const unsigned long first = ERR_peek_error();
  std::string why = crypto::drain_errors();
  if (ERR_GET_LIB(first) == ERR_LIB_SSL && ERR_GET_REASON(first) == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return fail(kServerNotTrusted, X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get())));
  if (why.empty()) why = errno != 0 && n < 0 ? "the connection broke" : "the server closed the connection";
  return fail(kServerHandshake, std::move(why));
}

std::ptrdiff_t ClientSocket::read(std::span<std::byte> room) {
  std::size_t got = 0;
  while (got < room.size() && !ended_) {
    ERR_clear_error();
    const std::size_t left = std::min<std::size_t>(room.size() - got, INT_MAX);
    const int n = SSL_read(ssl_.get(), room.data() + got, static_cast<int>(left));
    if (n > 0) {
      got += static_cast<std::size_t>(n);
      continue;
    }
    switch (SSL_get_error(ssl_.get(), n)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        if (got != 0) return static_cast<std::ptrdiff_t>(got);
        errno = EAGAIN;
        return -1;
      case SSL_ERROR_ZERO_RETURN:
        ended_ = true;
        break;
      default:
        ended_ = true;
        end_ = EPROTO;
    }
  }
  if (got != 0 || end_ == 0) return static_cast<std::ptrdiff_t>(got);
  errno = end_;
  return -1;
}

std::ptrdiff_t ClientSocket::write(Bytes plain) {
  std::size_t taken = 0;
  while (taken < plain.size()) {
    ERR_clear_error();
    const std::size_t left = std::min<std::size_t>(plain.size() - taken, INT_MAX);
    const int n = SSL_write(ssl_.get(), plain.data() + taken, static_cast<int>(left));
    if (n > 0) {
      taken += static_cast<std::size_t>(n);
      continue;
    }
    if (taken != 0) break;
    const int why = SSL_get_error(ssl_.get(), n);
    errno = why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ ? EAGAIN : EPIPE;
    return -1;
  }
  return static_cast<std::ptrdiff_t>(taken);
}

void ClientSocket::close() {
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string_view ClientSocket::alpn() const {
  const std::uint8_t* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  const std::string_view chosen(reinterpret_cast<const char*>(name), size);
  return chosen == "h2" ? "h2" : chosen.empty() ? "" : "http/1.1";
}

}  // namespace sally::tls
