#include "proto/ftp/server.h"

#include <gtest/gtest.h>

#include "proto/server_script.h"

namespace sally::ftp {
namespace {

using Next = proto::ServerStep::Next;

constexpr std::string_view kGreeting = "220 here.example FTP\r\n";

TEST(FtpServer, LeadsToTls) {
  for (const bool bytewise : {false, true}) {
    for (const std::string ask : {"AUTH TLS", "auth ssl", "AUTH TLS-C"}) {
      const auto got = proto::serve(kServerSide, "FEAT\r\n" + ask + "\r\nUSER x\r\n", bytewise);
      EXPECT_EQ(got.sent, std::string(kGreeting) +
                              "211-Features:\r\n AUTH TLS\r\n PBSZ\r\n PROT\r\n211 End\r\n234 Begin TLS\r\n");
      EXPECT_EQ(got.next, Next::tls);
      EXPECT_EQ(got.left, "USER x\r\n");
    }
  }
}

TEST(FtpServer, LetsNobodyIn) {
  for (const std::string command : {"USER x", "PASS y", "PASV", "LIST", "ACCT z", ""})
    EXPECT_EQ(proto::serve(kServerSide, command + "\r\n").sent,
              std::string(kGreeting) + "530 Say AUTH TLS first\r\n");
  EXPECT_TRUE(proto::serve(kServerSide, "AUTH KERBEROS_V4\r\n").sent.contains("504 "));
  EXPECT_TRUE(proto::serve(kServerSide, "PROT C\r\n").sent.contains("503 "));
  EXPECT_EQ(proto::serve(kServerSide, "QUIT\r\n").next, Next::end);
}

}  // namespace
}  // namespace sally::ftp
