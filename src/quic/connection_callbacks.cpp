// What ngtcp2 tells of a connection.
#include <algorithm>
#include <utility>

#include "crypto/entropy.h"
#include "quic/connection.h"

namespace sally::quic {

struct ConnectionCallbacks {
  static Connection& of(void* user) { return *static_cast<Connection*>(user); }

  /// Runs what may throw; an exception waits in the connection until ngtcp2 has returned, which is C.
  template <typename F>
  static int guarded(void* user, F call) {
    Connection& c = of(user);
    try {
      if (const ConnectionEvents::Fault fault = call(c)) {
        c.fault_ = fault;
        return NGTCP2_ERR_CALLBACK_FAILURE;
      }
    } catch (...) {
      c.thrown_ = std::current_exception();
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    return 0;
  }
  static constexpr std::nullopt_t kNoFault = std::nullopt;

  static int client_initial(ngtcp2_conn* conn, const ngtcp2_cid* destination, void*) {
    return install_initial_keys(conn, *destination);
  }

  static int crypto_data(ngtcp2_conn*, ngtcp2_encryption_level level, std::uint64_t, const std::uint8_t* data,
                         std::size_t size, void* user) {
    int rv = 0;
    const Bytes bytes = as_bytes(std::span(data, size));
    const int thrown = guarded(user, [&](Connection& c) -> ConnectionEvents::Fault {
      rv = c.tls_.begun() ? c.tls_.take(level, bytes) : c.take_hello(bytes);
      return kNoFault;
    });
    return thrown != 0 ? thrown : rv;
  }

  static int handshake_completed(ngtcp2_conn*, void* user) {
    return guarded(user, [](Connection& c) {
      c.handshake_done_ = true;
      return c.parts_.events.on_handshake();
    });
  }

  static int stream_data(ngtcp2_conn*, std::uint32_t flags, std::int64_t stream, std::uint64_t,
                         const std::uint8_t* data, std::size_t size, void* user, void*) {
    return guarded(user, [&](Connection& c) {
      return c.parts_.events.on_stream_data(stream, as_bytes(std::span(data, size)),
                                            (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0);
    });
  }

  static int acknowledged(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t size, void* user,
                          void*) {
    return guarded(user, [&](Connection& c) { return c.parts_.events.on_acknowledged(stream, size); });
  }

  static int stream_close(ngtcp2_conn*, std::uint32_t flags, std::int64_t stream, std::uint64_t error,
                          void* user, void*) {
    const bool told = (flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) != 0;
    return guarded(user, [&](Connection& c) { return c.parts_.events.on_closed(stream, told ? error : 0); });
  }

  static int stream_reset(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t error, void* user,
                          void*) {
    return guarded(user, [&](Connection& c) { return c.parts_.events.on_reset(stream, error); });
  }

  static int more_stream_data(ngtcp2_conn*, std::int64_t stream, std::uint64_t, void* user, void*) {
    return guarded(user, [&](Connection& c) { return c.parts_.events.on_room(stream); });
  }

  static void random(std::uint8_t* to, std::size_t size, const ngtcp2_rand_ctx*) {
    crypto::fill_random(std::as_writable_bytes(std::span(to, size)));
  }

  static int new_id(ngtcp2_conn*, ngtcp2_cid* to, std::uint8_t* token, std::size_t, void* user) {
    return guarded(user, [&](Connection& c) -> ConnectionEvents::Fault {
      const ConnectionId id = c.parts_.ids.make(c.parts_.worker);
      ngtcp2_cid_init(to, id.data(), id.size());
      std::ranges::copy(c.parts_.ids.reset_token(std::as_bytes(std::span(id))), token);
      c.parts_.events.on_id(id);
      return kNoFault;
    });
  }

  static int id_gone(ngtcp2_conn*, const ngtcp2_cid* id, void* user) {
    return guarded(user, [&](Connection& c) -> ConnectionEvents::Fault {
      c.parts_.events.on_id_gone(as_bytes(std::span(id->data, id->datalen)));
      return kNoFault;
    });
  }

  static int challenge(ngtcp2_conn*, std::uint8_t* to, void*) {
    random(to, NGTCP2_PATH_CHALLENGE_DATALEN, nullptr);
    return 0;
  }

  static void qlog(void* user, std::uint32_t, const void* records, std::size_t size) {
    of(user).qlog_->add({static_cast<const char*>(records), size});
  }

  static ngtcp2_callbacks make() {
    ngtcp2_callbacks made{};
    set_crypto_callbacks(made);
    made.recv_client_initial = client_initial;
    made.recv_crypto_data = crypto_data;
    made.handshake_completed = handshake_completed;
    made.recv_stream_data = stream_data;
    made.acked_stream_data_offset = acknowledged;
    made.stream_close = stream_close;
    made.stream_reset = stream_reset;
    made.extend_max_stream_data = more_stream_data;
    made.rand = random;
    made.get_new_connection_id = new_id;
    made.remove_connection_id = id_gone;
    made.get_path_challenge_data = challenge;
    // No server ever changes the version of a connection here: the client's choice holds.
    made.version_negotiation = [](ngtcp2_conn*, std::uint32_t, const ngtcp2_cid*, void*) {
      return NGTCP2_ERR_CALLBACK_FAILURE;
    };
    return made;
  }
};

ngtcp2_qlog_write Connection::record(Bytes first_destination) {
  if (parts_.qlog) qlog_ = parts_.qlog->begin(first_destination);
  return qlog_ ? ConnectionCallbacks::qlog : nullptr;
}

const ngtcp2_callbacks& connection_callbacks() {
  static const ngtcp2_callbacks callbacks = ConnectionCallbacks::make();
  return callbacks;
}

}  // namespace sally::quic
