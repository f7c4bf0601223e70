#include "cert/fetch.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "base/ascii.h"
#include "base/number.h"
#include "base/time.h"
#include "crypto/host_match.h"
#include "os/fd.h"
#include "os/os_error.h"

namespace sally::cert {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* a) const noexcept { ::freeaddrinfo(a); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

constexpr std::size_t kMostCertificates = 20;

/// False at the deadline.
bool wait_for(int fd, short events, TimePoint deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd one{fd, events, 0};
    const int n = ::poll(&one, 1, static_cast<int>(left));
    if (n > 0) return true;
    if (n < 0 && errno != EINTR) return false;
  }
}

Result<Addresses> look_up(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int why = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (why != 0) return fail(kNoAddress, fmt::format("{}: {}", endpoint.host, ::gai_strerror(why)));
  return Addresses(found);
}

std::string address_text(const addrinfo& a) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (::getnameinfo(a.ai_addr, a.ai_addrlen, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "?";
  return a.ai_family == AF_INET6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

/// A connected socket that does not block, or -1 with the reason added to `tried`.
Fd connect_to(const addrinfo& a, TimePoint deadline, std::string& tried) {
  const auto note = [&](int error_number) {
    if (!tried.empty()) tried += "; ";
    tried += address_text(a) + ": " + errno_text(error_number);
  };
  Fd fd(::socket(a.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) {
    note(errno);
    return {};
  }
  if (::connect(fd.get(), a.ai_addr, a.ai_addrlen) == 0) return fd;
  int why = errno;
  if (why == EINPROGRESS) {
    socklen_t size = sizeof why;
    if (!wait_for(fd.get(), POLLOUT, deadline))
      why = ETIMEDOUT;
    else if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &why, &size) != 0)
      why = errno;
    if (why == 0) return fd;
  }
  note(why);
  return {};
}

Result<crypto::SslCtx> client_rules() {
  crypto::SslCtx rules(SSL_CTX_new(TLS_client_method()));
  // h2 and http/1.1: servers with strict ALPN refuse a client that offers neither.
  static constexpr std::uint8_t kAlpn[] = "\x02h2\x08http/1.1";
  const bool done = rules && SSL_CTX_set_min_proto_version(rules.get(), TLS1_VERSION) == 1 &&
                    SSL_CTX_set1_groups_list(rules.get(), "X25519MLKEM768:X25519:P-256:P-384:P-521") == 1 &&
                    SSL_CTX_set_alpn_protos(rules.get(), kAlpn, sizeof kAlpn - 1) == 0;
  if (!done) return fail(crypto::kCryptoCall, crypto::drain_errors());
  // What is shown is to be described, also when it is wrong.
  SSL_CTX_set_verify(rules.get(), SSL_VERIFY_NONE, nullptr);
  return rules;
}

std::string handshake_fault(int error, int system_error) {
  const std::string library = crypto::drain_errors();
  if (library.contains("WRONG_VERSION_NUMBER") || library.contains("HTTP_REQUEST"))
    return "the answer is no TLS: this port speaks plain text, or wants STARTTLS first";
  if (error == SSL_ERROR_SYSCALL && library.empty())
    return system_error != 0 ? "the connection broke: " + errno_text(system_error)
                             : "the server closed the connection";
  if (error == SSL_ERROR_ZERO_RETURN) return "the server closed the connection";
  return library;
}

Result<> shake_hands(SSL& ssl, int fd, TimePoint deadline) {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int n = SSL_connect(&ssl);
    if (n == 1) return {};
    const int system_error = errno;
    const int error = SSL_get_error(&ssl, n);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
      return fail(kNoHandshake, handshake_fault(error, system_error));
    if (!wait_for(fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline))
      return fail(kFetchTimeout, "during the TLS handshake");
  }
}

bool has_shown(const SSL& ssl) {
  const STACK_OF(CRYPTO_BUFFER)* shown = SSL_get0_peer_certificates(&ssl);
  return shown && sk_CRYPTO_BUFFER_num(shown) > 0;
}

Result<Fetched> read_result(SSL& ssl, std::string address) {
  Fetched out;
  const STACK_OF(CRYPTO_BUFFER)* shown = SSL_get0_peer_certificates(&ssl);
  for (std::size_t i = 0; shown && i < sk_CRYPTO_BUFFER_num(shown) && i < kMostCertificates; ++i) {
    const CRYPTO_BUFFER* one = sk_CRYPTO_BUFFER_value(shown, i);
    TRY(crypto::Certificate certificate,
        crypto::Certificate::from_der(as_bytes(std::span(CRYPTO_BUFFER_data(one), CRYPTO_BUFFER_len(one)))));
    out.certificates.push_back(std::move(certificate));
  }
  if (out.certificates.empty()) return fail(kNoHandshake, "the server showed no certificate");
  const std::uint8_t* alpn = nullptr;
  unsigned alpn_size = 0;
  SSL_get0_alpn_selected(&ssl, &alpn, &alpn_size);
  const char* group = SSL_get_group_name(SSL_get_group_id(&ssl));
  const SSL_CIPHER* suite = SSL_get_current_cipher(&ssl);
  out.handshake = {std::move(address), SSL_get_version(&ssl), suite ? SSL_CIPHER_standard_name(suite) : "",
                   group ? group : "", std::string(reinterpret_cast<const char*>(alpn), alpn_size)};
  return out;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto bad = [&] { return fail(kBadEndpoint, "\"" + std::string(text) + "\""); };
  std::string_view rest = text;
  const std::size_t scheme = rest.find("://");
  if (scheme != std::string_view::npos) {
    if (!ascii_iequals(rest.substr(0, scheme), "https")) return bad();
    rest.remove_prefix(scheme + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  }
  Endpoint out;
  if (const auto address = crypto::parse_host_address(rest); address && address->size == 16) {
    out.host = rest.starts_with('[') ? rest.substr(1, rest.size() - 2) : rest;
    return out;
  }
  const std::size_t colon = rest.rfind(':');
  std::string_view host = rest.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto port = parse_number<std::uint16_t>(rest.substr(colon + 1));
    if (!port || *port == 0) return bad();
    out.port = *port;
  }
  const auto address = crypto::parse_host_address(host);
  if (host.starts_with('[') && !address) return bad();
  if (!address && !crypto::is_dns_name(host)) return bad();
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  out.host = host;
  return out;
}

Result<Fetched> fetch_certificates(const Endpoint& endpoint, std::chrono::milliseconds patience) {
  TRY(const Addresses addresses, look_up(endpoint));
  const TimePoint deadline = Clock::now() + patience;
  std::string tried;
  Fd fd;
  const addrinfo* at = addresses.get();
  for (; at; at = at->ai_next) {
    // The first addresses must leave time for the last: a dead IPv6 route is common.
    const TimePoint share = at->ai_next ? Clock::now() + (deadline - Clock::now()) / 2 : deadline;
    if ((fd = connect_to(*at, share, tried))) break;
  }
  if (!fd) return fail(kCannotConnect, tried);

  TRY(const crypto::SslCtx rules, client_rules());
  const crypto::Ssl ssl(SSL_new(rules.get()));
  const bool named = !crypto::parse_host_address(endpoint.host);
  // RFC 6066 3: the name goes without a trailing dot.
  const std::string name =
      endpoint.host.ends_with('.') ? endpoint.host.substr(0, endpoint.host.size() - 1) : endpoint.host;
  if (!ssl || SSL_set_fd(ssl.get(), fd.get()) != 1 ||
      (named && SSL_set_tlsext_host_name(ssl.get(), name.c_str()) != 1))
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  // A server that wants a certificate of ours breaks off, but has shown its own by then.
  if (auto done = shake_hands(*ssl, fd.get(), deadline); !done && !has_shown(*ssl))
    return std::unexpected(std::move(done).error());
  return read_result(*ssl, address_text(*at));
}

}  // namespace sally::cert
