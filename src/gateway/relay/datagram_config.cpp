#include "gateway/relay/datagram_config.h"

#include "config/block.h"
#include "handler/balance_config.h"

namespace sally::gateway {

using config::Block;
using config::Count;
using config::Switch;
using config::Text;
using config::Time;
using config::Words;
using namespace std::chrono_literals;

namespace {

std::string check_peer(std::string_view text) {
  return datagram_peer(text, 1)
             ? ""
             : "is no address; write \"10.0.0.7\", \"10.0.0.7:1194\" or \"[fd00::7]:1194\"";
}

}  // namespace

const Block<DatagramMember>& DatagramMember::block() {
  using C = DatagramMember;
  static const Block<C> kBlock =
      Block<C>("A backend. `to = \"10.0.0.7\"` is short for one block with `to` alone.")
          .repeated()
          .key("to", &C::address, Text{check_peer, "\"10.0.0.7\", \"10.0.0.7:1194\", \"[fd00::7]:1194\""},
               "Where it takes datagrams: an address, not a name. Without a port: 1194 for OpenVPN, 500 for "
               "IPsec.")
          .key("nat_port", &C::nat_port, Count{1, 65'535},
               "Where it takes what came to our `nat_port`, with IPsec.", "RFC 3948")
          .key("weight", &C::weight, Count{1, 1000}, "Its share is this of the sum of all weights.")
          .key("backup", &C::backup, Switch{}, "It is asked only while all that are no backups are away.")
          .key("max_sessions", &C::max_connections, Count{1, 1'000'000, "no limit"},
               "Sessions that it is given at a time, by all workers.")
          .shorthand("to");
  return kBlock;
}

const Block<DatagramPort>& DatagramPort::block() {
  using C = DatagramPort;
  using Speaks = C::Speaks;
  static const Block<C> kBlock =
      Block<C>(
          "A port of UDP: [udp.1194], [udp.\"192.0.2.1:500\"]. Datagrams go on as they are, and each "
          "client's "
          "address and port make a session with a backend. Clients of one address go to the same backend.")
          .key("protocol", &C::speaks,
               Words<Speaks>{{{"openvpn", Speaks::openvpn}, {"ipsec", Speaks::ipsec}}},
               "What is spoken. What is not that opens no session and gets no answer.")
          .blocks("to", &C::to, DatagramMember::block(), upstream::Group::kMostMembers)
          .key("nat_port", &C::nat_port, Count{1, 65'535},
               "With IPsec: the second port, for IKE and ESP behind address translation, which the relay is.",
               "RFC 7296 2.23")
          .key("idle_timeout", &C::idle_timeout, Time{5s, 24h},
               "In which nothing moves, either way: then the session is forgotten.", "RFC 4787 4.3")
          .key("opening_timeout", &C::opening_timeout, Time{1s, 5min},
               "The same, until the client has said something after the backend's first answer.")
          .key("max_sessions", &C::max_sessions, Count{1, 1'000'000},
               "Of each port, each with a socket of its own. At the limit the oldest whose client has not "
               "come "
               "back makes room.")
          .key("max_sessions_per_address", &C::max_sessions_per_address, Count{0, 1'000'000, "no limit"},
               "From one address, or one /64 of IPv6.")
          .key("roaming", &C::roaming, Switch{},
               "Sessions may also begin in the middle of a conversation: a client's address has changed, or "
               "this program was started anew. Off: only with a first datagram.",
               "RFC 4555")
          .key("ikev1", &C::ikev1, Switch{}, "Sessions may also begin with IKEv1, which is history.",
               "RFC 9395")
          .block("eject", &C::eject, handler::ejection_block());
  return kBlock;
}

std::string_view DatagramPort::protocol() const { return speaks == Speaks::ipsec ? "ipsec" : "openvpn"; }

std::optional<SocketAddress> datagram_peer(std::string_view text, std::uint16_t usual) {
  const auto split = split_port(text);
  if (!split) return std::nullopt;
  return SocketAddress::numeric(split->name, split->port == 0 ? usual : split->port);
}

}  // namespace sally::gateway
