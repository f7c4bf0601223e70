#include "check/hsts.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

TEST(Hsts, ValidForms) {
  struct Case {
    const char* text;
    std::uint64_t age;
    bool subdomains, preload;
  };
  const Case cases[] = {
      {"max-age=63072000", 63072000, false, false},
      {"max-age=63072000; includeSubDomains; preload", 63072000, true, true},
      {"MAX-AGE=\"31536000\";INCLUDESUBDOMAINS", 31536000, true, false},
      {" includeSubDomains ; max-age = 1 ;", 1, true, false},
      {"max-age=0", 0, false, false},
      {";;max-age=5; unknown=x; other", 5, false, false},
  };
  for (const Case& c : cases) {
    const Hsts h = parse_hsts(c.text);
    EXPECT_TRUE(h.valid()) << c.text << ": " << (h.faults.empty() ? "" : h.faults.front());
    EXPECT_EQ(h.max_age.value_or(999), c.age) << c.text;
    EXPECT_EQ(h.include_subdomains, c.subdomains) << c.text;
    EXPECT_EQ(h.preload, c.preload) << c.text;
  }
}

TEST(Hsts, InvalidForms) {
  for (const char* text :
       {"", "includeSubDomains", "max-age", "max-age=", "max-age=+5", "max-age=1e9", "max-age=-1",
        "max-age=99999999999999999999999", "max-age=1; max-age=1", "max-age=1, includeSubDomains",
        "max-age=1; includeSubDomains=true", "max-age=\"1", "max age=1"})
    EXPECT_FALSE(parse_hsts(text).valid()) << text;
}

TEST(Hsts, PreloadNeedsAllThree) {
  EXPECT_TRUE(parse_hsts("max-age=31536000; includeSubDomains; preload").preload_ready());
  EXPECT_FALSE(parse_hsts("max-age=31535999; includeSubDomains; preload").preload_ready());
  EXPECT_FALSE(parse_hsts("max-age=31536000; includeSubDomains").preload_ready());
  EXPECT_FALSE(parse_hsts("max-age=31536000; preload").preload_ready());
}

}  // namespace
}  // namespace sally::check
