#include "proto/ftp/starttls.h"

#include <gtest/gtest.h>

#include "proto/dialogue_script.h"

namespace sally::ftp {
namespace {

using namespace std::string_literals;
using proto::PlainLogin;
using proto::Played;
using Next = proto::DialogueStep::Next;
using Lines = std::vector<std::string>;

Played play(proto::Dialogue& client, const Lines& server) { return proto::play(client, server); }

TEST(FtpStarttls, AsksForTls) {
  const Played p =
      play(*make_starttls({}), {"120 wait\r\n", "220-Welcome\r\n  to us\r\n220 x\r\n", "234 go\r\n"});
  EXPECT_EQ(p.sent, (Lines{"AUTH TLS\r\n"}));
  EXPECT_EQ(p.last.next, Next::tls);
  EXPECT_EQ(play(*make_starttls({}), {"220 x\r\n", "500 what\r\n"}).last.why, "500 what");
  EXPECT_EQ(play(*make_starttls({}), {"421 full\r\n"}).last.next, Next::busy);
}

TEST(FtpStarttls, LoginInPlainText) {
  const auto asked = [](const char* answer) {
    const auto client = make_plain_login({});
    play(*client, {"220 x\r\n", answer});
    return client->plain_login();
  };
  EXPECT_EQ(asked("331 password\r\n"), PlainLogin::allowed);
  EXPECT_EQ(asked("530 use TLS\r\n"), PlainLogin::refused);
  EXPECT_EQ(asked("450 later\r\n"), PlainLogin::unknown);
}

}  // namespace
}  // namespace sally::ftp
