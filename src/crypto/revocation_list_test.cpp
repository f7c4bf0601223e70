#include "crypto/revocation_list.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sally::crypto {
namespace {

constexpr const char* kConfig = R"(
[ca]
default_ca = x
[x]
database = index.txt
crlnumber = number
default_md = sha256
default_crl_days = 3
[place]
issuingDistributionPoint = critical,@point
[point]
fullname = URI:http://crl.example/PLACE
[authorities]
issuingDistributionPoint = critical,@other
[other]
onlyCA = TRUE
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[mute]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[leaf]
crlDistributionPoints = URI:http://crl.example/1.crl
)";

/// An authority by the openssl command, with a certificate of serial number 0x1234.
class RevocationListTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "crl-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(folder_ / "c") << kConfig;
    std::ofstream(folder_ / "number") << "01\n";
    openssl("ecparam -name prime256v1 -genkey -noout -out k");
    for (const char* name : {"root", "mute"})
      openssl(std::string("req -x509 -new -key k -subj /CN=R -days 3 -config c -extensions ") + name +
              " -out " + name);
    openssl("req -new -key k -subj /CN=leaf -config c -out q");
    openssl(
        "x509 -req -in q -CA root -CAkey k -set_serial 0x1234 -days 3 -extfile c -extensions leaf -out leaf");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void openssl(const std::string& arguments) const {
    const std::string command = "cd " + folder_.string() + " && openssl " + arguments + " >/dev/null 2>err";
    ASSERT_EQ(std::system(command.c_str()), 0) << arguments << ": " << text("err");
  }
  std::string text(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(folder_ / name).rdbuf();
    return out.str();
  }
  Certificate certificate(const std::string& name) const {
    return parse_certificates(as_bytes(std::string_view(text(name)))).value().front();
  }
  /// `index`: the database of the authority.
  std::string list(const std::string& index, const std::string& flags = "") const {
    std::ofstream(folder_ / "index.txt") << index;
    openssl("ca -gencrl -config c -cert root -keyfile k -out crl.pem " + flags);
    openssl("crl -in crl.pem -outform DER -out crl");
    return text("crl");
  }
  Result<RevocationList> read(const std::string& der, const char* issuer = "root") const {
    return read_revocation_list(as_bytes(std::string_view(der)), certificate("leaf"), certificate(issuer));
  }

  std::filesystem::path folder_;
};

constexpr const char* kOther = "R\t300101000000Z\t260102030405Z,superseded\t1233\tunknown\t/CN=other\n";
constexpr const char* kOurs = "R\t300101000000Z\t260102030405Z,keyCompromise\t1234\tunknown\t/CN=leaf\n";

TEST_F(RevocationListTest, TellsTheCertificateFromOthers) {
  const auto clean = read(list(kOther));
  ASSERT_TRUE(clean) << clean.error().text();
  EXPECT_FALSE(clean->revoked);
  EXPECT_EQ(clean->entries, 1u);
  EXPECT_TRUE(clean->next_update && *clean->next_update > clean->this_update);
  const auto revoked = read(list(std::string(kOther) + kOurs));
  ASSERT_TRUE(revoked) << revoked.error().text();
  EXPECT_TRUE(revoked->revoked);
  EXPECT_EQ(revoked->reason, "keyCompromise");
  EXPECT_EQ(WallClock::to_time_t(*revoked->revoked_at), 1767323045);
  EXPECT_FALSE(read(list(""))->revoked);
}

TEST_F(RevocationListTest, NothingIsTakenThatTheIssuerDidNotSignForIt) {
  std::string changed = list(kOurs);
  const std::size_t serial = changed.find(std::string_view("\x02\x02\x12\x34", 4));
  ASSERT_NE(serial, std::string::npos);
  changed[serial + 3] = '\x35';
  EXPECT_TRUE(read(changed).error().is(kBadRevocationList));
  EXPECT_FALSE(read(list(kOurs), "leaf"));  // another authority
  EXPECT_FALSE(read(list(kOurs), "mute"));  // one that may not sign lists
}

TEST_F(RevocationListTest, AListForAnotherPlaceOrForAuthoritiesSaysNothing) {
  EXPECT_EQ(read(list(kOurs, "-crlexts place")).error().detail(), "it is for another place of distribution");
  EXPECT_EQ(read(list(kOurs, "-crlexts authorities")).error().detail(), "it is not for servers");
  const std::string command = "sed -i s/PLACE/1.crl/ " + (folder_ / "c").string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto here = read(list(kOurs, "-crlexts place"));
  ASSERT_TRUE(here) << here.error().text();
  EXPECT_TRUE(here->revoked);
}

TEST_F(RevocationListTest, EveryTornListIsRefused) {
  const std::string whole = list(std::string(kOther) + kOurs);
  for (std::size_t n = 0; n < whole.size(); ++n)
    ASSERT_FALSE(read_revocation_list(as_bytes(std::string_view(whole).substr(0, n)), certificate("leaf"),
                                      certificate("root")))
        << n;
  EXPECT_FALSE(read(whole + "x"));
}

TEST_F(RevocationListTest, PlacesAreRead) {
  EXPECT_EQ(crl_urls(certificate("leaf")), std::vector<std::string>{"http://crl.example/1.crl"});
  EXPECT_TRUE(crl_urls(certificate("root")).empty());
}

}  // namespace
}  // namespace sally::crypto
