#include "proto/ssh/host_key.h"

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/raw_key.h"

namespace sally::ssh {
namespace {

using crypto::Digest, crypto::RawKey;

struct Row {
  std::string_view algorithm, type;
  Digest digest;
  unsigned curve_bits;
};
constexpr Row kRows[] = {{"ssh-ed25519", "ssh-ed25519", Digest::sha512, 0},
                         {"rsa-sha2-512", "ssh-rsa", Digest::sha512, 0},
                         {"rsa-sha2-256", "ssh-rsa", Digest::sha256, 0},
                         {"ssh-rsa", "ssh-rsa", Digest::sha1, 0},
                         {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", Digest::sha256, 256},
                         {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", Digest::sha384, 384},
                         {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", Digest::sha512, 521}};

const Row* row_of(std::string_view algorithm) {
  const auto* const it = std::ranges::find(kRows, algorithm, &Row::algorithm);
  return it == std::end(kRows) ? nullptr : it;
}

Result<RawKey> key_in(std::string_view type, Reader& in) {
  if (type == "ssh-rsa") {
    TRY(const std::string exponent, take_string(in, "e"));
    TRY(const std::string modulus, take_string(in, "n"));
    return RawKey::rsa(as_bytes(modulus), as_bytes(exponent));
  }
  if (type == "ssh-ed25519") {
    TRY(const std::string key, take_string(in, "key"));
    return RawKey::ed25519(as_bytes(key));
  }
  TRY_VOID(take_string(in, "curve"));
  TRY(const std::string point, take_string(in, "Q"));
  const Row* const row = row_of(type);
  if (!row) return fail(kMalformed, WirePos{.field = "host key type"}, "a type that is not known");
  return RawKey::ecdsa(row->curve_bits, as_bytes(point));
}

}  // namespace

std::string_view key_type_of(std::string_view algorithm) {
  const Row* const row = row_of(algorithm);
  return row ? row->type : std::string_view();
}

Result<HostKey> read_host_key(std::string_view blob) {
  Reader in(as_bytes(blob), 0);
  HostKey out;
  TRY(out.type, take_string(in, "host key type"));
  if (out.type.size() > 100 || !std::ranges::all_of(out.type, [](char c) { return c > ' ' && c < 0x7f; }))
    return fail(kMalformed, WirePos{.field = "host key type"});
  const std::string digest = crypto::base64(crypto::sha256(blob));
  out.fingerprint = "SHA256:" + digest.substr(0, digest.find('='));
  if (!row_of(out.type)) return out;
  TRY(const RawKey key, key_in(out.type, in));
  out.bits = key.bits();
  return out;
}

Result<bool> is_signed_by(std::string_view blob, std::string_view algorithm, std::string_view signature,
                          std::string_view text) {
  const Row* const row = row_of(algorithm);
  Reader in(as_bytes(blob), 0), sig(as_bytes(signature), 0);
  TRY(const std::string type, take_string(in, "host key type"));
  TRY(const std::string named, take_string(sig, "signature algorithm"));
  if (!row || type != row->type || named != algorithm) return false;
  TRY(const RawKey key, key_in(type, in));
  TRY(const std::string bytes, take_string(sig, "signature"));
  if (row->curve_bits == 0) return key.vouches_for(as_bytes(text), as_bytes(bytes), row->digest);
  Reader pair(as_bytes(bytes), 0);
  TRY(const std::string r, take_string(pair, "r"));
  TRY(const std::string s, take_string(pair, "s"));
  return key.vouches_for(as_bytes(text), as_bytes(r), as_bytes(s), row->digest);
}

}  // namespace sally::ssh
