#include "cert/fetch.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <thread>

#include "crypto/issue.h"
#include "os/fd.h"

namespace sally::cert {
namespace {

using namespace std::chrono_literals;
using crypto::Certificate;
using crypto::PrivateKey;

/// A listener on a port of the system's choice whose one connection is handled by `serve` on a thread.
class OneConnection {
 public:
  explicit OneConnection(std::function<void(int)> serve)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 4), 0);
    EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, serve = std::move(serve)] {
      const Fd fd(::accept(listener_.get(), nullptr, nullptr));
      serve(fd.get());
    });
  }
  Endpoint endpoint() const { return {"127.0.0.1", port_}; }

 private:
  Fd listener_;
  std::uint16_t port_ = 0;
  std::jthread thread_;  // joined before the listener closes
};

struct Identity {
  PrivateKey key = *PrivateKey::generate(crypto::NewKey::p256);
  Certificate certificate = make();

  Certificate make() const {
    crypto::CertificateDraft draft;
    draft.common_name = "fetch test";
    draft.names = {"fetch.example", "127.0.0.1"};
    draft.not_before = WallClock::now() - 1h;
    draft.not_after = WallClock::now() + 24h;
    return *crypto::issue(draft, key, {nullptr, key});
  }
};

/// The server side of one handshake by the TLS library itself. Returns the SNI that came.
std::string serve_tls(int fd, const Identity& identity, int version, bool wants_client_certificate) {
  const crypto::SslCtx rules(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_max_proto_version(rules.get(), static_cast<std::uint16_t>(version));
  SSL_CTX_use_certificate(rules.get(), identity.certificate.handle());
  SSL_CTX_use_PrivateKey(rules.get(), identity.key.handle());
  if (wants_client_certificate)
    SSL_CTX_set_verify(rules.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  const crypto::Ssl ssl(SSL_new(rules.get()));
  SSL_set_fd(ssl.get(), fd);
  SSL_accept(ssl.get());
  const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
  std::string out = name ? name : "";
  char rest;
  static_cast<void>(::recv(fd, &rest, 1, 0));  // the client closes first
  ERR_clear_error();
  return out;
}

TEST(Fetch, BringsTheCertificateAndTheHandshake) {
  const Identity identity;
  std::string name = "unset";
  {
    OneConnection server([&](int fd) { name = serve_tls(fd, identity, TLS1_3_VERSION, false); });
    const auto got = fetch_certificates(server.endpoint(), 30s);
    ASSERT_TRUE(got) << got.error().text();
    ASSERT_EQ(got->certificates.size(), 1u);
    EXPECT_EQ(got->certificates[0], identity.certificate);
    EXPECT_EQ(got->handshake.version, "TLSv1.3");
    EXPECT_EQ(got->handshake.address, "127.0.0.1:" + std::to_string(server.endpoint().port));
    EXPECT_FALSE(got->handshake.suite.empty());
    EXPECT_FALSE(got->handshake.group.empty());
  }
  EXPECT_EQ(name, "") << "RFC 6066 3: no SNI for an address";
}

TEST(Fetch, SendsTheNameWithoutItsLastDot) {
  const Identity identity;
  std::string name;
  {
    OneConnection server([&](int fd) { name = serve_tls(fd, identity, TLS1_2_VERSION, false); });
    const auto got = fetch_certificates({"localhost", server.endpoint().port}, 30s);
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_EQ(got->handshake.version, "TLSv1.2");
  }
  EXPECT_EQ(name, "localhost");
}

TEST(Fetch, ServerThatWantsAClientCertificateStillShowsItsOwn) {
  const Identity identity;
  OneConnection server([&](int fd) { serve_tls(fd, identity, TLS1_2_VERSION, true); });
  const auto got = fetch_certificates(server.endpoint(), 30s);
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(got->certificates[0], identity.certificate);
}

TEST(Fetch, PlainTextPortIsNamedAsSuch) {
  OneConnection server([](int fd) {
    char request[2000];
    static_cast<void>(::recv(fd, request, sizeof request, 0));
    static_cast<void>(::send(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MSG_NOSIGNAL));
    while (::recv(fd, request, sizeof request, 0) > 0) {
    }
  });
  const auto got = fetch_certificates(server.endpoint(), 30s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind().id, "cert.handshake_failed");
  EXPECT_NE(got.error().text().find("speaks plain text"), std::string::npos) << got.error().text();
}

TEST(Fetch, ServerThatClosesOrIsSilent) {
  {
    OneConnection server([](int fd) {
      char hello[4000];
      static_cast<void>(::recv(fd, hello, sizeof hello, 0));
    });
    EXPECT_EQ(fetch_certificates(server.endpoint(), 30s).error().kind().id, "cert.handshake_failed");
  }
  OneConnection server([](int fd) {
    char hello[4000];
    while (::recv(fd, hello, sizeof hello, 0) > 0) {
    }
  });
  EXPECT_EQ(fetch_certificates(server.endpoint(), 100ms).error().kind().id, "cert.timeout");
}

TEST(Fetch, NobodyThere) {
  Fd bound(::socket(AF_INET, SOCK_STREAM, 0));  // bound and not listening: connecting is refused
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(bound.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(bound.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto got = fetch_certificates({"127.0.0.1", ntohs(address.sin_port)}, 30s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind().id, "cert.cannot_connect");
  EXPECT_NE(got.error().text().find("127.0.0.1:"), std::string::npos);
  EXPECT_NE(got.error().text().find("refused"), std::string::npos);
}

TEST(Endpoint, Forms) {
  struct Case {
    std::string_view text, host;
    std::uint16_t port;
  };
  constexpr Case kCases[] = {{"example.com", "example.com", 443},
                             {"example.com:8443", "example.com", 8443},
                             {"https://example.com", "example.com", 443},
                             {"HTTPS://example.com:1/x?y#z", "example.com", 1},
                             {"https://user@example.com/", "example.com", 443},
                             {"localhost", "localhost", 443},
                             {"127.0.0.1:5", "127.0.0.1", 5},
                             {"::1", "::1", 443},
                             {"[::1]", "::1", 443},
                             {"[2001:db8::1]:8443", "2001:db8::1", 8443},
                             {"https://[::1]:8443/", "::1", 8443}};
  for (const Case& c : kCases) {
    const auto got = parse_endpoint(c.text);
    ASSERT_TRUE(got) << c.text;
    EXPECT_EQ(got->host, c.host) << c.text;
    EXPECT_EQ(got->port, c.port) << c.text;
  }
  for (const std::string_view bad :
       {"", ":443", "a:0", "a:65536", "a:-1", "a:", "http://a", "a b", "[::1", "[a]:1", "a/b", "*.a"})
    EXPECT_FALSE(parse_endpoint(bad)) << bad;
}

}  // namespace
}  // namespace sally::cert
