#include "proto/ssh/identity.h"

namespace sally::ssh {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kMagic = "openssh-key-v1\0"sv;

Result<crypto::RawSigner> signer_in(std::string_view type, Reader& in) {
  if (type == "ssh-ed25519") {
    constexpr std::size_t kSeedBytes = 32;
    TRY_VOID(take_string(in, "public key"));
    TRY(const std::string pair, take_string(in, "private key"));
    if (pair.size() != 2 * kSeedBytes) return fail(kBadIdentity, "a key of a wrong length");
    return crypto::RawSigner::ed25519(as_bytes(std::string_view(pair).substr(0, kSeedBytes)));
  }
  if (type != "ssh-rsa") return fail(kBadIdentity, "a key of another type");
  TRY(const std::string n, take_string(in, "n"));
  TRY(const std::string e, take_string(in, "e"));
  TRY(const std::string d, take_string(in, "d"));
  TRY_VOID(take_string(in, "iqmp"));
  TRY(const std::string p, take_string(in, "p"));
  TRY(const std::string q, take_string(in, "q"));
  return crypto::RawSigner::rsa({as_bytes(std::string_view(n)), as_bytes(std::string_view(e)),
                                 as_bytes(std::string_view(d)), as_bytes(std::string_view(p)),
                                 as_bytes(std::string_view(q))});
}

struct Parts {
  std::string blob, inside;
};

Result<Parts> parts_of(std::string_view block) {
  if (!block.starts_with(kMagic)) return fail(kBadIdentity, "the block begins otherwise");
  Reader in(as_bytes(block.substr(kMagic.size())), 0);
  TRY(const std::string cipher, take_string(in, "cipher"));
  TRY_VOID(take_string(in, "kdf"));
  TRY_VOID(take_string(in, "kdf options"));
  TRY(const std::uint32_t keys, in.u32("keys"));
  if (cipher != "none") return fail(kLockedIdentity);
  if (keys != 1) return fail(kBadIdentity, "not one key");
  Parts out;
  TRY(out.blob, take_string(in, "public key"));
  TRY(out.inside, take_string(in, "private keys"));
  return out;
}

}  // namespace

Result<Identity> Identity::read(std::string_view text) {
  const auto block = crypto::pem_block(text, "OPENSSH PRIVATE KEY");
  if (!block) return fail(kBadIdentity, std::string(block.error().detail()));
  TRY(Parts parts, parts_of(*block));
  Reader in(as_bytes(std::string_view(parts.inside)), 0);
  TRY(const std::uint32_t check, in.u32("check"));
  TRY(const std::uint32_t again, in.u32("check"));
  if (check != again) return fail(kBadIdentity, "the check numbers differ");
  TRY(std::string type, take_string(in, "type"));
  auto signer = signer_in(type, in);
  if (!signer) return fail(kBadIdentity, signer.error().text());
  return Identity(std::move(type), std::move(parts.blob), *std::move(signer));
}

Result<std::string> Identity::signature(std::string_view algorithm, std::string_view text) const {
  const auto digest = algorithm == "rsa-sha2-256" ? crypto::Digest::sha256 : crypto::Digest::sha512;
  TRY(const std::string signature, signer_.sign(as_bytes(text), digest));
  std::string out;
  put_string(out, algorithm);
  put_string(out, signature);
  return out;
}

}  // namespace sally::ssh
