// quic/connection.h - one QUIC connection, opened by a client (client_connection.h opens others): datagrams
// in, datagrams out, never waits.
#pragma once
#include <ngtcp2/ngtcp2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "quic/connection_ids.h"
#include "quic/errors.h"
#include "quic/handshake.h"
#include "quic/path.h"
#include "quic/qlog.h"
#include "quic/quic_config.h"
#include "tls/peek.h"

namespace sally::quic {

/// What a connection tells the protocol above it. An error number is the protocol's own: the connection is
/// then closed with it (RFC 9000 20.2).
struct ConnectionEvents {
  using Fault = std::optional<std::uint64_t>;
  /// The ClientHello is whole. An error ends the connection with its kind's tls_alert.
  virtual Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek& hello) = 0;
  virtual Fault on_handshake() = 0;
  /// Part of a stream, in order. `end`: the last.
  virtual Fault on_stream_data(std::int64_t stream, Bytes bytes, bool end) = 0;
  virtual Fault on_acknowledged(std::int64_t stream, std::uint64_t bytes) = 0;
  /// The peer gave its side up.
  virtual Fault on_reset(std::int64_t stream, std::uint64_t error) = 0;
  /// Both sides have ended. error: the protocol's own, of whoever gave it up; 0: nobody did. A peer that
  /// stops reading is known by it.
  virtual Fault on_closed(std::int64_t stream, std::uint64_t error) = 0;
  /// The peer takes more of it again.
  virtual Fault on_room(std::int64_t stream) = 0;
  /// Datagrams to this id are this connection's, until on_id_gone().
  virtual void on_id(const ConnectionId& id) = 0;
  virtual void on_id_gone(Bytes id) = 0;

 protected:
  ~ConnectionEvents() = default;
};

/// Whose bytes produce() sends. Asked while there is room for them.
struct StreamSource {
  static constexpr std::size_t kPieces = 16;
  struct Next {
    std::int64_t stream = -1;  ///< -1: nothing
    std::array<ngtcp2_vec, kPieces> pieces;
    std::size_t count = 0;
    bool end = false;  ///< the stream ends with them
  };
  /// An error number closes the connection.
  virtual std::expected<void, std::uint64_t> next(Next& next) = 0;
  virtual void sent(std::int64_t stream, std::size_t bytes) = 0;
  /// The peer takes no more of it for now.
  virtual void blocked(std::int64_t stream) = 0;
  /// It can no longer be written.
  virtual void shut(std::int64_t stream) = 0;

 protected:
  ~StreamSource() = default;
};

/// What a first datagram says and what was found out about it.
struct Arrival {
  Path path;
  std::uint32_t version = 0;
  Bytes client_id;         ///< what the client calls itself
  Bytes destination;       ///< of this datagram
  std::string_view token;  ///< as sent
  bool of_retry = false;   ///< the token is one of a Retry; then first_destination is what it holds
  Bytes first_destination;
  bool validated = false;  ///< the token proves the address
};

/// Not thread-safe. Owns nothing of the network: its owner gives it datagrams and time.
class Connection {
 public:
  struct Parts {
    ConnectionEvents& events;
    StreamSource& source;
    const ConnectionIds& ids;
    const QuicConfig& config;  ///< outlives the connection
    std::uint16_t worker = 0;
    std::chrono::milliseconds handshake_timeout{};
    std::size_t hello_limit = 0;  ///< bytes of a ClientHello
    std::size_t most_of_a_stream =
        SIZE_MAX;                ///< bytes that the protocol above can hold of one: bounds the window
    QlogWriter* qlog = nullptr;  ///< records the connection, if it wants to
  };
  /// Errors: quic.library_failed.
  static Result<std::unique_ptr<Connection>> accept(const Parts& parts, const Arrival& arrival,
                                                    TimePoint now);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// A datagram of the connection.
  void receive(const Path& path, Bytes datagram, std::uint8_t ecn, TimePoint now);
  /// Sends what is due: acknowledgements, lost data again, bytes of the source. After receive(), expire() and
  /// whenever the source has more.
  void produce(DatagramSink& out, TimePoint now);
  /// When expire() is due.
  Deadline deadline() const;
  void expire(TimePoint now);
  /// Says why and ends (RFC 9000 10.2). error  the protocol's own number.
  void close(std::uint64_t error, std::string_view reason);

  /// Once it is no longer open: gives back all that its end does not need, for as long as that lasts (RFC
  /// 9000 10.2). tls() must not be asked any more.
  void forget();
  /// Nothing more will be sent or understood.
  bool gone() const { return life_ == Life::gone; }
  /// Open, and not yet closing.
  bool open() const { return life_ == Life::open; }
  /// Why it ended; null while it is open, and when it was closed by close().
  const Error* failure() const { return failure_ ? &*failure_ : nullptr; }
  bool handshake_done() const { return handshake_done_; }
  /// It ended at its first datagram, which had no beginning of a hello: that was lost or overtaken. A Retry
  /// (RFC 9000 8.1.2) makes the client say it again; OpenSSL's would else only ping until it gives up.
  bool wants_proof() const { return wants_proof_; }
  const Handshake& tls() const { return tls_; }
  const Path& path() const { return path_; }
  std::uint64_t received_bytes() const { return received_; }
  std::uint64_t sent_bytes() const { return sent_; }
  /// A later connection shows it (RFC 9000 8.1.3).
  void offer_token(std::string_view token);

  // For the protocol above:
  /// Nullopt: the peer allows no more for now.
  std::optional<std::int64_t> open_one_way();
  std::optional<std::int64_t> open_two_way();
  /// How many of these the peer allows now.
  std::uint64_t two_way_left() const;
  /// `bytes` of a stream were used up: the peer may send as many more.
  void used(std::int64_t stream, std::uint64_t bytes);
  /// Refuses what still comes, and says that nothing follows. error: the protocol's own.
  void shut(std::int64_t stream, std::uint64_t error);
  void stop_reading(std::int64_t stream, std::uint64_t error);
  /// How many streams more a peer may open, after some were closed.
  void allow_streams(std::size_t count);

 private:
  friend struct ConnectionCallbacks;  ///< ngtcp2's, in connection_callbacks.cpp
  friend struct ClientSide;           ///< the client's end, in client_connection.cpp
  enum class Life : std::uint8_t { open, closing, draining, gone };

  explicit Connection(const Parts& parts) : parts_(parts) {}
  Result<> set_up(const Arrival& arrival, TimePoint now);
  int take_hello(Bytes bytes);
  void fail_with(int library_error, TimePoint now);
  void begin_closing(TimePoint now);
  void end(Life how, TimePoint now);
  /// What the protocol above asks for while ngtcp2 is in the middle of a packet, which it must not hear then.
  struct Order {
    enum class What : std::uint8_t { used, shut, stop_reading, allow } what;
    std::int64_t stream;
    std::uint64_t number;
  };
  void obey(const Order& order);
  void ask(const Order& order);
  bool write_one(DatagramSink& out, TimePoint now, std::size_t& quantum);
  void rethrow();
  /// To be called before ngtcp2's connection is made. Null: nothing is recorded.
  ngtcp2_qlog_write record(Bytes first_destination);

  const Parts parts_;
  std::unique_ptr<QlogFile> qlog_;  ///< outlives what writes into it
  ngtcp2_conn* conn_ = nullptr;
  Handshake tls_;
  std::string hello_;  ///< until it is whole
  Path path_;
  Life life_ = Life::open;
  bool handshake_done_ = false, wants_proof_ = false;
  std::optional<Error> failure_;
  std::optional<ngtcp2_ccerr> farewell_;  ///< what is to be said
  std::string farewell_reason_;
  std::optional<std::uint64_t> fault_;  ///< of the protocol, noted inside ngtcp2
  std::vector<std::uint8_t> close_packet_;
  std::uint32_t since_close_ = 0;  ///< datagrams that came since
  bool say_close_ = false;
  TimePoint gone_at_ = kNever;
  std::uint64_t received_ = 0, sent_ = 0;
  std::vector<Order> orders_;
  bool writing_ = false;
  std::exception_ptr thrown_;  ///< by an event, carried past ngtcp2
};

/// ngtcp2's callbacks for it.
const ngtcp2_callbacks& connection_callbacks();
inline ngtcp2_tstamp stamp_of(TimePoint at) {
  return static_cast<ngtcp2_tstamp>(at.time_since_epoch().count());
}

}  // namespace sally::quic
