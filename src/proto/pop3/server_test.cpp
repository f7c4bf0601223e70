#include "proto/pop3/server.h"

#include <gtest/gtest.h>

#include "proto/server_script.h"

namespace sally::pop3 {
namespace {

using Next = proto::ServerStep::Next;

TEST(Pop3Server, LeadsToTls) {
  for (const bool bytewise : {false, true}) {
    const auto got = proto::serve(kServerSide, "CAPA\r\nstls\r\nUSER x\r\n", bytewise);
    EXPECT_EQ(got.sent, "+OK here.example ready\r\n+OK\r\nSTLS\r\n.\r\n+OK begin TLS\r\n");
    EXPECT_EQ(got.next, Next::tls);
    EXPECT_EQ(got.left, "USER x\r\n");
  }
}

TEST(Pop3Server, LetsNobodyIn) {
  for (const std::string command : {"USER x", "PASS y", "APOP x y", "AUTH PLAIN", "STLS x", "RETR 1", ""})
    EXPECT_EQ(proto::serve(kServerSide, command + "\r\n").sent,
              "+OK here.example ready\r\n-ERR say STLS first\r\n")
        << command;
  EXPECT_EQ(proto::serve(kServerSide, "QUIT\r\n").next, Next::end);
}

TEST(Pop3Between, TakesStlsOutOfListsAndNotOutOfMails) {
  for (const bool bytewise : {false, true}) {
    EXPECT_EQ(proto::between(kServerSide, "+OK\r\nUSER\r\nSTLS\r\nSTLSX\r\n.\r\n", "CAPA\r\n", bytewise),
              "+OK\r\nUSER\r\nSTLSX\r\n.\r\n");
    EXPECT_EQ(proto::between(kServerSide, "+OK\r\nSTLS\r\n.\r\n", "CAPA\r\nRetr 1\r\n", bytewise),
              "+OK\r\nSTLS\r\n.\r\n");
  }
}

}  // namespace
}  // namespace sally::pop3
