#include "check/content_coding.h"

#include <brotli/decode.h>
#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "base/ascii.h"

namespace sally::check {
namespace {

constexpr std::size_t kStep = 32768;
constexpr int kZstdWindowBits = 23;
using Room = std::array<char, kStep>;

/// Appends as much as the limit leaves; false: it is reached.
bool append(std::string& out, const char* bytes, std::size_t size, std::size_t limit) {
  const std::size_t n = std::min(size, limit - out.size());
  out.append(bytes, n);
  return n == size;
}

Result<Unpacked> unpack_zlib(std::string_view packed, std::size_t limit) {
  z_stream z{};
  constexpr int kGzipOrZlib = 32;
  if (inflateInit2(&z, MAX_WBITS + kGzipOrZlib) != Z_OK) return fail(kBadCoding, "no memory");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&z, inflateEnd);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  z.avail_in = static_cast<uInt>(packed.size());
  Unpacked out;
  Room room;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    z.next_out = reinterpret_cast<Bytef*>(room.data());
    z.avail_out = static_cast<uInt>(room.size());
    state = inflate(&z, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
      return fail(kBadCoding, z.msg ? z.msg : "gzip");
    const std::size_t made = room.size() - z.avail_out;
    if (!append(out.text, room.data(), made, limit)) return out;
    if (made == 0 && state != Z_STREAM_END) return out;
  }
  out.whole = true;
  return out;
}

Result<Unpacked> unpack_brotli(std::string_view packed, std::size_t limit) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (!state) return fail(kBadCoding, "no memory");
  std::size_t left = packed.size();
  const auto* in = reinterpret_cast<const std::uint8_t*>(packed.data());
  Unpacked out;
  Room room;
  for (;;) {
    std::size_t space = room.size();
    auto* to = reinterpret_cast<std::uint8_t*>(room.data());
    const auto got = BrotliDecoderDecompressStream(state.get(), &left, &in, &space, &to, nullptr);
    if (got == BROTLI_DECODER_RESULT_ERROR)
      return fail(kBadCoding, BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state.get())));
    if (!append(out.text, room.data(), room.size() - space, limit)) return out;
    out.whole = got == BROTLI_DECODER_RESULT_SUCCESS;
    if (got != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return out;
  }
}

Result<Unpacked> unpack_zstd(std::string_view packed, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> state(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!state) return fail(kBadCoding, "no memory");
  ZSTD_DCtx_setParameter(state.get(), ZSTD_d_windowLogMax, kZstdWindowBits);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  Unpacked out;
  Room room;
  for (;;) {
    ZSTD_outBuffer to{room.data(), room.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(state.get(), &to, &in);
    if (ZSTD_isError(hint) != 0) return fail(kBadCoding, ZSTD_getErrorName(hint));
    if (!append(out.text, room.data(), to.pos, limit)) return out;
    out.whole = hint == 0;
    if (in.pos == in.size && to.pos < room.size()) return out;
  }
}

}  // namespace

Result<Unpacked> unpack(std::string_view coding, std::string_view packed, std::size_t limit) {
  const std::string name = ascii_lower(trim(coding));
  if (name.empty() || name == "identity")
    return Unpacked{std::string(packed.substr(0, limit)), packed.size() <= limit};
  if (packed.empty()) return Unpacked{{}, true};
  if (name == "gzip" || name == "x-gzip" || name == "deflate") return unpack_zlib(packed, limit);
  if (name == "br") return unpack_brotli(packed, limit);
  if (name == "zstd") return unpack_zstd(packed, limit);
  return fail(kBadCoding, fmt::format("\"{}\" is not known here", name));
}

}  // namespace sally::check
