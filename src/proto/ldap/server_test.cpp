#include "proto/ldap/server.h"

#include <gtest/gtest.h>

#include "proto/ldap/message.h"
#include "proto/ldap/starttls.h"
#include "proto/server_script.h"

namespace sally::ldap {
namespace {

using namespace std::string_literals;
using Next = proto::ServerStep::Next;

constexpr std::string_view kRefused = "StartTLS comes first";

std::string element(char tag, const std::string& content) {
  return ""s + tag + static_cast<char>(content.size()) + content;
}
std::string message(const std::string& operation) { return element(0x30, "\x02\x02\x01\x07"s + operation); }
const std::string kStartTls = message(element(0x77, element('\x80', "1.3.6.1.4.1.1466.20037")));
const std::string kBind = message(element(0x60, "\x02\x01\x03\x04\x00\x80\x00"s));

OperationResult first_result(const std::string& text) {
  Buffer in(4096);
  EXPECT_TRUE(in.append(text));
  const auto result = take_result(in);
  EXPECT_TRUE(result && *result);
  return result && *result ? **result : OperationResult{};
}

TEST(LdapServer, LeadsToTls) {
  for (const bool bytewise : {false, true}) {
    const auto got = proto::serve(kServerSide, kStartTls + kBind, bytewise);
    EXPECT_EQ(got.next, Next::tls);
    EXPECT_EQ(got.left, kBind);
    const OperationResult result = first_result(got.sent);
    EXPECT_EQ(result.tag, 0x78);
    EXPECT_EQ(result.code, 0U);
    EXPECT_EQ(got.sent.substr(2, 4), "\x02\x02\x01\x07"s) << "the client's own id";
  }
}

TEST(LdapServer, LetsNobodyIn) {
  const struct {
    std::string operation;
    std::uint8_t tag;
    std::uint32_t code;
  } cases[] = {{element(0x60, "\x02\x01\x03\x04\x00\x80\x00"s), 0x61, 13},
               {element(0x63, ""), 0x65, 13},
               {element(0x4a, "cn=x"), 0x6b, 13},
               {element(0x6c, ""), 0x6d, 13},
               {element(0x77, element('\x80', "1.3.6.1.4.1.4203.1.11.3")), 0x78, 2}};
  for (const auto& [operation, tag, code] : cases) {
    const auto got = proto::serve(kServerSide, message(operation));
    EXPECT_EQ(got.next, Next::bytes);
    const OperationResult result = first_result(got.sent);
    EXPECT_EQ(result.tag, tag);
    EXPECT_EQ(result.code, code);
    EXPECT_EQ(result.text, kRefused);
  }
  EXPECT_EQ(proto::serve(kServerSide, message("\x42\x00"s)).next, Next::end);
  EXPECT_EQ(proto::serve(kServerSide, message("\x50\x01\x01"s)).sent, "") << "abandon has no response";
}

TEST(LdapServer, HasLimits) {
  EXPECT_EQ(proto::serve(kServerSide, "\x30\x84\x7f\xff\xff\xff"s).error, "proto.talks_too_much");
  EXPECT_EQ(proto::serve(kServerSide, "EHLO x\r\n").error, "proto.other_speech");
  EXPECT_EQ(proto::serve(kServerSide, message("\x99\x00"s)).error, "proto.other_speech");
  EXPECT_EQ(proto::serve(kServerSide, message("\x77\x05\x80"s)).error, "proto.other_speech");
  std::string many;
  for (int i = 0; i < 31; ++i) many += kBind;
  EXPECT_EQ(proto::serve(kServerSide, many).error, "proto.talks_too_much");
}

}  // namespace
}  // namespace sally::ldap
