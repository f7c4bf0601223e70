#include "gateway/relay/datagram_relay.h"

#include <algorithm>
#include <utility>

#include "gateway/relay/datagram_door.h"

namespace sally::gateway {

DatagramRelay::DatagramRelay(Parts parts) : parts_(std::move(parts)) {}
DatagramRelay::~DatagramRelay() = default;

DatagramBuffers& DatagramRelay::buffers() {
  if (!buffers_) buffers_ = std::make_unique<DatagramBuffers>();
  return *buffers_;
}

/// What is known of the backends of an unchanged port stays known.
SharedDatagramGroup DatagramRelay::group_for(const SharedDatagramPort& port) {
  const auto known = std::ranges::find_if(groups_, [&](const auto& one) { return one->config() == *port; });
  return known != groups_.end() ? *known : std::make_shared<DatagramGroup>(port, parts_.board);
}

void DatagramRelay::change(std::vector<DatagramDuty> duties) {
  std::vector<SharedDatagramGroup> groups;
  std::vector<std::unique_ptr<DatagramDoor>> doors;
  for (DatagramDuty& duty : duties) {
    const auto beside =
        std::ranges::find_if(groups, [&](const auto& one) { return one->config() == *duty.config; });
    const SharedDatagramGroup group = beside == groups.end() ? group_for(duty.config) : *beside;
    if (beside == groups.end()) groups.push_back(group);
    duty.sessions->set(duty.config->max_sessions, duty.config->max_sessions_per_address);
    for (auto& door : doors_) {
      if (!door || door->id() != duty.id) continue;
      door->serve(group, duty.nat);
      doors.push_back(std::move(door));
    }
    for (Fd& socket : duty.sockets) {
      auto door = std::make_unique<DatagramDoor>(*this, duty.id, duty.sessions, std::move(socket));
      door->serve(group, duty.nat);
      if (const auto opened = door->open(); !opened) parts_.errors.error(opened.error().text());
      doors.push_back(std::move(door));
    }
  }
  groups_.swap(groups);
  doors_.swap(doors);
  for (const auto& door : doors)
    if (door) door->close();
}

void DatagramRelay::close() {
  for (const auto& door : doors_) door->close();
}

}  // namespace sally::gateway
