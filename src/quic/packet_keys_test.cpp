#include "quic/packet_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/digest.h"

namespace sally::quic {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets octets(std::string_view hex) {
  Octets out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}
std::string text(std::span<const std::uint8_t> bytes) { return crypto::hex(std::as_bytes(bytes)); }

std::string mask_of(const HeaderKey& key, std::string_view sample) {
  std::array<std::uint8_t, HeaderKey::kMask> mask;
  key.mask(octets(sample).data(), mask.data());
  return text(mask);
}

const Octets kDestination = octets("8394c8f03e515708");  // RFC 9001 A

TEST(PacketKeys, InitialKeysOfTheStandardsExample) {  // RFC 9001 A.1
  const auto secrets = initial_secrets(kVersion1, std::as_bytes(std::span(kDestination)));
  ASSERT_TRUE(secrets);
  EXPECT_EQ(crypto::hex(secrets->client.bytes()),
            "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea");
  EXPECT_EQ(crypto::hex(secrets->server.bytes()),
            "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b");
  const auto client = derive_keys(initial_suite(), kVersion1, secrets->client.bytes(), true);
  const auto server = derive_keys(initial_suite(), kVersion1, secrets->server.bytes(), true);
  ASSERT_TRUE(client && server);
  EXPECT_EQ(text(client->iv), "fa044b2f42a3fd3b46fb255c");
  EXPECT_EQ(text(server->iv), "0ac1493ca1905853b0bba03e");
  EXPECT_EQ(mask_of(*client->header, "d1b1c98dd7689fb8ec11d242b123dc9b"), "437b9aec36");  // A.2
  EXPECT_EQ(mask_of(*server->header, "2cd0991cd25b0aac406a5816b6394100"), "2ec0d8356a");  // A.3
}

TEST(PacketKeys, InitialKeysOfVersion2) {  // RFC 9369 A.1
  const auto secrets = initial_secrets(kVersion2, std::as_bytes(std::span(kDestination)));
  ASSERT_TRUE(secrets);
  EXPECT_EQ(crypto::hex(secrets->client.bytes()),
            "14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b");
  const auto client = derive_keys(initial_suite(), kVersion2, secrets->client.bytes(), true);
  ASSERT_TRUE(client);
  EXPECT_EQ(text(client->iv), "91f73e2351d8fa91660e909f");
}

TEST(PacketKeys, RetryTagOfTheStandardsExample) {  // RFC 9001 A.4
  const auto key = retry_key(kVersion1);
  ASSERT_TRUE(key);
  const Octets pseudo = octets("088394c8f03e515708ff000000010008f067a5502a4262b5746f6b656e");
  std::array<std::uint8_t, 16> tag;
  ASSERT_TRUE(seal(**key, tag.data(), {}, octets("461599d35d632bf2239825bb"), pseudo));
  EXPECT_EQ(text(tag), "04a265ba2eff4d829058fb3f0f2496ba");
}

TEST(PacketKeys, ChachaPacketOfTheStandardsExample) {  // RFC 9001 A.5
  const Octets secret = octets("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
  const Suite& suite = *suite_of(0x1303);
  const auto keys = derive_keys(suite, kVersion1, std::as_bytes(std::span(secret)), true);
  ASSERT_TRUE(keys);
  EXPECT_EQ(text(keys->iv), "e0459b3474bdd0e44a41c144");
  EXPECT_EQ(mask_of(*keys->header, "5e5cd55c41f69080575d7999c25a5bfb"), "aefefe7d03");
  const Octets plain = {0x01}, nonce = octets("e0459b3474bdd0e46d417eb0"), header = octets("4200bff4");
  std::array<std::uint8_t, 17> sealed;
  ASSERT_TRUE(seal(*keys->aead, sealed.data(), plain, nonce, header));
  EXPECT_EQ(text(sealed), "655e5cd55c41f69080575d7999c25a5bfb");
  std::uint8_t opened = 0;
  ASSERT_TRUE(open(*keys->aead, &opened, sealed, nonce, header));
  EXPECT_EQ(opened, 1);
  sealed[3] ^= 1;
  EXPECT_FALSE(open(*keys->aead, &opened, sealed, nonce, header));
  const auto next = next_secret(suite, kVersion1, std::as_bytes(std::span(secret)));
  ASSERT_TRUE(next);
  EXPECT_EQ(crypto::hex(next->bytes()), "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9");
}

TEST(PacketKeys, OnlySuitesOfQuic) {
  EXPECT_NE(suite_of(0x1301), nullptr);
  EXPECT_NE(suite_of(0x1302), nullptr);
  EXPECT_EQ(suite_of(0x1305), nullptr);  // TLS_AES_128_CCM_8_SHA256: RFC 9001 5.3
}

}  // namespace
}  // namespace sally::quic
