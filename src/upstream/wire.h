// upstream/wire.h - a connected socket to a backend, with TLS or without.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "os/fd.h"
#include "tls/client_socket.h"

namespace sally::upstream {

/// Never waits. Owns the socket.
class Wire {
 public:
  Wire() = default;
  explicit Wire(Fd socket) : fd_(std::move(socket)) {}
  /// After the handshake; `tls` works on `socket`.
  Wire(Fd socket, tls::ClientSocket tls) : fd_(std::move(socket)), tls_(std::move(tls)) {}

  int fd() const { return fd_.get(); }
  bool secure() const { return tls_.has_value(); }
  std::string_view alpn() const { return tls_ ? tls_->alpn() : std::string_view(); }
  /// As recv(2) and send(2); EAGAIN is in errno when nothing moves now.
  std::ptrdiff_t read(std::span<std::byte> room);
  std::ptrdiff_t write(Bytes bytes);
  /// An end was seen behind the bytes that read() gave last, of which the socket tells nothing any more.
  bool ended() const { return tls_ && tls_->ended(); }
  /// Nothing more will be sent; the backend sees the end, behind what write() took.
  void end_sending();
  void close();

 private:
  Fd fd_;
  std::optional<tls::ClientSocket> tls_;
};

}  // namespace sally::upstream
