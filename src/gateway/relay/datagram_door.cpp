#include "gateway/relay/datagram_door.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sally::gateway {

using namespace std::chrono_literals;
using proto::DatagramRole;
using Speaks = DatagramPort::Speaks;

namespace {

constexpr std::size_t kMostSegments = 64;        // UDP_MAX_SEGMENTS
constexpr std::size_t kMostBytes = 65'535 - 28;  // of one message, IPv4 and UDP headers beside it

void put_host(std::byte* to, const SocketAddress& address) {
  if (address.family() == AF_INET6)
    std::memcpy(to, &reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_addr, 16);
  else
    std::memcpy(to, &reinterpret_cast<const sockaddr_in*>(address.get())->sin_addr, 4);
}

Endpoints endpoints_of(const Datagram& datagram) {
  Endpoints out{};
  put_host(out.data(), datagram.remote);
  put_host(out.data() + 16, datagram.local);
  const std::uint16_t port = datagram.remote.port();
  std::memcpy(out.data() + 32, &port, sizeof port);
  return out;
}

}  // namespace

DatagramDoor::DatagramDoor(DatagramRelay& relay, std::uint64_t id, std::shared_ptr<ConnectionLimits> limits,
                           Fd socket)
    : relay_(relay),
      id_(id),
      limits_(std::move(limits)),
      socket_(relay.parts().loop, std::move(socket), relay.buffers(), *this),
      sessions_(8, [this](const Endpoints& ends) { return static_cast<std::size_t>(hash_(ends)); }) {}

DatagramDoor::~DatagramDoor() { close(); }

void DatagramDoor::serve(SharedDatagramGroup group, bool nat) {
  group_ = std::move(group);
  nat_ = nat;
}

Result<> DatagramDoor::open() {
  TRY_VOID(socket_.start());
  counts_ = std::make_shared<DatagramCounts>(socket_.local().port(), group_->config().protocol());
  MetricSources::process().add(counts_);
  return {};
}

void DatagramDoor::close() {
  socket_.close();
  run_ = {};
  while (!sessions_.empty()) sessions_.begin()->second->end("");
}

void DatagramDoor::warn(const std::string& what) {
  const TimePoint now = relay_.parts().loop.now();
  if (told_ != TimePoint{} && now - told_ < 10s) return;
  told_ = now;
  relay_.parts().errors.warning("UDP port " + std::to_string(socket_.local().port()) + ": " + what);
}

// --- from clients

DatagramRole DatagramDoor::role_of(Bytes datagram) const {
  const DatagramPort& config = group_->config();
  if (config.speaks == Speaks::openvpn) return proto::openvpn_role(datagram);
  const std::uint8_t oldest = config.ikev1 ? 1 : 2;
  return nat_ ? proto::nat_traversal_role(datagram, oldest) : proto::ike_role(datagram, oldest);
}

void DatagramDoor::on_datagram(const Datagram& datagram) {
  DatagramSession* const session = session_of(datagram);
  if (session == nullptr) return;
  counts_->datagrams_in.add();
  counts_->bytes_in.add(datagram.bytes.size());
  if (join(datagram, *session)) {
    DatagramRun& run = run_.datagrams;
    run.bytes = Bytes(run.bytes.data(), run.bytes.size() + datagram.bytes.size());
    return;
  }
  hand_over();
  const bool opens = !session->is_confirmed() && role_of(datagram.bytes) == DatagramRole::opens;
  run_ = {session, {datagram.bytes, datagram.bytes.size()}, opens};
}

/// Whether it lies behind the others and is as long as they are, or shorter and the last.
bool DatagramDoor::join(const Datagram& datagram, DatagramSession& session) const {
  const DatagramRun& run = run_.datagrams;
  return run_.session == &session && session.is_confirmed() &&
         run.bytes.data() + run.bytes.size() == datagram.bytes.data() &&
         run.bytes.size() % run.segment == 0 && datagram.bytes.size() <= run.segment &&
         run.count() < kMostSegments && run.bytes.size() + datagram.bytes.size() <= kMostBytes;
}

void DatagramDoor::hand_over() {
  const Run run = std::exchange(run_, {});
  if (run.session != nullptr) run.session->take(run.datagrams, run.opens);
}

DatagramSession* DatagramDoor::session_of(const Datagram& datagram) {
  if (datagram.bytes.empty()) return nullptr;
  const Endpoints ends = endpoints_of(datagram);
  const auto known = sessions_.find(ends);
  return known != sessions_.end() ? known->second.get() : begin(datagram, ends);
}

bool DatagramDoor::may_begin(const Datagram& datagram) {
  const DatagramRole role = role_of(datagram.bytes);
  if (role == DatagramRole::opens || (role == DatagramRole::goes_on && group_->config().roaming)) return true;
  if (role != DatagramRole::keepalive) counts_->foreign.add();
  return false;
}

/// At the limit the oldest session makes room whose client may be forged.
bool DatagramDoor::admit(const SocketAddress& client) {
  using Verdict = ConnectionLimits::Verdict;
  Verdict verdict = limits_->admit(client);
  if (verdict == Verdict::too_many && !opening_.empty()) {
    opening_.front()->break_off(Error(kMadeRoom, WirePos{}, {}, std::source_location::current()));
    verdict = limits_->admit(client);
  }
  if (verdict == Verdict::admitted) return true;
  const bool total = verdict == Verdict::too_many;
  (total ? counts_->over_total : counts_->over_address).add();
  warn((total ? "max_sessions" : "max_sessions_per_address") +
       std::string(" is reached: new sessions are refused, the last of them to ") + client.text());
  return false;
}

DatagramSession* DatagramDoor::begin(const Datagram& datagram, const Endpoints& ends) {
  if (!may_begin(datagram) || !admit(datagram.remote)) return nullptr;
  const DatagramRelay::Parts& parts = relay_.parts();
  const auto member = group_->choose(datagram.remote.host(), parts.loop.now());
  if (!member) {
    limits_->release(datagram.remote);
    counts_->no_backend.add();
    warn("no backend is left for " + datagram.remote.text());
    return nullptr;
  }
  auto link = DatagramLink::open(group_->peer(*member, nat_));
  if (!link) {
    limits_->release(datagram.remote);
    group_->ended(*member);
    counts_->no_backend.add();
    warn(link.error().text());
    return nullptr;
  }
  auto made = std::make_unique<DatagramSession>(DatagramSession::Parts{parts.loop, relay_.buffers(), *this},
                                                DatagramSession::Ends{datagram.remote, datagram.local, nat_},
                                                group_, *member, *std::move(link));
  DatagramSession& session = *made;
  counts_->sessions.add();
  sessions_.emplace(ends, std::move(made));
  session.place = opening_.insert(opening_.end(), &session);
  const auto started = session.start();
  if (started) return &session;
  session.break_off(started.error());
  return nullptr;
}

// --- for its sessions

void DatagramDoor::answer(const DatagramSession& session, const DatagramRun& run) {
  if (!socket_.send(run.bytes, run.segment, session.ends().here, session.ends().client, 0)) return;
  counts_->datagrams_out.add(run.count());
  counts_->bytes_out.add(run.bytes.size());
}

void DatagramDoor::confirmed(DatagramSession& session) {
  if (session.place) opening_.erase(*std::exchange(session.place, std::nullopt));
}

void DatagramDoor::over(DatagramSession& session) {
  confirmed(session);
  if (run_.session == &session) run_ = {};
  DatagramGroup& group = session.group();
  group.ended(session.member());
  limits_->release(session.ends().client);
  counts_->ended.add();
  if (session.record().ended_by == "backend") {
    warn("backend " + session.record().backend + " takes no datagrams: nobody is there");
    if (group.failed(session.member(), relay_.parts().loop.now()))
      relay_.parts().errors.warning("backend " + session.record().backend +
                                    " fails again and again: it is left alone for a while");
  }
  relay_.parts().ended(session.record());
  Datagram of;
  of.remote = session.ends().client;
  of.local = session.ends().here;
  const auto known = sessions_.find(endpoints_of(of));
  buried_.push_back(std::move(known->second));
  sessions_.erase(known);
  relay_.parts().loop.defer(*this);
}

}  // namespace sally::gateway
