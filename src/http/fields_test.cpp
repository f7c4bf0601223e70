#include "http/fields.h"

#include <gtest/gtest.h>

namespace sally::http {
namespace {

Fields three() {
  Fields f;
  f.add("a", "1");
  f.add("b", "2");
  f.add("a", "3");
  return f;
}

TEST(Fields, KeepOrderAndDuplicates) {
  const Fields f = three();
  std::string all;
  for (const Field& field : f) all.append(field.name).append(field.value);
  EXPECT_EQ(all, "a1b2a3");
  EXPECT_EQ(f.first("a"), "1");
  EXPECT_EQ(f.first("c"), std::nullopt);
  EXPECT_EQ(f.count("a"), 2u);
  EXPECT_EQ(f.count("c"), 0u);
}

TEST(Fields, SetLeavesOneInThePlaceOfTheFirst) {
  Fields f = three();
  f.set("a", "9");
  ASSERT_EQ(f.size(), 2u);
  EXPECT_EQ(f.begin()->value, "9");
  f.set("c", "4");
  EXPECT_EQ(f.first("c"), "4");
}

TEST(Fields, RemoveTakesAllOfAName) {
  Fields f = three();
  f.remove("a");
  ASSERT_EQ(f.size(), 1u);
  EXPECT_EQ(f.first("b"), "2");
}

TEST(Fields, ListsFindsTokensInAnyFieldIgnoringCaseAndBlanks) {
  Fields f;
  f.add("connection", "keep-alive,  X-Y\t");
  f.add("connection", ",,Close");
  for (const std::string_view token : {"keep-alive", "x-y", "close", "CLOSE"})
    EXPECT_TRUE(f.lists("connection", token)) << token;
  for (const std::string_view token : {"keep", "alive", "y", "clos", "keep-alive,"})
    EXPECT_FALSE(f.lists("connection", token)) << token;
  EXPECT_FALSE(f.lists("te", "close"));
}

}  // namespace
}  // namespace sally::http
