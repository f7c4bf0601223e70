#include "gateway/serving.h"

#include <algorithm>
#include <utility>

namespace sally::gateway {

Result<Serving> Serving::prepare(Settings settings, const Serving* before,
                                 std::shared_ptr<const tls::TicketKeys> tickets, ErrorLog& errors,
                                 std::vector<InheritedSocket> inherited) {
  Serving next;
  next.generation = next_generation(std::move(settings), before ? before->generation.get() : nullptr);
  const Settings& read = next.generation->settings;
  std::vector<InheritedSocket> datagrams = take_datagrams(inherited);
  TRY(next.datagrams, open_datagram_ports(read.datagrams, read.workers, datagrams,
                                          before ? std::span<const OpenDatagrams>(before->datagrams)
                                                 : std::span<const OpenDatagrams>()));
  for (InheritedSocket& one : datagrams)
    if (one.fd) inherited.push_back(std::move(one));  // HTTP/3's
  TRY(next.ports,
      open_ports(read, read.workers, std::move(inherited),
                 before ? std::span<const OpenPort>(before->ports) : std::span<const OpenPort>()));
  for (const OpenPort& port : next.ports)
    if (!port.no_datagrams.empty()) errors.warning("no HTTP/3 at " + port.text + ": " + port.no_datagrams);
  TRY(next.certificates, SiteCertificates::make(read, std::move(tickets), errors,
                                                before ? before->certificates.get() : nullptr));
  return next;
}

Result<Duty> Serving::duty(std::size_t worker, const Serving* before) const {
  Duty out{generation, certificates->identities(), {}, {}};
  for (const OpenPort& port : ports) {
    DoorDuty door{port.id, port.config, port.asked, port.redirects, {}};
    door.quic = !port.datagrams.empty();
    const auto old =
        before ? std::ranges::find(before->ports, port.id, &OpenPort::id) : decltype(before->ports.begin()){};
    const bool known = before && old != before->ports.end();
    if (!known || old->datagrams.empty()) {
      TRY(door.datagrams, datagrams_of(port, worker, generation->settings.workers));
    }
    if (!known) {
      TRY(door.sockets, sockets_of(port, worker, generation->settings.workers));
    }
    out.doors.push_back(std::move(door));
  }
  TRY(out.datagrams, datagram_duties(datagrams, worker, generation->settings.workers,
                                     before ? std::span<const OpenDatagrams>(before->datagrams)
                                            : std::span<const OpenDatagrams>()));
  return out;
}

}  // namespace sally::gateway
