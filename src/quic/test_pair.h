// quic/test_pair.h - a client's connection and a server's, and the datagrams between them. For tests only.
#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "quic/client_connection.h"
#include "quic/test_client.h"

namespace sally::quic {

inline Path client_path() { return {test_path().remote, test_path().local}; }

/// Asks for example.com.
inline crypto::Ssl test_client_tls(SSL_CTX* context, bool believes = true) {
  SSL_CTX_set_custom_verify(
      context, SSL_VERIFY_PEER,
      believes ? [](SSL*, std::uint8_t*) { return ssl_verify_ok; }
               : [](SSL*, std::uint8_t*) { return ssl_verify_invalid; });
  crypto::Ssl ssl(SSL_new(context));
  SSL_set_connect_state(ssl.get());
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const std::uint8_t*>("\x02h3"), 3);
  SSL_set_tlsext_host_name(ssl.get(), "example.com");
  return ssl;
}

class TestPair {
 public:
  /// Nobody's ends: for connections that come to nothing.
  struct Ignored final : ClientEvents, StreamSource {
    Fault on_handshake() override { return std::nullopt; }
    Fault on_stream_data(std::int64_t, Bytes, bool) override { return std::nullopt; }
    Fault on_acknowledged(std::int64_t, std::uint64_t) override { return std::nullopt; }
    Fault on_reset(std::int64_t, std::uint64_t) override { return std::nullopt; }
    Fault on_closed(std::int64_t, std::uint64_t) override { return std::nullopt; }
    Fault on_room(std::int64_t) override { return std::nullopt; }
    std::expected<void, std::uint64_t> next(Next&) override { return {}; }
    void sent(std::int64_t, std::size_t) override {}
    void blocked(std::int64_t) override {}
    void shut(std::int64_t) override {}
  };

  TestPair(ClientEvents& events, StreamSource& source, const Connection::Parts& server_parts,
           std::uint32_t version = kVersion1, bool believes = true)
      : parts_(server_parts), context_(SSL_CTX_new(TLS_method())) {
    ClientWish wish;
    wish.path = client_path();
    wish.version = version;
    wish.ssl = test_client_tls(context_.get(), believes);
    wish.handshake_timeout = 10s;
    client = connect(events, source, parts_.config, std::move(wish), now).value();
  }

  /// Carries until nothing is on its way and no timer is due within 100 ms of the tests' clock.
  void run() {
    for (int idle = 0, rounds = 0; idle < 20 && rounds < 5000; ++rounds) {
      bool moved = carry(*client, true);
      if (server) moved = carry(*server, false) || moved;
      moved = carry(*client, true) || moved;
      now += 5ms;
      client->expire(now);
      if (server) server->expire(now);
      idle = moved ? 0 : idle + 1;
    }
  }
  bool carry(Connection& from, bool to_server) {
    Pile pile;
    from.produce(pile, now);
    for (const std::string& one : pile.datagrams) {
      ++count;
      if (lose(count)) continue;
      if (to_server)
        deliver(one);
      else
        client->receive(client_path(), as_bytes(one), 0, now);
    }
    return !pile.datagrams.empty();
  }
  void deliver(const std::string& one) {
    if (!server || server->gone()) accept(one);  // ngtcp2 wants the beginning of a hello first
    if (server) server->receive(test_path(), as_bytes(one), 0, now);
  }

  /// A token of a Retry, and what the client called the server first.
  struct Proof {
    std::string token, first_destination;
  };
  TimePoint now = TimePoint(1h);
  std::unique_ptr<Connection> client, server;
  std::optional<Proof> proof;
  std::size_t count = 0;  ///< datagrams, both ways
  std::function<bool(std::size_t)> lose = [](std::size_t) { return false; };
  std::function<void(Connection&)> on_accept = [](Connection&) {};

 private:
  void accept(const std::string& one) {
    ngtcp2_pkt_hd head;
    if (ngtcp2_accept(&head, as_u8(as_bytes(one)), one.size()) != 0) return;
    Arrival arrival;
    arrival.path = test_path();
    arrival.version = head.version;
    arrival.client_id = as_bytes(std::span(head.scid.data, head.scid.datalen));
    arrival.destination = as_bytes(std::span(head.dcid.data, head.dcid.datalen));
    if (proof) {
      arrival.of_retry = arrival.validated = true;
      arrival.token = proof->token;
      arrival.first_destination = as_bytes(proof->first_destination);
    }
    server = Connection::accept(parts_, arrival, now).value();
    on_accept(*server);
  }

  const Connection::Parts parts_;
  crypto::SslCtx context_;
};

}  // namespace sally::quic
