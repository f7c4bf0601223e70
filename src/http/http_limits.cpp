#include "http/http_limits.h"

#include "config/block.h"

namespace sally::http {

using config::Block;
using config::Count;
using config::Frequency;
using config::Size;
using config::Time;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;
/// SETTINGS_INITIAL_WINDOW_SIZE can be no larger (RFC 9113 6.5.2).
constexpr std::uint64_t kLargestWindow = 1024 * kMiB;

}  // namespace

const Block<Http2Limits>& Http2Limits::block() {
  using C = Http2Limits;
  static const Block<C> kBlock =
      Block<C>("HTTP/2: streams, windows, and floods. A flood ends its connection with ENHANCE_YOUR_CALM.")
          .key("max_streams", &C::max_streams, Count{1, 1000}, "Requests that one connection may have open.",
               "RFC 9113 5.1.2, nginx 128, HAProxy 100")
          .key("stream_window", &C::stream_window, Size{64 * kKiB, kLargestWindow},
               "Bytes of one request's body that may be on their way before we take them.", "RFC 9113 6.9.2")
          .key("connection_window", &C::connection_window, Size{64 * kKiB, kLargestWindow},
               "The same for all bodies of a connection.", "RFC 9113 6.9.2, Envoy's edge guide 1MiB")
          .key("header_table", &C::header_table, Size{0, 64 * kKiB}, "HPACK table, in each direction.",
               "RFC 7541 4.2, 4096 everywhere")
          .key("frame_bytes", &C::frame_bytes, Size{16 * kKiB, kMiB}, "Largest frame that a client may send.",
               "RFC 9113 4.2")
          .key("continuation_frames", &C::continuation_frames, Count{1, 100},
               "CONTINUATION frames of one header block.", "VU#421644, nghttp2 8")
          .key("resets", &C::resets, Frequency{},
               "Streams that end before their answer, whether the client or we reset them.",
               "CVE-2023-44487 (Rapid Reset), CVE-2025-8671 (MadeYouReset)")
          .key("settings", &C::settings, Frequency{}, "SETTINGS frames.", "CVE-2019-9515")
          .key("pings", &C::pings, Frequency{}, "PING frames.", "CVE-2019-9512")
          .key("priority_updates", &C::priority_updates, Frequency{}, "PRIORITY and PRIORITY_UPDATE frames.",
               "CVE-2019-9513, RFC 9218 7.1")
          .key("empty_frames", &C::empty_frames, Frequency{}, "Frames with no bytes that end nothing.",
               "CVE-2019-9518")
          .key("window_updates", &C::window_updates, Frequency{}, "WINDOW_UPDATE frames.",
               "CVE-2019-9511, Envoy 10 for each DATA frame")
          .key("control_queue", &C::control_queue, Count{10, 100'000},
               "Acknowledgements and resets that wait because the client does not read.",
               "nghttp2 1000, Envoy 1000");
  return kBlock;
}

namespace {

using C = HttpLimits;

void add_head(Block<C>& block) {
  block
      .key("request_line_bytes", &C::request_line_bytes, Size{kKiB, 64 * kKiB},
           "Longest request line; a longer one gets status 414.", "RFC 9112 3 asks for 8000 at least")
      .key("header_bytes", &C::header_bytes, Size{2 * kKiB, kMiB},
           "Longest head, request line and all fields; a longer one gets status 431. HTTP/2: after HPACK.",
           "RFC 6585 5, Caddy 16KiB")
      .key("header_count", &C::header_count, Count{10, 1000}, "Fields of one request.",
           "Envoy 100, HAProxy 101")
      .key("chunk_line_bytes", &C::chunk_line_bytes, Size{16, 16 * kKiB},
           "Longest line with a chunk's size and extensions.", "RFC 9112 7.1.1")
      .key("trailer_bytes", &C::trailer_bytes, Size{0, 64 * kKiB}, "All trailer fields of one request.",
           "RFC 9110 6.5")
      .key("trailer_count", &C::trailer_count, Count{0, 1000}, "Trailer fields of one request.",
           "RFC 9110 6.5")
      .key("body_bytes", &C::body_bytes, Size{1, 1024 * 1024 * kGiB, "no limit"},
           "Longest request body; a longer one gets status 413.", "RFC 9110 15.5.14")
      .key("unread_body_bytes", &C::unread_body_bytes, Size{0, kGiB},
           "HTTP/1.1: bytes of a body nobody read that are thrown away to keep the connection; more closes "
           "it.",
           "RFC 9112 9.3, Go 256KiB");
}

void add_timers(Block<C>& block) {
  block
      .key("header_timeout", &C::header_timeout, Time{1s, 10min},
           "From the first byte of a request to the end of its head.", "Slowloris; Apache Traffic Server 30s")
      .key("body_idle_timeout", &C::body_idle_timeout, Time{1s, 1h},
           "Silence within a request body. The whole body may take as long as it needs.",
           "nginx 60s, ATS 30s")
      .key("body_minimum_rate", &C::body_minimum_rate, Size{1, kGiB, "none"},
           "Bytes a second below which a request body is given up, after rate_grace.",
           "Kestrel 240, Apache 500")
      .key("send_idle_timeout", &C::send_idle_timeout, Time{1s, 1h},
           "Time without progress while an answer waits for the client to read.", "nghttpx 30s, nginx 60s")
      .key("send_minimum_rate", &C::send_minimum_rate, Size{1, kGiB, "none"},
           "Bytes a second below which an answer that waits for the client is given up, after rate_grace.",
           "Kestrel 240")
      .key("rate_grace", &C::rate_grace, Time{1s, 10min}, "Time before the minimum rates count.",
           "Kestrel 5s")
      .key("keep_alive_timeout", &C::keep_alive_timeout, Time{1s, 1h},
           "Longest silence of a connection between requests.", "nginx 75s, HTTP/2 as well")
      .key("tunnel_idle_timeout", &C::tunnel_idle_timeout, Time{1s, 168h},
           "Longest silence of a WebSocket or another tunnel, both ways. Pings of either side keep it open.",
           "RFC 6455 5.5.2; nginx 60s, Envoy 1h")
      .key("linger_timeout", &C::linger_timeout, Time{100ms, 1min},
           "After a last answer that left request bytes unread: time to read on, so that the answer arrives.",
           "RFC 9112 9.6")
      .key("parting_timeout", &C::parting_timeout, Time{0s, 1h},
           "When a site changed or a new program took over: how long an idle HTTP/1.1 connection may still "
           "ask once "
           "more. The answer says that it ends.",
           "RFC 9112 9.6")
      .key("drain_timeout", &C::drain_timeout, Time{0s, 1h},
           "At SIGTERM: time for open requests to finish; then they are cut.", "Traefik 10s, Envoy 10m");
}

void add_counts(Block<C>& block) {
  block
      .key("requests_per_connection", &C::requests_per_connection, Count{1, 1'000'000'000, "no limit"},
           "Requests after which a connection is closed in good order.", "Traefik none, nginx 1000")
      .key("output_buffer_bytes", &C::output_buffer_bytes, Size{32 * kKiB, 64 * kMiB},
           "Answer bytes that one connection may hold in memory before its handlers must wait.",
           "Envoy's edge guide 32KiB")
      .key("max_connections", &C::max_connections, Count{16, 10'000'000},
           "Open connections of the whole process; beyond it new ones are closed at once.",
           "Envoy's edge guide 50000")
      .key("max_connections_per_address", &C::max_connections_per_address, Count{1, 10'000'000, "no limit"},
           "Open connections from one IPv4 address or IPv6 /64. Clients on this machine are not counted.",
           "RFC 4291 2.5.4 (a /64 is one network)");
}

}  // namespace

const Block<HttpLimits>& HttpLimits::block() {
  static const Block<C> kBlock = [] {
    Block<C> block("How much a client may send, how slowly, and how much it may hold open.");
    add_head(block);
    add_timers(block);
    add_counts(block);
    block.block("h2", &C::h2, Http2Limits::block());
    return block;
  }();
  return kBlock;
}

const Block<HttpLimits>& HttpLimits::site_block() {
  static const Block<C> kBlock =
      block().only("What a client of this site may send, where it differs from [limits].", "as in [limits]",
                   {"body_bytes", "body_idle_timeout", "body_minimum_rate", "send_idle_timeout",
                    "send_minimum_rate", "rate_grace"});
  return kBlock;
}

}  // namespace sally::http
