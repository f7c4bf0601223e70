#include "proto/protocol.h"

#include <gtest/gtest.h>

#include <map>

namespace sally::proto {
namespace {

TEST(Protocols, RowsAreWhole) {
  for (const Protocol& p : all_protocols()) {
    EXPECT_FALSE(p.ports.empty()) << p.id;
    EXPECT_FALSE(p.source.empty()) << p.id;
    EXPECT_EQ(p.entry == TlsEntry::starttls, p.starttls != nullptr) << p.id;
    EXPECT_EQ(protocol_named(p.id), &p) << p.id;
  }
}

TEST(Protocols, APortBelongsToOne) {
  std::map<std::pair<std::uint16_t, bool>, int> owners;
  for (const Protocol& p : all_protocols())
    if (p.id != "tls" && p.id != "sstp" && p.id != "sftp")
      for (const std::uint16_t port : p.ports) ++owners[{port, p.by_udp}];
  for (const auto& [port, count] : owners) EXPECT_EQ(count, 1) << port.first;
  EXPECT_EQ(protocol_of_port(22)->id, "ssh");
  EXPECT_EQ(protocol_of_port(1194)->id, "openvpn");
  EXPECT_EQ(protocol_of_port(443)->id, "https");
  EXPECT_EQ(protocol_of_port(587)->id, "smtp");
  EXPECT_EQ(protocol_of_port(993)->id, "imaps");
  EXPECT_EQ(protocol_of_port(1), nullptr);
}

TEST(Protocols, NamesInAnyCase) {
  EXPECT_EQ(protocol_named("SMTP"), protocol_named("smtp"));
  EXPECT_EQ(protocol_named("gopher"), nullptr);
}

}  // namespace
}  // namespace sally::proto
