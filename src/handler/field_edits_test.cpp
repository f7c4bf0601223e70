#include "handler/field_edits.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

using Edits = std::map<std::string, std::string>;

std::string all(const http::Fields& fields) {
  std::string out;
  for (const http::Field& f : fields) out.append(f.name).append("=").append(f.value).append("|");
  return out;
}

class FieldEditsTest : public testing::Test {
 protected:
  FieldEditsTest() : x(1024) {
    facts.client_address = "192.0.2.7";
    x.facts = &facts;
    x.request.host = "example.com";
    x.request.scheme = "https";
    x.request.method_text = "GET";
    x.request.path = "/new";
    x.request.asked_path = "/old";
  }
  std::string edited(const std::map<std::string, std::string>& edits, std::string_view had = "old") {
    http::Fields fields;
    fields.add("x-a", had);
    fields.add("x-a", "twice");
    fields.add("x-b", "kept");
    FieldEdits(edits).apply(fields, x);
    return all(fields);
  }

  http::ConnectionFacts facts;
  http::Exchange x;
};

TEST_F(FieldEditsTest, SetsAndRemoves) {
  EXPECT_EQ(edited({{"X-A", "new"}}), "x-a=new|x-b=kept|");
  EXPECT_EQ(edited({{"X-A", ""}}), "x-b=kept|");
  EXPECT_EQ(edited({{"X-C", "more"}, {"X-None", ""}}), "x-a=old|x-a=twice|x-b=kept|x-c=more|");
  EXPECT_TRUE(FieldEdits().empty());
}

TEST_F(FieldEditsTest, VariablesStandForWhatTheySay) {
  EXPECT_EQ(edited({{"x-a", "{client_address} {host} {method} {path} {scheme}!"}}),
            "x-a=192.0.2.7 example.com GET /old https!|x-b=kept|");
  EXPECT_EQ(edited({{"x-a", "{{host}}"}}), "x-a={host}|x-b=kept|");
  x.request.host.clear();
  EXPECT_EQ(edited({{"x-a", "at {host}"}}), "x-b=kept|") << "nothing is known, so nothing is said";
}

TEST_F(FieldEditsTest, ValuesAreChecked) {
  for (const std::string_view good : {"", "plain", "{host}", "a{{b}}c", "{scheme}://{host}"})
    EXPECT_EQ(check_edit_value(good), "") << good;
  for (const std::string_view bad : {"{", "}", "a{b", "{}", "a}b", "{nobody}", "{host", "{ host }"})
    EXPECT_NE(check_edit_value(bad), "") << bad;
  EXPECT_NE(check_edit_value("{nobody}").find("no variable {nobody}; there are {client_address}"),
            std::string::npos);
}

TEST_F(FieldEditsTest, WhatIsPreparedForAllIsNotChanged) {
  http::PreparedFields prepared;
  prepared.fields.add("cache-control", "max-age=60");
  prepared.fields.add("etag", "\"1\"");
  x.response.prepared = &prepared;
  x.response.fields.add("x-own", "1");
  ResponseEdits(FieldEdits(Edits{{"X-Other", "2"}})).edit(x);
  EXPECT_EQ(x.response.prepared, &prepared) << "none of it is touched";
  EXPECT_EQ(all(x.response.fields), "x-own=1|x-other=2|");
  ResponseEdits(FieldEdits(Edits{{"Cache-Control", "no-store"}, {"x-own", ""}})).edit(x);
  EXPECT_EQ(x.response.prepared, nullptr);
  EXPECT_EQ(all(x.response.fields), "cache-control=no-store|etag=\"1\"|x-other=2|");
  EXPECT_EQ(all(prepared.fields), "cache-control=max-age=60|etag=\"1\"|");
}

}  // namespace
}  // namespace sally::handler
