#include "proto/xmpp/server.h"

#include <gtest/gtest.h>

#include "proto/server_script.h"

namespace sally::xmpp {
namespace {

using Next = proto::ServerStep::Next;

const std::string kOpen =
    "<?xml version='1.0'?><stream:stream to='chat.example' version=\"1.0\" xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>\n";
const std::string kAsk = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
constexpr std::string_view kRequired =
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";

TEST(XmppServer, LeadsToTls) {
  for (const bool bytewise : {false, true}) {
    for (const std::string& ask : {kAsk, kAsk.substr(0, kAsk.size() - 2) + "></starttls>"}) {
      const auto got = proto::serve(kServerSide, kOpen + ask + "<auth/>", bytewise);
      EXPECT_TRUE(got.sent.contains("from='chat.example'")) << got.sent;
      EXPECT_TRUE(got.sent.contains(kRequired));
      EXPECT_TRUE(got.sent.ends_with("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
      EXPECT_EQ(got.next, Next::tls);
      EXPECT_EQ(got.left, "<auth/>");
    }
  }
}

TEST(XmppServer, LetsNobodyIn) {
  const struct {
    std::string said;
    std::string_view answer;
  } cases[] = {
      {kOpen + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>", "encryption-required"},
      {kOpen + "<iq type='get'>", "not-authorized"},
      {kOpen + "<starttls xmlns='other'/>", "not-authorized"},
      {kOpen + "<!-- -->", "not-authorized"},
      {kOpen + kOpen, "not-authorized"},
      {kAsk, "invalid-xml"},
      {kOpen + "</stream:stream>", "</stream:stream>"}};
  for (const auto& [said, answer] : cases) {
    const auto got = proto::serve(kServerSide, said);
    EXPECT_EQ(got.next, Next::end) << said;
    EXPECT_TRUE(got.sent.contains(answer)) << said << got.sent;
  }
  const auto hostile = proto::serve(kServerSide, "<stream:stream to='&lt;x\"' a='>'>");
  EXPECT_TRUE(hostile.sent.contains("from='here.example'")) << "nothing strange is said back";
}

TEST(XmppServer, HasLimits) {
  EXPECT_EQ(proto::serve(kServerSide, "<stream " + std::string(3000, 'x')).error, "proto.talks_too_much");
  std::string many = kOpen;
  for (int i = 0; i < 31; ++i) many += "<?xml version='1.0'?>";
  EXPECT_EQ(proto::serve(kServerSide, many).error, "proto.talks_too_much");
  EXPECT_EQ(proto::serve(kServerSide, "EHLO x\r\n").error, "proto.other_speech");
}

TEST(XmppBetween, TakesStarttlsOutOfTheFirstFeatures) {
  const std::string mechanisms = "<mechanisms><mechanism>PLAIN</mechanism></mechanisms></stream:features>";
  for (const bool bytewise : {false, true}) {
    for (const std::string_view offer : {std::string_view(kAsk), kRequired})
      EXPECT_EQ(proto::between(kServerSide, kOpen + "<stream:features>" + std::string(offer) + mechanisms, "",
                               bytewise),
                kOpen + "<stream:features>" + mechanisms);
    const std::string twice = kOpen + "<stream:features/>" + kAsk;
    EXPECT_EQ(proto::between(kServerSide, twice, "", bytewise).ends_with(kAsk), bytewise);
    const std::string error = kOpen + "<stream:error><host-unknown/></stream:error></stream:stream>";
    EXPECT_EQ(proto::between(kServerSide, error, "", bytewise), error);
  }
}

TEST(XmppBetween, KeepsNothingForGood) {
  const auto filter = kServerSide.between();
  std::string out;
  filter->from_backend("<str", out);
  EXPECT_EQ(out, "");
  filter->backend_ended(out);
  EXPECT_EQ(out, "<str");
  const auto full = kServerSide.between();
  out.clear();
  full->from_backend(std::string(proto::Between::kMostKept, 'x'), out);
  EXPECT_EQ(out.size(), proto::Between::kMostKept);
}

}  // namespace
}  // namespace sally::xmpp
