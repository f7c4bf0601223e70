#include "proto/sstp/call.h"

#include <gtest/gtest.h>

namespace sally::sstp {
namespace {

using std::string_literals::operator""s;

std::string acknowledgement(char hashes) {
  return "\x10\x01\x00\x30\x00\x02\x00\x01\x00\x04\x00\x28\x00\x00\x00"s + hashes + std::string(32, 'n') +
         "more";
}

TEST(SstpCall, ThePostHasTheAddressOfTheStandard) {
  const std::string post = duplex_post("vpn.example.com", std::string(16, '\xab'));
  EXPECT_TRUE(post.starts_with("SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"));
  EXPECT_TRUE(post.contains("SSTPCORRELATIONID: {ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB}\r\n"));
  EXPECT_TRUE(post.ends_with("Content-Length: 18446744073709551615\r\n\r\n"));
}

TEST(SstpCall, AnAcknowledgementNamesItsDigests) {
  const auto both = read_call_answer(acknowledgement(3));
  ASSERT_TRUE(both && *both);
  EXPECT_TRUE((*both)->acknowledged && (*both)->sha1 && (*both)->sha256);
  EXPECT_FALSE((*read_call_answer(acknowledgement(1)))->sha256);
}

TEST(SstpCall, ARefusalIsAnAnswer) {
  const auto refused = read_call_answer("\x10\x01\x00\x08\x00\x03\x00\x00"s);
  ASSERT_TRUE(refused && *refused);
  EXPECT_FALSE((*refused)->acknowledged);
}

TEST(SstpCall, WaitsForTheWholeAndRefusesWhatIsNone) {
  const std::string whole = acknowledgement(3);
  for (std::size_t n = 0; n < 0x30; ++n) {
    const auto part = read_call_answer(std::string_view(whole).substr(0, n));
    ASSERT_TRUE(part) << n;
    EXPECT_FALSE(*part) << n;
  }
  for (const std::string& wrong :
       {"HTTP/1.1 200 OK"s, "\x10\x00\x00\x08\x00\x02\x00\x00"s, "\x10\x01\x00\x08\x00\x05\x00\x00"s,
        "\x10\x01\x00\x08\x00\x02\x00\x01"s, "\x10\x01\x00\x0c\x00\x02\x00\x01\x00\x04\x00\x01"s})
    EXPECT_FALSE(read_call_answer(wrong)) << wrong;
}

}  // namespace
}  // namespace sally::sstp
