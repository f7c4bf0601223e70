#include "handler/encoder.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>

namespace sally::handler {
namespace {

constexpr std::size_t kStepBytes = 16 * 1024;

// Where more effort costs much time and saves little: measured on HTML, CSS and scripts.
constexpr int kBrotliQuality = 5, kZstdLevel = 3, kGzipLevel = 6;
constexpr int kMostWindowBits = 19;  // 512 KiB

int window_bits(std::uint64_t size, int least) {
  return std::clamp(static_cast<int>(std::bit_width(size)), least, kMostWindowBits);
}

class Gzip final : public Encoder {
 public:
  Gzip() = default;
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { ::deflateEnd(&z_); }
  bool open() {
    constexpr int kGzipFormat = 16, kMemory = 8;
    return ::deflateInit2(&z_, kGzipLevel, Z_DEFLATED, MAX_WBITS + kGzipFormat, kMemory,
                          Z_DEFAULT_STRATEGY) == Z_OK;
  }
  Result<> write(Bytes in, bool last, std::string& out) override {
    std::array<unsigned char, kStepBytes> step;
    z_.next_in = const_cast<unsigned char*>(as_u8(in));  // the library does not write there
    z_.avail_in = static_cast<unsigned>(in.size());
    do {
      z_.next_out = step.data();
      z_.avail_out = static_cast<unsigned>(step.size());
      if (::deflate(&z_, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) return fail(kEncoderFailed, "gzip");
      out.append(reinterpret_cast<const char*>(step.data()), step.size() - z_.avail_out);
    } while (z_.avail_out == 0);
    return {};
  }

 private:
  z_stream z_{};
};

class Zstd final : public Encoder {
 public:
  Zstd() : z_(::ZSTD_createCCtx()) {}
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
  ~Zstd() override { ::ZSTD_freeCCtx(z_); }
  bool open(std::uint64_t size) {
    return z_ != nullptr &&
           !::ZSTD_isError(::ZSTD_CCtx_setParameter(z_, ZSTD_c_compressionLevel, kZstdLevel)) &&
           !::ZSTD_isError(::ZSTD_CCtx_setParameter(z_, ZSTD_c_windowLog, window_bits(size, 14)));
  }
  Result<> write(Bytes in, bool last, std::string& out) override {
    std::array<char, kStepBytes> step;
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    for (;;) {
      ZSTD_outBuffer to{step.data(), step.size(), 0};
      const std::size_t left = ::ZSTD_compressStream2(z_, &to, &from, last ? ZSTD_e_end : ZSTD_e_continue);
      if (::ZSTD_isError(left))
        return fail(kEncoderFailed, std::string("zstd: ") + ::ZSTD_getErrorName(left));
      out.append(step.data(), to.pos);
      if (last ? left == 0 : from.pos == from.size) return {};
    }
  }

 private:
  ZSTD_CCtx* z_;
};

class Brotli final : public Encoder {
 public:
  Brotli() : z_(::BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {}
  Brotli(const Brotli&) = delete;
  Brotli& operator=(const Brotli&) = delete;
  ~Brotli() override {
    if (z_) ::BrotliEncoderDestroyInstance(z_);
  }
  bool open(std::uint64_t size) {
    const auto bits = static_cast<std::uint32_t>(window_bits(size, 14));
    return z_ != nullptr && ::BrotliEncoderSetParameter(z_, BROTLI_PARAM_QUALITY, kBrotliQuality) &&
           ::BrotliEncoderSetParameter(z_, BROTLI_PARAM_LGWIN, bits);
  }
  Result<> write(Bytes in, bool last, std::string& out) override {
    const std::uint8_t* next_in = as_u8(in);
    std::size_t left_in = in.size();
    std::array<std::uint8_t, kStepBytes> step;
    const auto operation = last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS;
    do {
      std::uint8_t* next_out = step.data();
      std::size_t left_out = step.size();
      if (!::BrotliEncoderCompressStream(z_, operation, &left_in, &next_in, &left_out, &next_out, nullptr))
        return fail(kEncoderFailed, "brotli");
      out.append(reinterpret_cast<const char*>(step.data()), step.size() - left_out);
    } while (left_in > 0 || ::BrotliEncoderHasMoreOutput(z_) || (last && !::BrotliEncoderIsFinished(z_)));
    return {};
  }

 private:
  BrotliEncoderState* z_;
};

template <typename E, typename... Args>
Result<std::unique_ptr<Encoder>> opened(Args... args) {
  auto made = std::make_unique<E>();
  if (!made->open(args...)) return fail(kEncoderFailed, "no memory");
  return made;
}

}  // namespace

Result<std::unique_ptr<Encoder>> make_encoder(Coding coding, std::uint64_t size) {
  switch (coding) {
    case Coding::br:
      return opened<Brotli>(size);
    case Coding::zstd:
      return opened<Zstd>(size);
    case Coding::gzip:
      break;
  }
  return opened<Gzip>();
}

Result<std::string> encode(Coding coding, std::string_view in) {
  TRY(const auto encoder, make_encoder(coding, in.size()));
  std::string out;
  TRY_VOID(encoder->write(as_bytes(in), true, out));
  return out;
}

}  // namespace sally::handler
