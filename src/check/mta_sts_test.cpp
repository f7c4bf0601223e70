#include "check/mta_sts.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

using Mode = MtaStsPolicy::Mode;

TEST(ReadMtaStsPolicy, TakesWhatTheStandardShows) {
  const auto p = read_mta_sts_policy(
      "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: "
      "604800\r\nmode: none\r\nmore: x\r\n");
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(p->mode, Mode::enforce);
  EXPECT_EQ(p->max_age.count(), 604800);
  EXPECT_TRUE(p->covers("Mail.example.com."));
  EXPECT_TRUE(p->covers("a.example.net"));
  for (const char* host : {"example.net", "a.b.example.net", "mail.example.org", ".example.net", ""})
    EXPECT_FALSE(p->covers(host)) << host;
  EXPECT_TRUE(read_mta_sts_policy("version:STSv1\nmode:none\nmax_age:0"));
}

TEST(ReadMtaStsPolicy, RefusesTheRest) {
  for (const char* text :
       {"", "version: STSv2\nmode: none\nmax_age: 1\n", "version: STSv1\nmode: strict\nmx: a\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmax_age: 1\n", "version: STSv1\nmode: none\n",
        "version: STSv1\nmode: none\nmax_age: -1\n", "version: STSv1\nmode: none\nmax_age: 31557601\n",
        "version: STSv1\nmode: none\nmax_age: 1d\n", "version: STSv1\nmode: none\nmx: a b\nmax_age: 1\n",
        "<html>\n"})
    EXPECT_FALSE(read_mta_sts_policy(text)) << text;
}

TEST(ReadMtaStsRecord, TellsItsIdOrThatItIsAnother) {
  EXPECT_EQ(*read_mta_sts_record("v=STSv1; id=20160831085700Z;"), "20160831085700Z");
  EXPECT_EQ(*read_mta_sts_record("v=spf1 -all"), "");
  EXPECT_EQ(*read_mta_sts_record("v=STSv10; id=1"), "");
  for (const char* txt : {"v=STSv1", "v=STSv1; id=", "v=STSv1; id=a-b", "v=STSv1; id=1; id=2", "v=STSv1; id"})
    EXPECT_FALSE(read_mta_sts_record(txt)) << txt;
}

TEST(ReadTlsRptRecord, TellsWhereReportsGo) {
  EXPECT_EQ(*read_tls_rpt_record("v=TLSRPTv1; rua=mailto:a@example.com,https://example.com/r"),
            (std::vector<std::string>{"mailto:a@example.com", "https://example.com/r"}));
  EXPECT_TRUE(read_tls_rpt_record("v=spf1")->empty());
  for (const char* txt : {"v=TLSRPTv1", "v=TLSRPTv1; rua=", "v=TLSRPTv1; rua=ftp://x"})
    EXPECT_FALSE(read_tls_rpt_record(txt)) << txt;
}

}  // namespace
}  // namespace sally::check
