#include "gateway/relay/datagram_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace sally::gateway {
namespace {

using Speaks = DatagramPort::Speaks;

class DatagramCheck {
 public:
  DatagramCheck(std::vector<DatagramPort>& ports, config::Reading& reading)
      : ports_(ports), reading_(reading) {}

  void run() {
    for (DatagramPort& port : ports_) {
      path_ = "udp." + config::written_key(port.key);
      if (!port.speaks) bad("", "has no `protocol`; \"openvpn\" or \"ipsec\"?");
      if (port.to.empty()) bad("", "has no `to`; where does the server take datagrams?");
      addresses(port);
      backends(port);
      if (port.speaks == Speaks::openvpn && port.ikev1) bad("ikev1", "is for protocol = \"ipsec\"");
      if (port.eject.longest < port.eject.first) bad("eject.longest", "is shorter than time");
    }
  }

 private:
  void bad(std::string_view name, std::string why) {
    const std::string at = name.empty() ? path_ : fmt::format("{}.{}", path_, name);
    reading_.add(reading_.place_of(at), at, std::move(why));
  }

  void addresses(DatagramPort& port) {
    auto read = parse_listen(port.key);
    if (!read) return bad("", std::string(read.error().detail()));
    port.addresses = *std::move(read);
    for (ListenAddress one : port.addresses) {
      take(one, "");
      if (port.speaks != Speaks::ipsec) continue;
      one.port = port.nat_port;
      take(one, "nat_port");
    }
  }

  void take(const ListenAddress& one, std::string_view key) {
    const auto same = [&](const ListenAddress& other) { return one.covers(other) || other.covers(one); };
    if (std::ranges::any_of(taken_, same))
      return bad(key, fmt::format("UDP {} is taken already", one.text()));
    taken_.push_back(one);
  }

  void backends(DatagramPort& port) {
    const std::uint16_t usual = port.speaks == Speaks::ipsec ? 500 : 1194;
    for (std::size_t i = 0; i < port.to.size(); ++i) {
      DatagramMember& member = port.to[i];
      const auto peer = datagram_peer(member.address, usual);
      if (!peer) {
        if (member.address.empty()) bad("to", fmt::format("backend {} has no `to`", i + 1));
        continue;
      }
      member.address = peer->text();
      for (std::size_t j = 0; j < i; ++j)
        if (port.to[j].address == member.address)
          bad("to", fmt::format("\"{}\" stands there twice; give it a weight instead", member.address));
    }
  }

  std::vector<DatagramPort>& ports_;
  config::Reading& reading_;
  std::string path_;
  std::vector<ListenAddress> taken_;
};

}  // namespace

void check_datagrams(std::vector<DatagramPort>& ports, config::Reading& reading) {
  DatagramCheck(ports, reading).run();
}

}  // namespace sally::gateway
