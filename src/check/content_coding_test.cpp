#include "check/content_coding.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace sally::check {
namespace {

std::string gzip(std::string_view text) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string brotli(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 64;
  std::string out(size, '\0');
  EXPECT_TRUE(BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(),
                                    reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(out.data())));
  out.resize(size);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string packed(const std::string& coding, std::string_view text) {
  return coding == "gzip" ? gzip(text) : coding == "br" ? brotli(text) : zstd(text);
}

class EachCoding : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Unpack, EachCoding, testing::Values("gzip", "br", "zstd"));

TEST_P(EachCoding, GivesBackWhatWasPacked) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919);
  const auto out = unpack(GetParam(), packed(GetParam(), text), text.size());
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->whole);
  EXPECT_EQ(out->text, text);
}

TEST_P(EachCoding, ABombEndsAtTheLimit) {
  const auto out = unpack(GetParam(), packed(GetParam(), std::string(50'000'000, 'a')), 100'000);
  ASSERT_TRUE(out);
  EXPECT_FALSE(out->whole);
  EXPECT_EQ(out->text.size(), 100'000u);
}

TEST_P(EachCoding, CutBytesGiveWhatTheyHold) {
  const std::string all = packed(GetParam(), std::string(1000, 'x') + std::string(1000, 'y'));
  const auto out = unpack(GetParam(), std::string_view(all).substr(0, all.size() - 6), 10'000);
  ASSERT_TRUE(out);
  EXPECT_FALSE(out->whole);
}

TEST_P(EachCoding, OtherBytesAreRefused) {
  const auto out = unpack(GetParam(), "<html>this is not compressed at all</html>", 10'000);
  ASSERT_FALSE(out);
  EXPECT_TRUE(out.error().is(kBadCoding));
}

TEST(Unpack, PlainAndUnknown) {
  EXPECT_EQ(unpack("identity", "abc", 2)->text, "ab");
  EXPECT_TRUE(unpack("", "abc", 3)->whole);
  EXPECT_FALSE(unpack("snappy", "abc", 3));
}

}  // namespace
}  // namespace sally::check
