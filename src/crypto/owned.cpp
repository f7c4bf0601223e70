#include "crypto/owned.h"

#include <climits>

namespace sally::crypto {

std::string drain_errors() {
  std::string out;
  char line[256];
  while (const std::uint32_t code = ERR_get_error()) {
    ERR_error_string_n(code, line, sizeof line);
    if (!out.empty()) out += "; ";
    out += line;
  }
  return out;
}

Result<BioPtr> reading_bio(Bytes text) {
  if (text.size() > INT_MAX) return fail(kCryptoCall, "more than 2 GiB in one buffer");
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<ossl_ssize_t>(text.size())));
  if (!bio) return fail(kCryptoCall, drain_errors());
  return bio;
}

Result<BioPtr> writing_bio() {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio) return fail(kCryptoCall, drain_errors());
  return bio;
}

std::string bio_text(BIO& bio) {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (BIO_mem_contents(&bio, &bytes, &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace sally::crypto
