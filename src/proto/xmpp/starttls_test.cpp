#include "proto/xmpp/starttls.h"

#include <gtest/gtest.h>

#include "proto/dialogue_script.h"

namespace sally::xmpp {
namespace {

using namespace std::string_literals;
using proto::PlainLogin;
using proto::Played;
using Next = proto::DialogueStep::Next;
using Lines = std::vector<std::string>;

Played play(proto::Dialogue& client, const Lines& server) { return proto::play(client, server); }

constexpr const char* kHeader = "<?xml version='1.0'?><stream:stream id='1'>";

TEST(XmppStarttls, AsksForTls) {
  for (const bool bytewise : {false, true}) {
    const auto client = make_starttls({.ours = "", .server = "a&b.example"});
    const Lines server{kHeader + "<stream:features><starttls><required/></starttls></stream:features>"s,
                       "<proceed xmlns='x'/>"};
    const Played p = proto::play(*client, server, bytewise);
    ASSERT_EQ(p.sent.size(), 2u);
    EXPECT_NE(p.sent[0].find("to='a&amp;b.example'"), std::string::npos);
    EXPECT_EQ(p.last.next, Next::tls);
    EXPECT_EQ(p.left, "");
    EXPECT_EQ(client->plain_login(), PlainLogin::refused);
  }
}

TEST(XmppStarttls, LoginInPlainText) {
  const auto client = make_starttls({});
  play(*client, {kHeader + "<stream:features><starttls/><mechanisms><mechanism>PLAIN</mechanism></mechanisms>"
                           "</stream:features>"s});
  EXPECT_EQ(client->plain_login(), PlainLogin::allowed);
}

TEST(XmppStarttls, WhatIsNoTls) {
  EXPECT_EQ(play(*make_starttls({}), {kHeader + "<stream:features></stream:features>"s}).last.next,
            Next::done);
  EXPECT_EQ(play(*make_starttls({}), {kHeader + "<stream:error><host-unknown/></stream:error>"s}).last.next,
            Next::done);
  EXPECT_EQ(play(*make_starttls({}), {"220 smtp\r\n"}).error, "proto.other_speech");
  EXPECT_EQ(play(*make_starttls({}), {"<" + std::string(40000, 'x')}).error, "proto.talks_too_much");
}

}  // namespace
}  // namespace sally::xmpp
