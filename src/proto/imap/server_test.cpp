#include "proto/imap/server.h"

#include <gtest/gtest.h>

#include "proto/server_script.h"

namespace sally::imap {
namespace {

using Next = proto::ServerStep::Next;

constexpr std::string_view kGreeting = "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n";

std::string answers(std::string_view client) {
  return proto::serve(kServerSide, client).sent.substr(kGreeting.size());
}

TEST(ImapServer, LeadsToTls) {
  for (const bool bytewise : {false, true}) {
    const auto got = proto::serve(kServerSide, "a1 capability\r\na2 STARTTLS\r\na3 LOGIN x y\r\n", bytewise);
    EXPECT_EQ(got.sent,
              std::string(kGreeting) +
                  "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK done\r\na2 OK begin TLS\r\n");
    EXPECT_EQ(got.next, Next::tls);
    EXPECT_EQ(got.left, "a3 LOGIN x y\r\n");
  }
}

TEST(ImapServer, LetsNobodyIn) {
  EXPECT_EQ(answers("a LOGIN nobody none\r\n"), "a NO [PRIVACYREQUIRED] say STARTTLS first\r\n");
  EXPECT_EQ(answers("a AUTHENTICATE PLAIN AGEAYg==\r\n"), "a NO [PRIVACYREQUIRED] say STARTTLS first\r\n");
  EXPECT_EQ(answers("a SELECT INBOX\r\n"), "a BAD say STARTTLS first\r\n");
  EXPECT_EQ(answers("a STARTTLS x\r\n"), "a BAD say STARTTLS first\r\n");
  EXPECT_EQ(answers("\r\n"), "* BAD no command\r\n");
  EXPECT_EQ(answers("a{3} LOGIN\r\n"), "* BAD no command\r\n") << "nothing strange is said back";
  EXPECT_EQ(answers("a NOOP\r\n"), "a OK done\r\n");
  EXPECT_EQ(proto::serve(kServerSide, "a LOGOUT\r\n").next, Next::end);
}

TEST(ImapBetween, TakesStarttlsOutOfCapabilities) {
  const struct {
    std::string said, heard;
  } cases[] = {
      {"* CAPABILITY IMAP4rev1 STARTTLS ID\r\n", "* CAPABILITY IMAP4rev1 ID\r\n"},
      {"* capability IMAP4rev1 starttls\r\n", "* capability IMAP4rev1\r\n"},
      {"a.1 OK [CAPABILITY IMAP4rev1 STARTTLS] in\r\n", "a.1 OK [CAPABILITY IMAP4rev1] in\r\n"},
      {"* OK [CAPABILITY STARTTLSX STARTTLS ID] STARTTLS\r\n", "* OK [CAPABILITY STARTTLSX ID]\r\n"},
      {"* 1 FETCH (BODY[] {26}\r\n* CAPABILITY X STARTTLS Y\r\n)\r\n* CAPABILITY STARTTLS\r\n",
       "* 1 FETCH (BODY[] {26}\r\n* CAPABILITY X STARTTLS Y\r\n)\r\n* CAPABILITY\r\n"},
      {"* LIST {3}\r\n\r\nx STARTTLS\r\n", "* LIST {3}\r\n\r\nx STARTTLS\r\n"},
      {"+ idling\r\n", "+ idling\r\n"},
      {"* 1 EXI", "* 1 EXI"},
      {"* CAPA", ""},
  };
  for (const auto& [said, heard] : cases) {
    EXPECT_EQ(proto::between(kServerSide, said), heard);
    EXPECT_EQ(proto::between(kServerSide, said, "", true), heard);
  }
  EXPECT_EQ(proto::between(kServerSide, "abc", "z COMPRESS DEFLATE\r\n"), "abc") << "lines are no lines then";
}

}  // namespace
}  // namespace sally::imap
