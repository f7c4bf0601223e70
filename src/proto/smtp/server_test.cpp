#include "proto/smtp/server.h"

#include <gtest/gtest.h>

#include "proto/server_script.h"

namespace sally::smtp {
namespace {

using namespace std::string_literals;
using Next = proto::ServerStep::Next;

proto::Served serve(std::string_view client, bool bytewise = false) {
  return proto::serve(kServerSide, client, bytewise);
}

TEST(SmtpServer, LeadsToTls) {
  for (const bool bytewise : {false, true}) {
    const auto got = serve("EHLO there\r\nnoop x\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\n", bytewise);
    EXPECT_EQ(got.sent,
              "220 here.example ESMTP\r\n250-here.example\r\n250-ENHANCEDSTATUSCODES\r\n250 STARTTLS\r\n"
              "250 2.0.0 Ok\r\n220 2.0.0 Ready to start TLS\r\n");
    EXPECT_EQ(got.next, Next::tls);
    EXPECT_EQ(got.left, "MAIL FROM:<a@b>\r\n") << "not looked at: the gateway throws it away";
  }
}

TEST(SmtpServer, LetsNobodyIn) {
  for (const std::string command : {"MAIL FROM:<a@b>", "AUTH PLAIN AGEAYg==", "RCPT TO:<a@b>", "DATA",
                                    "VRFY x", "XCLIENT ADDR=1.2.3.4", ""}) {
    const auto got = serve(command + "\r\n");
    EXPECT_EQ(got.sent, "220 here.example ESMTP\r\n530 5.7.0 Must issue a STARTTLS command first\r\n")
        << command;
    EXPECT_EQ(got.next, Next::bytes);
  }
  EXPECT_TRUE(serve("EHLO\r\n").sent.contains("501 "));
  EXPECT_TRUE(serve("STARTTLS now\r\n").sent.contains("501 "));
  EXPECT_EQ(serve("QUIT\r\nSTARTTLS\r\n").next, Next::end);
}

TEST(SmtpServer, HasLimits) {
  EXPECT_EQ(serve(std::string(4000, 'x')).error, "proto.talks_too_much");
  std::string many;
  for (int i = 0; i < 31; ++i) many += "NOOP\r\n";
  EXPECT_EQ(serve(many).error, "proto.talks_too_much");
  EXPECT_EQ(serve("POST / HTTP/1.1\r\n").error, "proto.other_speech");
}

TEST(SmtpBetween, TakesStarttlsOutOfReplies) {
  const struct {
    std::string said, heard;
  } cases[] = {
      {"250-a\r\n250-STARTTLS\r\n250 SIZE\r\n", "250-a\r\n250 SIZE\r\n"},
      {"250-a\r\n250-SIZE\r\n250 STARTTLS\r\n", "250-a\r\n250 SIZE\r\n"},
      {"250-a\r\n250-starttls\r\n250 8BITMIME\r\n250 ok\r\n", "250-a\r\n250 8BITMIME\r\n250 ok\r\n"},
      {"250 STARTTLS\r\n", "250 STARTTLS\r\n"},
      {"250-STARTTLSX\r\n250 ok\r\n", "250-STARTTLSX\r\n250 ok\r\n"},
      {"214-STARTTLS\r\n214 ok\r\n", "214-STARTTLS\r\n214 ok\r\n"},
      {"334 \r\n", "334 \r\n"},
      {"250-a\r\n421 gone\r\n", "250-a\r\n421 gone\r\n"},
      {"2", ""},
      {"22", "22"},
      {"250-" + std::string(9000, 'x') + "\r\n250 STARTTLS\r\n",
       "250-" + std::string(9000, 'x') + "\r\n250 STARTTLS\r\n"},
  };
  for (const auto& [said, heard] : cases) {
    EXPECT_TRUE(proto::between(kServerSide, said) == heard) << said.substr(0, 60);
    EXPECT_TRUE(proto::between(kServerSide, said, "", true) == heard) << said.substr(0, 60);
  }
}

}  // namespace
}  // namespace sally::smtp
