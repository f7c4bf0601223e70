#include "gateway/request_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>

namespace sally::gateway {
namespace {

TEST(RequestIds, AreSixteenLettersAndDigits) {
  RequestIds ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id(ids.next());
    EXPECT_EQ(id.size(), 16u);
    EXPECT_TRUE(std::ranges::all_of(id, [](unsigned char c) { return std::isdigit(c) || std::islower(c); }))
        << id;
  }
}

TEST(RequestIds, NeverComeTwice) {
  RequestIds one, two;  // as on two cores
  std::set<std::string> seen;
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_TRUE(seen.emplace(one.next()).second);
    EXPECT_TRUE(seen.emplace(two.next()).second);
  }
}

TEST(RequestIds, UseEachLetterAtEachPlace) {
  RequestIds ids;
  std::array<std::set<char>, RequestIds::kLength> seen;
  for (int i = 0; i < 4000; ++i) {
    const std::string_view id = ids.next();
    for (std::size_t place = 0; place < id.size(); ++place) seen[place].insert(id[place]);
  }
  for (const auto& letters : seen) EXPECT_EQ(letters.size(), 32u);
}

}  // namespace
}  // namespace sally::gateway
