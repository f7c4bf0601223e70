#include "handler/accept_encoding.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

struct Row {
  std::string_view value;
  std::array<int, 4> weights;  ///< br, zstd, gzip, identity
};

constexpr Row kRows[] = {
    {"", {0, 0, 0, 1}},
    {"gzip", {0, 0, 1000, 1}},
    {"gzip, deflate, br, zstd", {1000, 1000, 1000, 1}},
    {"GZip;Q=0.5", {0, 0, 500, 1}},
    {"x-gzip", {0, 0, 1000, 1}},
    {"br;q=0", {0, 0, 0, 1}},
    {"br;q=0.001,zstd;q=1.000,gzip;q=0.12", {1, 1000, 120, 1}},
    {"*", {1000, 1000, 1000, 1}},
    {"*;q=0", {0, 0, 0, 0}},
    {"*;q=0, gzip", {0, 0, 1000, 0}},
    {"*;q=0, identity;q=0.2", {0, 0, 0, 200}},
    {"identity;q=0", {0, 0, 0, 0}},
    {"identity, br;q=0.5", {500, 0, 0, 1000}},
    {"br ; q=0.3 , zstd\t;\tq=0.4", {300, 400, 0, 1}},
    {"br;q=2", {0, 0, 0, 1}},
    {"br;q=1.001", {0, 0, 0, 1}},
    {"br;q=0.1234", {0, 0, 0, 1}},
    {"br;q=-1", {0, 0, 0, 1}},
    {"br;q=", {0, 0, 0, 1}},
    {"br;quality=1", {0, 0, 0, 1}},
    {"br;q=0.5;x=y", {0, 0, 0, 1}},
    {",,;q=1,gzip", {0, 0, 1000, 1}},
};

TEST(AcceptEncoding, Table) {
  for (const Row& row : kRows) {
    const CodingWeights got = accepted_codings(row.value);
    EXPECT_EQ((std::array<int, 4>{got[Coding::br], got[Coding::zstd], got[Coding::gzip], got.identity}),
              row.weights)
        << row.value;
  }
}

TEST(AcceptEncoding, WithoutTheFieldThereIsNoCoding) {
  http::Fields fields;
  fields.add("accept", "br");
  EXPECT_EQ(accepted_codings(fields), CodingWeights{});
  fields.add("accept-encoding", "br;q=0.5");
  fields.add("accept-encoding", "gzip");
  EXPECT_EQ(accepted_codings(fields)[Coding::br], 500);
  EXPECT_EQ(accepted_codings(fields)[Coding::gzip], 1000);
}

TEST(AcceptEncoding, TheClientsWeightComesBeforeTheServersOrder) {
  constexpr std::array kAll = {Coding::br, Coding::zstd, Coding::gzip};
  EXPECT_EQ(choose_coding(accepted_codings("gzip, br"), kAll), Coding::br);
  EXPECT_EQ(choose_coding(accepted_codings("gzip;q=0.9, br;q=0.8"), kAll), Coding::gzip);
  EXPECT_EQ(choose_coding(accepted_codings("identity, br;q=0.8"), kAll), std::nullopt);
  EXPECT_EQ(choose_coding(accepted_codings("deflate"), kAll), std::nullopt);
  EXPECT_EQ(choose_coding(accepted_codings("br, gzip"), std::array{Coding::gzip}), Coding::gzip);
}

}  // namespace
}  // namespace sally::handler
