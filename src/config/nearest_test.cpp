#include "config/nearest.h"

#include <gtest/gtest.h>

namespace sally::config {
namespace {

TEST(EditDistance, CountsLettersAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("min_version", "min_versoin"), 1U);
  EXPECT_EQ(edit_distance("files", "file"), 1U);
  EXPECT_EQ(edit_distance("TLS", "tls"), 0U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U) << "a swapped pair is not edited again";
}

TEST(Nearest, FindsWhatWasMeant) {
  constexpr std::string_view kKeys[] = {"min_version", "tickets", "ticket_keys", "groups", "files"};
  EXPECT_EQ(nearest("min_versoin", kKeys), "min_version");
  EXPECT_EQ(nearest("ticket", kKeys), "tickets");
  EXPECT_EQ(nearest("Files", kKeys), "files");
  EXPECT_EQ(nearest("ticket_key", kKeys), "ticket_keys");
  EXPECT_EQ(nearest("colour", kKeys), "");
  EXPECT_EQ(nearest("", kKeys), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kKeys), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(Nearest, DoesNotOfferAWordThatSharesNothing) {
  constexpr std::string_view kShort[] = {"h2", "to"};
  EXPECT_EQ(nearest("xy", kShort), "");
  EXPECT_EQ(nearest("h3", kShort), "h2");
}

TEST(Nearest, MakesASentence) {
  constexpr std::string_view kKeys[] = {"listen"};
  EXPECT_EQ(did_you_mean("lisen", kKeys), "; did you mean \"listen\"?");
  EXPECT_EQ(did_you_mean("proxy", kKeys), "");
}

}  // namespace
}  // namespace sally::config
