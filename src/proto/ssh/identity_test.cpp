#include "proto/ssh/identity.h"

#include <gtest/gtest.h>

#include "proto/ssh/host_key.h"

namespace sally::ssh {
namespace {

// Made for this test by ssh-keygen.
constexpr const char* kEd25519 =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
    "QyNTUxOQAAACBcNAnAXzjsGF8eCGITGE0u82s8ZjzoXXPlbycshuYrrAAAAIjIxlSuyMZU\n"
    "rgAAAAtzc2gtZWQyNTUxOQAAACBcNAnAXzjsGF8eCGITGE0u82s8ZjzoXXPlbycshuYrrA\n"
    "AAAEDQr6n4fSmDSU+H5KRG2slKxVxkf3J/Dlx8uF9aUi86Blw0CcBfOOwYXx4IYhMYTS7z\n"
    "azxmPOhdc+VvJyyG5iusAAAAAXQBAgME\n"
    "-----END OPENSSH PRIVATE KEY-----\n";
constexpr const char* kRsa =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAlwAAAAdzc2gtcn\n"
    "NhAAAAAwEAAQAAAIEA1uzyq0gHNgrXnCYd6/zJiIdyNO103233dOZyoJ4n3YbqrXlcs36y\n"
    "3DpYxBANzMBjJ5uuxZBX69APwUcRsKRR14jynCl20BS1lXd3RWD0PGNRL2aYfFqracXtpP\n"
    "k0e5JCt7dHzbm1nOOGl6NISd0f417sTk/KKhllacEVgnqbjwcAAAH4v5UJ57+VCecAAAAH\n"
    "c3NoLXJzYQAAAIEA1uzyq0gHNgrXnCYd6/zJiIdyNO103233dOZyoJ4n3YbqrXlcs36y3D\n"
    "pYxBANzMBjJ5uuxZBX69APwUcRsKRR14jynCl20BS1lXd3RWD0PGNRL2aYfFqracXtpPk0\n"
    "e5JCt7dHzbm1nOOGl6NISd0f417sTk/KKhllacEVgnqbjwcAAAADAQABAAAAgQCoHVnILq\n"
    "QtWpfCdXJMSERf/gqQaflUV5ELqMKa7nsiZcklflvLr1w6tYz/d8tDkG0+6yDvOnP7aZkZ\n"
    "Rv0IXdABR85XmASi59Q+p0/ker1UJG8vpg1AFewCYFrnvx8DJTUE9wpM67V5jOFRR/RDPU\n"
    "u3e7Qid4N8pS8G8YsdlOtqwQAAAEEAg57aop8gdO41A7eiHsdPMm0KLSarDX0Yobssk7j5\n"
    "DM4szsds1RQgjhLAuzYcA9/fn8ggcXW1eWq8FCMMyG/7twAAAEEA85e7fIitgAuxYgCthY\n"
    "1J0rlnY2Pu/4FSqf4tow5LVCv7q/sLBy7CuvsOFWcqUgw3ySPWrQWmjaawhsWRNdjO5wAA\n"
    "AEEA4d9q5MU1+DNN8Nh4A1gNKxN/p8X2an12EMH8kovKxrrXfXVCyiprbECeYyEX8eAlDv\n"
    "sZY3c7r5o/b06Il5va4QAAAAF0\n"
    "-----END OPENSSH PRIVATE KEY-----\n";
constexpr const char* kLocked =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABA47Pjoor\n"
    "wM26v6Zc6sLtp2AAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIJ5SeykfNROaHMWw\n"
    "iLUjQuR7CV3sDV8IBE5OwW7TC2fJAAAAkJJGdTHniXJUblfwe3O/3v9hfy8CHaeQZ0/VkD\n"
    "Lsjz/kf2q/j1XMBQU96FByMnQGKtW/Q5uj7PcJ7KRnXfOIvHFYf6O5IUDn76SHt+3K412y\n"
    "ECZbpOCCwtapYSDzzDuol0++K9JheZ/3e2BlD31Ku3oNPRjaV/BvoIjL2WLUl9xQFA9LRd\n"
    "+jhA4OglDAV0xl2A==\n"
    "-----END OPENSSH PRIVATE KEY-----\n";
constexpr const char* kEcdsa =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS\n"
    "1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQSFY8K17O8Ks8Bqr5CKVn/XjfBHpJsP\n"
    "3BMUnJ80+D7FUtWTL0LWcsPdc6L9wn0kkpJcLpzjX2SkhrwhiVwVoEYbAAAAoJfxEjuX8R\n"
    "I7AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIVjwrXs7wqzwGqv\n"
    "kIpWf9eN8Eekmw/cExScnzT4PsVS1ZMvQtZyw91zov3CfSSSklwunONfZKSGvCGJXBWgRh\n"
    "sAAAAgJ8VJ0BvN8BK76kTMcB2yw1EAFNUiLAW/jrIda5mjzZkAAAABdAECAwQFBgc=\n"
    "-----END OPENSSH PRIVATE KEY-----\n";

TEST(SshIdentity, WhatItSignsIsProvenByItsPublicKey) {
  for (const auto& [file, algorithm] :
       {std::pair{kEd25519, "ssh-ed25519"}, {kRsa, "rsa-sha2-256"}, {kRsa, "rsa-sha2-512"}}) {
    const auto identity = Identity::read(file);
    ASSERT_TRUE(identity) << algorithm;
    EXPECT_EQ(identity->type(), key_type_of(algorithm));
    const auto signature = identity->signature(algorithm, "text");
    ASSERT_TRUE(signature);
    EXPECT_TRUE(*is_signed_by(identity->blob(), algorithm, *signature, "text"));
    EXPECT_FALSE(*is_signed_by(identity->blob(), algorithm, *signature, "other"));
  }
}

TEST(SshIdentity, WhatCannotBeUsedIsNamed) {
  EXPECT_TRUE(Identity::read(kLocked).error().is(kLockedIdentity));
  EXPECT_TRUE(Identity::read(kEcdsa).error().is(kBadIdentity));
  EXPECT_TRUE(Identity::read("ssh-ed25519 AAAA").error().is(kBadIdentity));
  EXPECT_TRUE(Identity::read("").error().is(kBadIdentity));
}

TEST(SshIdentity, ABentKeyIsRefused) {
  std::string bent = kRsa;
  const std::size_t middle = bent.size() / 2;
  bent[middle] = bent[middle] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Identity::read(bent));
  std::string cut = kEd25519;
  cut.erase(cut.size() / 2, 65);
  EXPECT_FALSE(Identity::read(cut));
}

}  // namespace
}  // namespace sally::ssh
