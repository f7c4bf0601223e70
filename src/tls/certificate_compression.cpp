#include "tls/certificate_compression.h"

#include <brotli/encode.h>
#include <openssl/bytestring.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <mutex>
#include <optional>
#include <string>

namespace sally::tls {
namespace {

/// RFC 8879 7.3.
enum Algorithm : std::uint16_t { kZlib = 1, kBrotli = 2, kZstd = 3 };
constexpr std::array kOrder = {kZstd, kBrotli, kZlib};

std::optional<std::string> compress(Algorithm algorithm, std::string_view in) {
  std::string out;
  std::size_t size = 0;
  if (algorithm == kZlib) {
    uLongf made = compressBound(in.size());
    out.resize(made);
    if (compress2(reinterpret_cast<Bytef*>(out.data()), &made, reinterpret_cast<const Bytef*>(in.data()),
                  in.size(), Z_BEST_COMPRESSION) != Z_OK)
      return std::nullopt;
    size = made;
  } else if (algorithm == kBrotli) {
    size = BrotliEncoderMaxCompressedSize(in.size());
    out.resize(size);
    if (!BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, in.size(),
                               reinterpret_cast<const std::uint8_t*>(in.data()), &size,
                               reinterpret_cast<std::uint8_t*>(out.data())))
      return std::nullopt;
  } else {
    out.resize(ZSTD_compressBound(in.size()));
    size = ZSTD_compress(out.data(), out.size(), in.data(), in.size(), ZSTD_maxCLevel());
    if (ZSTD_isError(size)) return std::nullopt;
  }
  out.resize(size);
  return out;
}

/// The last message of each algorithm and what became of it. A context shows one chain for each key type, and
/// a client that takes compression nearly always gets the same one.
class Kept {
 public:
  bool write(Algorithm algorithm, std::string_view in, CBB* out) {
    const std::scoped_lock lock(mutex_);
    Pair& pair = pairs_[algorithm - 1];
    if (pair.in != in) {
      auto made = compress(algorithm, in);
      if (!made) return false;
      pair = {std::string(in), *std::move(made)};
    }
    return CBB_add_bytes(out, reinterpret_cast<const std::uint8_t*>(pair.out.data()), pair.out.size());
  }

 private:
  struct Pair {
    std::string in, out;
  };
  std::mutex mutex_;
  std::array<Pair, 3> pairs_;
};

int kept_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* kept, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Kept*>(kept); });
  return index;
}

template <Algorithm kAlgorithm>
int write_compressed(SSL* ssl, CBB* out, const std::uint8_t* in, std::size_t size) {
  auto* kept = static_cast<Kept*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), kept_index()));
  return kept->write(kAlgorithm, {reinterpret_cast<const char*>(in), size}, out);
}

}  // namespace

Result<> compress_certificates(SSL_CTX& context) {
  auto kept = std::make_unique<Kept>();
  if (!SSL_CTX_set_ex_data(&context, kept_index(), kept.get()))
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  [[maybe_unused]] Kept* const owned_by_context = kept.release();
  for (const Algorithm a : kOrder) {
    const auto write = a == kZstd     ? write_compressed<kZstd>
                       : a == kBrotli ? write_compressed<kBrotli>
                                      : write_compressed<kZlib>;
    if (!SSL_CTX_add_cert_compression_alg(&context, a, write, nullptr))
      return fail(crypto::kCryptoCall, crypto::drain_errors());
  }
  return {};
}

}  // namespace sally::tls
