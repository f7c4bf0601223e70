// gateway/relay/datagram_door.h - a socket of UDP on one core, and the sessions of its clients.
#pragma once
#include <array>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "crypto/keyed_hash.h"
#include "gateway/relay/datagram_counts.h"
#include "gateway/relay/datagram_relay.h"
#include "gateway/relay/datagram_session.h"
#include "proto/first_datagram.h"

namespace sally::gateway {

/// A client's address and port, and the address of ours that it asked.
using Endpoints = std::array<std::byte, 36>;

class DatagramDoor final : private DatagramsTaken, private SessionHost, private Deferred {
 public:
  DatagramDoor(DatagramRelay& relay, std::uint64_t id, std::shared_ptr<ConnectionLimits> limits, Fd socket);
  ~DatagramDoor();

  std::uint64_t id() const { return id_; }
  /// Sessions from now on. nat: it is the second port of IPsec.
  void serve(SharedDatagramGroup group, bool nat);
  /// Errors: loop.system_call, net.listen_failed.
  Result<> open();
  /// Takes nothing more and ends its sessions.
  void close();

 private:
  using Sessions = std::unordered_map<Endpoints, std::unique_ptr<DatagramSession>,
                                      std::function<std::size_t(const Endpoints&)>>;
  /// Datagrams of one session that lie behind one another.
  struct Run {
    DatagramSession* session = nullptr;
    DatagramRun datagrams;
    bool opens = false;
  };

  void on_datagram(const Datagram& datagram) override;
  void on_batch_end() override { hand_over(); }
  void answer(const DatagramSession& session, const DatagramRun& run) override;
  void confirmed(DatagramSession& session) override;
  void over(DatagramSession& session) override;
  void on_turn_end() override { buried_.clear(); }

  proto::DatagramRole role_of(Bytes datagram) const;
  DatagramSession* session_of(const Datagram& datagram);
  DatagramSession* begin(const Datagram& datagram, const Endpoints& ends);
  bool may_begin(const Datagram& datagram);
  bool admit(const SocketAddress& client);
  bool join(const Datagram& datagram, DatagramSession& session) const;
  void hand_over();
  void warn(const std::string& what);

  DatagramRelay& relay_;
  const std::uint64_t id_;
  std::shared_ptr<ConnectionLimits> limits_;
  DatagramSocket socket_;
  std::shared_ptr<DatagramCounts> counts_;
  SharedDatagramGroup group_;
  bool nat_ = false;
  crypto::KeyedHash hash_;
  Sessions sessions_;
  std::list<DatagramSession*> opening_;  ///< not confirmed, the oldest first
  std::vector<std::unique_ptr<DatagramSession>> buried_;
  Run run_;
  TimePoint told_{};
};

}  // namespace sally::gateway
