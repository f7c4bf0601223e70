#include "gateway/relay/datagram_group.h"

#include <cmath>
#include <string>

namespace sally::gateway {
namespace {

std::vector<upstream::MemberTerms> terms_of(const DatagramPort& port) {
  return {port.to.begin(), port.to.end()};
}

std::vector<std::shared_ptr<upstream::Posted>> posted_of(const DatagramPort& port, upstream::Board& board) {
  std::vector<std::shared_ptr<upstream::Posted>> out;
  for (const DatagramMember& member : port.to) out.push_back(board.find("udp " + port.key, member.address));
  return out;
}

/// In (0, 1), and the same everywhere.
double share_of(std::string_view client, const std::string& member) {
  const std::uint64_t hash = upstream::hash_of(std::string(client) + " " + member);
  return (static_cast<double>(hash >> 11) + 0.5) / 9007199254740992.0;  // 53 bits
}

}  // namespace

DatagramGroup::DatagramGroup(SharedDatagramPort port, upstream::Board& board)
    : config_(std::move(port)),
      group_({upstream::Policy::hash, config_->eject, {}}, terms_of(*config_), posted_of(*config_, board),
             0) {
  for (const DatagramMember& member : config_->to) {
    peers_.push_back(datagram_peer(member.address, 0).value_or(SocketAddress()));
    nat_peers_.push_back(
        SocketAddress::numeric(peers_.back().host(), member.nat_port).value_or(SocketAddress()));
  }
}

/// Weighted rendezvous: who goes or comes takes nobody's clients but its own.
std::optional<std::size_t> DatagramGroup::home_of(std::string_view client) const {
  std::optional<std::size_t> best;
  double highest = 0;
  for (std::size_t i = 0; i < group_.size(); ++i) {
    const upstream::MemberTerms& member = group_.member(i);
    if (member.backup) continue;
    const double score = -static_cast<double>(member.weight) / std::log(share_of(client, member.address));
    if (best && score <= highest) continue;
    best = i;
    highest = score;
  }
  return best;
}

std::optional<std::size_t> DatagramGroup::choose(std::string_view client, TimePoint now) {
  const auto pick = group_.pick(upstream::hash_of(client), home_of(client), 0, now);
  if (pick.kind != upstream::Group::Pick::Kind::member) return std::nullopt;
  return pick.index;
}

}  // namespace sally::gateway
