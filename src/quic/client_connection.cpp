#include "quic/client_connection.h"

#include <utility>

#include "crypto/entropy.h"
#include "quic/library_path.h"

namespace sally::quic {
namespace {

constexpr std::size_t kFirstDestination = 16;  // RFC 9000 7.2: 8 at least, and not to be guessed
constexpr std::uint64_t kOneWayStreams = 8;    // control, QPACK twice, and some that are ignored
constexpr std::uint64_t kOneWayWindow = 64 * 1024;

const ConnectionIds& no_ids() {
  static const ConnectionIds none;
  return none;
}

ngtcp2_settings settings_of(const QuicConfig& config, const ClientWish& wish, TimePoint now) {
  ngtcp2_settings s;
  ngtcp2_settings_default(&s);
  s.initial_ts = stamp_of(now);
  s.cc_algo = config.congestion == Congestion::bbr ? NGTCP2_CC_ALGO_BBR : NGTCP2_CC_ALGO_CUBIC;
  s.handshake_timeout = static_cast<ngtcp2_duration>(Duration(wish.handshake_timeout).count());
  s.initial_rtt = static_cast<ngtcp2_duration>(Duration(wish.first_round_trip).count());
  if (wish.token.empty()) return s;
  s.token = reinterpret_cast<const std::uint8_t*>(wish.token.data());
  s.tokenlen = wish.token.size();
  s.token_type = NGTCP2_TOKEN_TYPE_NEW_TOKEN;
  return s;
}

ngtcp2_transport_params parameters_of(const QuicConfig& config) {
  ngtcp2_transport_params p;
  ngtcp2_transport_params_default(&p);
  p.initial_max_stream_data_bidi_local = config.stream_window;
  p.initial_max_stream_data_uni = kOneWayWindow;
  p.initial_max_data = config.connection_window;
  p.initial_max_streams_uni = kOneWayStreams;
  p.max_idle_timeout = static_cast<ngtcp2_duration>(Duration(config.idle_timeout).count());
  p.grease_quic_bit = 1;
  return p;
}

}  // namespace

struct ClientSide {
  static Connection& of(void* user) { return *static_cast<Connection*>(user); }
  static ClientEvents& events_of(void* user) { return static_cast<ClientEvents&>(of(user).parts_.events); }

  static int initial(ngtcp2_conn* conn, void* user) {
    const int rv = install_initial_keys(conn, *ngtcp2_conn_get_dcid(conn));
    if (rv != 0) return rv;
    auto key = retry_key(ngtcp2_conn_get_client_chosen_version(conn));
    if (!key) return NGTCP2_ERR_CALLBACK_FAILURE;
    const ngtcp2_crypto_ctx crypto = crypto_of(initial_suite());
    const ngtcp2_crypto_aead_ctx context{key->release()};  // ngtcp2 forgets it by our callbacks
    ngtcp2_conn_set_retry_aead(conn, &crypto.aead, &context);
    return of(user).tls_.begin();
  }
  static int retry(ngtcp2_conn* conn, const ngtcp2_pkt_hd* head, void*) {
    return install_initial_keys(conn, head->scid);
  }
  template <typename F>
  static int guarded(void* user, F call) {
    try {
      call(events_of(user));
    } catch (...) {
      of(user).thrown_ = std::current_exception();
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    return 0;
  }
  static int token(ngtcp2_conn*, const std::uint8_t* at, std::size_t size, void* user) {
    return guarded(user, [&](ClientEvents& e) { e.on_token(as_text(as_bytes(std::span(at, size)))); });
  }
  static int versions(ngtcp2_conn*, const ngtcp2_pkt_hd*, const std::uint32_t* at, std::size_t count,
                      void* user) {
    return guarded(user, [&](ClientEvents& e) { e.on_versions(std::span(at, count)); });
  }

  static ngtcp2_callbacks make() {
    ngtcp2_callbacks made = connection_callbacks();
    made.recv_client_initial = nullptr;
    made.client_initial = initial;
    made.recv_retry = retry;
    made.recv_new_token = token;
    made.recv_version_negotiation = versions;
    return made;
  }

  static Result<std::unique_ptr<Connection>> connect(const Connection::Parts& parts, ClientWish wish,
                                                     TimePoint now) {
    static const ngtcp2_callbacks kCallbacks = make();
    std::unique_ptr<Connection> made(new Connection(parts));
    made->path_ = wish.path;
    const auto random = crypto::random_bytes<kFirstDestination>();
    ngtcp2_cid theirs, ours;
    ngtcp2_cid_init(&theirs, as_u8(Bytes(random)), random.size());
    ngtcp2_cid_init(&ours, nullptr, 0);
    ngtcp2_settings settings = settings_of(parts.config, wish, now);
    settings.qlog_write = made->record(random);
    const ngtcp2_transport_params parameters = parameters_of(parts.config);
    const ngtcp2_path path = path_of(wish.path);
    const int rv = ngtcp2_conn_client_new(&made->conn_, &theirs, &ours, &path, wish.version, &kCallbacks,
                                          &settings, &parameters, nullptr, made.get());
    if (rv != 0) return fail(kLibrary, ngtcp2_strerror(rv));
    TRY_VOID(made->tls_.ask(made->conn_, std::move(wish.ssl)));
    return made;
  }
};

Result<std::unique_ptr<Connection>> connect(ClientEvents& events, StreamSource& source,
                                            const QuicConfig& config, ClientWish wish, TimePoint now) {
  const auto patience = wish.handshake_timeout;
  Connection::Parts parts{events, source, no_ids(), config, 0, patience, 0};
  parts.qlog = wish.qlog;
  return ClientSide::connect(parts, std::move(wish), now);
}

std::optional<std::int64_t> Connection::open_two_way() {
  std::int64_t id = -1;
  if (ngtcp2_conn_open_bidi_stream(conn_, &id, nullptr) != 0) return std::nullopt;
  return id;
}

std::uint64_t Connection::two_way_left() const { return ngtcp2_conn_get_streams_bidi_left(conn_); }

}  // namespace sally::quic
