#include "gateway/site_check.h"

#include <gtest/gtest.h>

#include <utility>

namespace sally::gateway {
namespace {

TEST(SiteNames, AreHostNamesOrAddresses) {
  const auto fault = [](const std::string& name) {
    const auto s = Settings::for_folder("/", [&] {
      ServeFlags flags;
      flags.names = {name};
      flags.listen = {"8443"};
      flags.certificates = flags.keys = {"/proc/self/cmdline"};
      return flags;
    }());
    return s ? std::string() : std::string(s.error().detail());
  };
  for (const char* good : {"example.com", "*.example.com", "a-b.example", "xn--bcher-kva.example",
                           "127.0.0.1", "[2001:db8::1]", "localhost", "_dmarc.example.com"})
    EXPECT_EQ(fault(good), "") << good;
  const std::pair<std::string, const char*> kBad[] = {
      {"b\xc3\xbc"
       "cher.example",
       "must be written in its ASCII form, xn--... (RFC 5890)"},
      {"https://example.com", "is no port"},
      {"example.com/x", "is no host name; a further name takes no port and no path"},
      {"example.com.", "must be written without the dot at its end"},
      {"a.*.example.com", "may have a star only as its whole first label"},
      {"a..example", "has an empty label between its dots"},
      {"-a.example", "has a label that begins or ends with a hyphen"},
      {"256.1.1.1", "looks like an IP address but is none"},
      {std::string(64, 'a') + ".example", "has a label of more than 63 letters"},
      {std::string(300, 'a'), "is no host name: 1 to 253 letters"},
  };
  for (const auto& [name, why] : kBad) EXPECT_TRUE(fault(name).contains(why)) << name << ": " << fault(name);
}

TEST(LocalNames, AreThoseNoPublicCaVouchesFor) {
  for (const char* name :
       {"localhost", "app.localhost", "*.localhost", "a.test", "db.internal", "nas", "nas.local",
        "nas.home.arpa", "127.0.0.1", "192.168.1.5", "::1", "2001:db8::1", "LOCALHOST"})
    EXPECT_TRUE(is_local_name(name)) << name;
  for (const char* name :
       {"example.com", "localhost.example.com", "test.com", "notlocalhost.org", "*.example.com"})
    EXPECT_FALSE(is_local_name(name)) << name;
}

}  // namespace
}  // namespace sally::gateway
