#include "proto/mysql/starttls.h"

#include <gtest/gtest.h>

#include "proto/dialogue_script.h"

namespace sally::mysql {
namespace {

using namespace std::string_literals;
using proto::Played;
using Next = proto::DialogueStep::Next;
using Lines = std::vector<std::string>;

Played play(proto::Dialogue& client, const Lines& server) { return proto::play(client, server); }

std::string packet(const std::string& payload) {
  return ""s + static_cast<char>(payload.size()) + "\0\0\0"s + payload;
}
std::string greeting(const std::string& flags) {
  return packet("\x0a"s + "11.4\0"s + "\1\2\3\4"s + "12345678\0"s + flags + "\x21\0\0"s);
}

TEST(MysqlStarttls, AsksForTls) {
  const Played p = play(*make_starttls({}), {greeting("\xff\xff")});
  ASSERT_EQ(p.sent.size(), 1u);
  EXPECT_EQ(p.sent[0].size(), 36u);
  EXPECT_EQ(p.last.next, Next::tls);
  EXPECT_EQ(play(*make_starttls({}), {greeting("\xff\xf7")}).last.why,
            "the greeting does not list CLIENT_SSL");
  EXPECT_EQ(play(*make_starttls({}), {packet("\xff\x10\x04Too many")}).last.next, Next::busy);
  EXPECT_EQ(play(*make_starttls({}), {"220 smtp\r\n"}).error, "proto.other_speech");
}

}  // namespace
}  // namespace sally::mysql
