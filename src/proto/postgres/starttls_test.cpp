#include "proto/postgres/starttls.h"

#include <gtest/gtest.h>

#include "proto/dialogue_script.h"

namespace sally::postgres {
namespace {

using namespace std::string_literals;
using proto::PlainLogin;
using proto::Played;
using Next = proto::DialogueStep::Next;
using Lines = std::vector<std::string>;

Played play(proto::Dialogue& client, const Lines& server) { return proto::play(client, server); }

std::string message(char letter, const std::string& body) {
  return letter + "\x00\x00\x00"s + static_cast<char>(body.size() + 4) + body;
}

TEST(PostgresStarttls, AsksForTls) {
  const Played p = play(*make_starttls({}), {"S"});
  EXPECT_EQ(p.sent, (Lines{"\x00\x00\x00\x08\x04\xd2\x16\x2f"s}));
  EXPECT_EQ(p.last.next, Next::tls);
  EXPECT_EQ(play(*make_starttls({}), {"N"}).last.next, Next::done);
  EXPECT_EQ(play(*make_starttls({}), {"Hello"}).error, "proto.other_speech");
}

TEST(PostgresStarttls, LoginInPlainText) {
  const auto asked = [](const std::string& answer) {
    const auto client = make_plain_login({});
    play(*client, {answer});
    return client->plain_login();
  };
  EXPECT_EQ(asked(message('R', "\x00\x00\x00\x0a"s)), PlainLogin::allowed);
  EXPECT_EQ(asked(message('R', "\x00\x00\x00\x07"s)), PlainLogin::unknown);
  EXPECT_EQ(asked(message('E', "SFATAL\0C28000\0Mno line\0\0"s)), PlainLogin::refused);
  EXPECT_EQ(asked(message('E', "SFATAL\0C53300\0Mtoo many\0\0"s)), PlainLogin::unknown);
}

}  // namespace
}  // namespace sally::postgres
