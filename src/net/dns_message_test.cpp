#include "net/dns_message.h"

#include <gtest/gtest.h>

namespace sally {
namespace {

using namespace std::string_literals;

const std::string kHead = "\x12\x34\x81\xa0\0\1\0\2\0\0\0\0"s;
const std::string kQuestion = "\7example\3com\0\0\x0f\0\1"s;
const std::string kAlias = "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\2\xc0\x14"s;
const std::string kMx = "\xc0\x0c\0\x0f\0\1\0\0\0\x3c\0\x07\0\x0a\2mx\xc0\x0c"s;

Result<DnsAnswer> read(const std::string& message, DnsType type = DnsType::mx) {
  return read_dns_answer(as_bytes(std::string_view(message)), type);
}

TEST(DnsQuestion, IsWrittenAsTheStandardHasIt) {
  EXPECT_EQ(dns_question("example.com", DnsType::mx),
            "\0\0\1\x20\0\1\0\0\0\0\0\1\7example\3com\0\0\x0f\0\1\0\0\x29\4\xd0\0\0\0\0\0\0"s);
  EXPECT_EQ(dns_question("example.com.", DnsType::caa), dns_question("example.com", DnsType::caa));
  for (const std::string& name : {""s, "."s, "a..b"s, std::string(64, 'a'), std::string(300, 'a')})
    EXPECT_EQ(dns_question(name, DnsType::mx), "") << name;
}

TEST(ReadDnsAnswer, TakesWhatWasAskedForBehindAliases) {
  const auto answer = read(kHead + kQuestion + kAlias + kMx);
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_TRUE(answer->authenticated);
  EXPECT_EQ(answer->code, 0u);
  ASSERT_EQ(answer->records.size(), 1u);
  EXPECT_EQ(answer->records[0].data, "mx.example.com");
  EXPECT_EQ(answer->records[0].preference, 10);
  EXPECT_EQ(read(kHead + kQuestion + kAlias + kMx, DnsType::cname)->records[0].data, "com");
}

TEST(ReadDnsAnswer, EveryTornAnswerIsRefused) {
  const std::string whole = kHead + kQuestion + kAlias + kMx;
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(read(whole.substr(0, n))) << n;
}

TEST(ReadDnsAnswer, NamesThatGoRoundAreRefused) {
  const std::string head = "\0\0\x80\0\0\0\0\1\0\0\0\0"s, tail = "\0\x0f\0\1\0\0\0\0\0\0"s;
  EXPECT_FALSE(read(head + "\xc0\x0c"s + tail));     // itself
  EXPECT_FALSE(read(head + "\1a\xc0\x0c"s + tail));  // its own beginning
  EXPECT_FALSE(read(head + "\xc0\x20"s + tail));     // forward
  EXPECT_FALSE(read("\0\0\1\0\0\0\0\0\0\0\0\0"s));   // a question
}

}  // namespace
}  // namespace sally
