#include "check/http3_ask.h"

#include <gtest/gtest.h>

#include <string>

namespace sally::check {
namespace {

using namespace std::string_literals;
using Versions = std::vector<std::uint32_t>;

constexpr std::string_view kNegotiation("\x80\0\0\0\0\x08theclien\x08theserv\0\0\0\0\x01\x6b\x33\x43\xcf",
                                        31);

TEST(QuicVersions, AreReadBehindBothIds) {
  EXPECT_EQ(read_quic_versions(as_bytes(kNegotiation)), (Versions{1, 0x6b3343cf}));
}

TEST(QuicVersions, OtherPacketsNameNone) {
  const struct {
    const char* what;
    std::string datagram;
  } rows[] = {
      {"nothing", ""},
      {"a short header", "\x40\0\0\0\0\0\0\0\0\0\1"s},
      {"a version", "\xc0\0\0\0\x01\0\0\0\0\0\1"s},
      {"an id that is cut", "\x80\0\0\0\0\x20short"s},
      {"no second id", "\x80\0\0\0\0\x01t"s},
      {"half a version", "\x80\0\0\0\0\0\0\0\0\0"s},
  };
  for (const auto& row : rows) EXPECT_EQ(read_quic_versions(as_bytes(row.datagram)), Versions{}) << row.what;
}

TEST(QuicVersions, HaveNames) {
  EXPECT_EQ(quic_version_name(1), "1");
  EXPECT_EQ(quic_version_name(0x6b3343cf), "2");
  EXPECT_EQ(quic_version_name(0xff00001d), "0xff00001d");
}

}  // namespace
}  // namespace sally::check
