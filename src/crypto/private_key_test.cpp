#include "crypto/private_key.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace sally::crypto {
namespace {

/// What a shell command prints. The real openssl makes the forms that we must be able to read.
std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (!pipe) return out;
  char piece[4096];
  while (const std::size_t n = std::fread(piece, 1, sizeof piece, pipe)) out.append(piece, n);
  ::pclose(pipe);
  return out;
}

struct Form {
  const char *title, *command, *key;
};
constexpr Form kForms[] = {
    {"PKCS#8 EC", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", "ECDSA P-256"},
    {"SEC 1 with parameters", "openssl ecparam -name secp384r1 -genkey", "ECDSA P-384"},
    {"PKCS#1", "openssl genrsa -traditional 2048", "RSA 2048"},
    {"PKCS#8 RSA", "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072", "RSA 3072"},
    {"PKCS#8 Ed25519", "openssl genpkey -algorithm ED25519", "Ed25519"},
    {"behind text", "echo hello; openssl genpkey -algorithm ED25519", "Ed25519"},
};

TEST(PrivateKey, ReadsEveryFormThatOpensslWrites) {
  for (const Form& form : kForms) {
    const std::string pem = output_of(std::string("(") + form.command + ")");
    ASSERT_FALSE(pem.empty()) << form.title;
    const auto key = PrivateKey::from_pem(as_bytes(pem));
    ASSERT_TRUE(key) << form.title << ": " << key.error().text();
    EXPECT_EQ(key->facts().text, form.key) << form.title;
  }
}

struct Refusal {
  const char *title, *command, *id;
};
constexpr Refusal kRefusals[] = {
    {"locked PKCS#8",
     "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:secret",
     "crypto.key_encrypted"},
    {"locked PKCS#1", "openssl genrsa -traditional -aes128 -passout pass:secret 2048",
     "crypto.key_encrypted"},
    {"short RSA", "openssl genrsa 1024", "crypto.key_too_weak"},
    {"public key", "openssl genrsa 2048 | openssl pkey -pubout", "crypto.not_a_key"},
    {"cut off", "openssl genrsa 2048 | head -5", "crypto.not_a_key"},
    {"damaged", "openssl genrsa 2048 | sed '5s/.*/&@@@@/'", "crypto.not_a_key"},
    {"text", "echo hello", "crypto.not_a_key"},
    {"nothing", "true", "crypto.not_a_key"},
    {"huge", "head -c 1100000 /dev/zero", "crypto.key_file_too_large"},
};

TEST(PrivateKey, RefusesWithTheRightReason) {
  for (const Refusal& refusal : kRefusals) {
    const auto key = PrivateKey::from_pem(as_bytes(output_of(std::string("(") + refusal.command + ")")));
    ASSERT_FALSE(key) << refusal.title;
    EXPECT_EQ(key.error().kind().id, refusal.id) << refusal.title << ": " << key.error().text();
  }
}

TEST(PrivateKey, ErrorsNeverHoldTheKey) {
  const std::string locked =
      output_of("openssl genpkey -algorithm ED25519 | sed 's/PRIVATE KEY/SECRET THING/'");
  const auto key = PrivateKey::from_pem(as_bytes(locked));
  ASSERT_FALSE(key);
  const std::string body = locked.substr(locked.find('\n') + 1, 20);
  EXPECT_EQ(key.error().text().find(body), std::string::npos);
  EXPECT_NE(key.error().text().find("SECRET THING"), std::string::npos);
}

TEST(PrivateKey, MadeKeysSurviveTheirPem) {
  for (const NewKey kind : {NewKey::p256, NewKey::p384, NewKey::rsa2048, NewKey::ed25519}) {
    const auto made = PrivateKey::generate(kind);
    ASSERT_TRUE(made);
    const auto pem = made->pem();
    ASSERT_TRUE(pem);
    EXPECT_TRUE(pem->starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const auto again = PrivateKey::from_pem(as_bytes(*pem));
    ASSERT_TRUE(again);
    EXPECT_EQ(EVP_PKEY_cmp(made->handle(), again->handle()), 1);
    EXPECT_EQ(made->facts().text, again->facts().text);
  }
}

TEST(PrivateKey, CopiesShareTheKey) {
  auto one = PrivateKey::generate(NewKey::p256);
  ASSERT_TRUE(one);
  PrivateKey two = *one;
  const EVP_PKEY* handle = one->handle();
  one = PrivateKey::generate(NewKey::ed25519);
  EXPECT_EQ(two.handle(), handle);
  EXPECT_EQ(two.facts().text, "ECDSA P-256");
}

}  // namespace
}  // namespace sally::crypto
