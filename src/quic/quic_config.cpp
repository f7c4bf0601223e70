#include "quic/quic_config.h"

#include "config/block.h"

namespace sally::quic {

using config::Block;
using config::Count;
using config::Size;
using config::Switch;
using config::Time;
using config::Words;
using namespace std::chrono_literals;

const Block<QuicConfig>& QuicConfig::block() {
  using C = QuicConfig;
  static const Words<Congestion> kCongestion{{{"cubic", Congestion::cubic}, {"bbr", Congestion::bbr}}};
  static const Block<C> kBlock =
      Block<C>("QUIC, which carries HTTP/3, and what one connection of it may hold.")
          .key("on", &C::on, Switch{},
               "Speak HTTP/3 on the UDP port of the same number beside every port with TLS, and announce it "
               "by Alt-Svc.",
               "RFC 9114 3.1.1, RFC 7838")
          .key("max_streams", &C::max_streams, Count{1, 10'000},
               "Requests that one connection may have open at once.", "RFC 9000 4.6; nginx 128, Envoy 100")
          .key("stream_window", &C::stream_window, Size{16 * 1024, 16 * 1024 * 1024},
               "Bytes of one request's body that may be on their way to us.", "RFC 9000 4.1")
          .key("connection_window", &C::connection_window, Size{64 * 1024, 256 * 1024 * 1024},
               "Bytes of all request bodies of one connection that may be on their way to us.",
               "RFC 9000 4.1")
          .key("header_table", &C::header_table, Size{0, 64 * 1024},
               "QPACK's table of header fields, for each direction.", "RFC 9204 3.2.3")
          .key("blocked_streams", &C::blocked_streams, Count{0, 1000},
               "Requests of one connection that may wait for entries of QPACK's table.", "RFC 9204 2.1.2")
          .key("idle_timeout", &C::idle_timeout, Time{1s, 10min},
               "Silence after which a connection is forgotten.",
               "RFC 9000 10.1; HAProxy 30s, h2o 30s, nghttpx 30s")
          .key("retry_after", &C::retry_after, Count{0, 1'000'000},
               "Unfinished handshakes of one worker from which on a client must first prove its address by a "
               "Retry; 0: always.",
               "RFC 9000 8.1.2, HAProxy 100")
          .key("max_handshakes", &C::max_handshakes, Count{16, 1'000'000},
               "Unfinished handshakes of one worker; beyond it new ones are not answered.", "RFC 9000 21.2")
          .key("congestion", &C::congestion, kCongestion, "How the rate of sending follows the network.",
               "RFC 9438; HAProxy, nginx cubic")
          .block("qlog", &C::qlog, QlogConfig::block());
  return kBlock;
}

}  // namespace sally::quic
