#include "tls/server_session.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tls/bio_method.h"

namespace sally::tls {
namespace {

using namespace std::chrono_literals;
constexpr std::uint8_t kKeyUpdate = 24;

int read_bytes(BIO* bio, char* to, int size) {
  auto* io = static_cast<CoreIo*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (io->in.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t n = std::min(io->in.size(), static_cast<std::size_t>(size));
  std::memcpy(to, io->in.data(), n);
  io->in = io->in.subspan(n);
  return static_cast<int>(n);
}

int write_bytes(BIO* bio, const char* from, int size) {
  auto* io = static_cast<CoreIo*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  return io->out->append(as_bytes(std::string_view(from, static_cast<std::size_t>(size)))) ? size : -1;
}

const BIO_METHOD* core_method() {
  static const BIO_METHOD* const method = make_bio_method("core", read_bytes, write_bytes);
  return method;
}

}  // namespace

CoreIo::CoreIo() : bio(BIO_new(core_method())) { BIO_set_data(bio.get(), this); }

ServerSession::ServerSession(std::shared_ptr<const ServerIdentity> identity, CoreIo& io, crypto::Ssl ssl)
    : identity_(std::move(identity)), io_(&io), ssl_(std::move(ssl)) {}

Result<ServerSession> ServerSession::make(std::shared_ptr<const ServerIdentity> identity, CoreIo& io,
                                          const Application* inside) {
  crypto::Ssl ssl(SSL_new(identity->handle()));
  if (!ssl || !SSL_set_ex_data(ssl.get(), application_index(), const_cast<Application*>(inside)))
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  BIO_up_ref(io.bio.get());
  SSL_set_bio(ssl.get(), io.bio.get(), io.bio.get());  // takes that one reference for both directions
  SSL_set_accept_state(ssl.get());
  SSL_set_shed_handshake_config(ssl.get(), 1);
  return ServerSession(std::move(identity), io, std::move(ssl));
}

Error ServerSession::explain(const ErrorKind& otherwise) const {
  const unsigned long code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  const bool alert = ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET;
  const char* const words = ERR_reason_error_string(code);
  std::string detail = words ? words : "the connection ended";
  ERR_clear_error();
  return Error(alert ? kPeerAlert : otherwise, WirePos{}, std::move(detail), std::source_location::current());
}

Result<bool> ServerSession::handshake() {
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) {
    SSL_set_msg_callback(ssl_.get(), count_messages);
    return true;
  }
  if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) return false;
  return std::unexpected(explain(kHandshakeFailed));
}

void ServerSession::count_messages(int is_write, int, int type, const void* bytes, std::size_t size, SSL*,
                                   void* session) {
  if (is_write || type != SSL3_RT_HANDSHAKE || size == 0 ||
      *static_cast<const std::uint8_t*>(bytes) != kKeyUpdate)
    return;
  ++static_cast<ServerSession*>(session)->key_updates_;
}

Result<ServerSession::Read> ServerSession::read(std::span<std::byte> room, TimePoint now) {
  // The session may have moved since the last call, so the callback learns its place each time.
  SSL_set_msg_callback_arg(ssl_.get(), this);
  const int n = SSL_read(ssl_.get(), room.data(), static_cast<int>(room.size()));
  if (key_updates_ != 0) {
    if (now - key_updates_since_ > 1s) {
      key_updates_since_ = now;
      key_updates_ = std::min(key_updates_, 1u);
    }
    if (key_updates_ > identity_->config().key_update_limit)
      return fail(kTooManyKeyUpdates,
                  "the limit is " + std::to_string(identity_->config().key_update_limit) + " a second");
  }
  if (n > 0) return Read{static_cast<std::size_t>(n), false};
  switch (SSL_get_error(ssl_.get(), n)) {
    case SSL_ERROR_WANT_READ:
      return Read{};
    case SSL_ERROR_ZERO_RETURN:
      return Read{0, true};
    default:
      return std::unexpected(explain(kBadRecord));
  }
}

Result<> ServerSession::write(Bytes plain) {
  const int n = SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
  if (n == static_cast<int>(plain.size())) return {};
  return fail(crypto::kCryptoCall, "SSL_write: " + crypto::drain_errors());
}

void ServerSession::close() {
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string_view ServerSession::version() const { return SSL_get_version(ssl_.get()); }
std::string_view ServerSession::suite() const {
  return SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl_.get()));
}

std::string_view ServerSession::group() const {
  const std::uint16_t id = SSL_get_group_id(ssl_.get());
  const char* const name = id == 0 ? nullptr : SSL_get_group_name(id);
  return name ? name : "";
}

std::string_view ServerSession::alpn() const {
  const std::uint8_t* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  // Our own literals, so that the text outlives the session.
  const std::string_view chosen(reinterpret_cast<const char*>(name), size);
  if (const void* const inside = SSL_get_ex_data(ssl_.get(), application_index()))
    return chosen.empty() ? "" : static_cast<const Application*>(inside)->alpn;
  return chosen == "h2" ? "h2" : chosen.empty() ? "" : "http/1.1";
}

bool ServerSession::resumed() const { return SSL_session_reused(ssl_.get()); }

void write_plain_alert(std::uint8_t description, OutBuffer& out) {
  const std::array<std::uint8_t, 7> record = {21, 3, 3, 0, 2, 2, description};
  out.append(as_bytes(std::span<const std::uint8_t>(record)));
}

}  // namespace sally::tls
