#include "proto/ssh/client.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace sally::ssh {
namespace {

Lists server_lists() {
  Lists out;
  out.kex = {"mlkem768x25519-sha256", "curve25519-sha256", "kex-strict-s-v00@openssh.com"};
  out.host_key = {"rsa-sha2-512", "ssh-ed25519"};
  out.cipher_out = out.cipher_in = {"aes128-ctr"};
  out.mac_out = out.mac_in = {"hmac-sha2-256"};
  out.zip_out = out.zip_in = {"none"};
  return out;
}

std::string cookie() { return std::string(16, 'c'); }

TEST(SshWire, ListsComeBackAsTheyWent) {
  const Lists lists = server_lists();
  const auto read = parse_lists(as_bytes(build_lists(lists, cookie())));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, lists);
  EXPECT_TRUE(read->has_kex("curve25519-sha256"));
  EXPECT_FALSE(read->has_kex("curve25519"));
}

TEST(SshWire, NamesThatAreNoneAreRefused) {
  Lists lists = server_lists();
  lists.kex = {"a b"};
  EXPECT_FALSE(parse_lists(as_bytes(build_lists(lists, cookie()))));
  lists.kex = {"a", "", "b"};
  EXPECT_FALSE(parse_lists(as_bytes(build_lists(lists, cookie()))));
  const std::string whole = build_lists(server_lists(), cookie());
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_FALSE(parse_lists(as_bytes(std::string_view(whole).substr(0, n)))) << n;
}

TEST(SshWire, NumbersCarryTheirSign) {
  std::string out;
  put_mpint(out, std::string("\0\0\x80\x01", 4));
  EXPECT_EQ(out, std::string("\0\0\0\3\0\x80\x01", 7));
  out.clear();
  put_mpint(out, std::string("\0\0", 2));
  EXPECT_EQ(out, std::string("\0\0\0\0", 4));
}

struct Seal {
  const char *cipher, *mac;
};

TEST(SshPacketCipher, WhatIsSealedIsOpenedAgain) {
  const KeySource keys = [](char letter, std::size_t n) { return std::string(n, letter); };
  for (const auto& [cipher, mac] :
       {Seal{"aes128-gcm@openssh.com", ""}, Seal{"aes256-gcm@openssh.com", ""},
        Seal{"chacha20-poly1305@openssh.com", ""}, Seal{"aes128-ctr", "hmac-sha2-256"},
        Seal{"aes256-ctr", "hmac-sha2-512-etm@openssh.com"}, Seal{"aes192-ctr", "hmac-sha1"}}) {
    PacketCipher out, in;
    ASSERT_TRUE(out.change(cipher, mac, keys, "ACE", true, true));
    ASSERT_TRUE(in.change(cipher, mac, keys, "ACE", false, true));
    Buffer wire(1 << 20);
    for (const std::size_t size : {1u, 15u, 16u, 17u, 300u}) {
      const std::string payload(size, 'p');
      const auto packet = out.seal(payload);
      ASSERT_TRUE(packet);
      for (const char c : *packet) {  // byte by byte: it waits for the last one
        EXPECT_EQ(in.open(wire)->value_or("-"), "-");
        ASSERT_TRUE(wire.append(std::string_view(&c, 1)));
      }
      EXPECT_EQ(in.open(wire)->value_or("-"), payload) << cipher;
      EXPECT_TRUE(wire.empty());
    }
    std::string bent = *out.seal("x");
    bent.back() = static_cast<char>(bent.back() ^ 1);
    ASSERT_TRUE(wire.append(bent));
    const auto opened = in.open(wire);
    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(kBadSeal));
  }
}

TEST(SshHostKey, Ed25519) {
  // RFC 8032 7.1, test 1
  constexpr unsigned char kKey[] = {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
                                    0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
                                    0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
  constexpr unsigned char kSignature[] = {
      0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72, 0x90, 0x86, 0xe2, 0xcc, 0x80, 0x6e, 0x82, 0x8a,
      0x84, 0x87, 0x7f, 0x1e, 0xb8, 0xe5, 0xd9, 0x74, 0xd8, 0x73, 0xe0, 0x65, 0x22, 0x49, 0x01, 0x55,
      0x5f, 0xb8, 0x82, 0x15, 0x90, 0xa3, 0x3b, 0xac, 0xc6, 0x1e, 0x39, 0x70, 0x1c, 0xf9, 0xb4, 0x6b,
      0xd2, 0x5b, 0xf5, 0xf0, 0x59, 0x5b, 0xbe, 0x24, 0x65, 0x51, 0x41, 0x43, 0x8e, 0x7a, 0x10, 0x0b};
  std::string blob, signature;
  put_string(blob, "ssh-ed25519");
  put_string(blob, as_text(as_bytes(std::span(kKey))));
  put_string(signature, "ssh-ed25519");
  put_string(signature, as_text(as_bytes(std::span(kSignature))));
  const auto key = read_host_key(blob);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->bits, 256u);
  EXPECT_EQ(key->fingerprint.size(), 7u + 43u);
  EXPECT_TRUE(*is_signed_by(blob, "ssh-ed25519", signature, ""));
  EXPECT_FALSE(*is_signed_by(blob, "ssh-ed25519", signature, "x"));
  EXPECT_FALSE(*is_signed_by(blob, "rsa-sha2-256", signature, ""));
}

/// What the client does with one answer of a server.
Result<Client::Step> after(Client& client, std::string_view said) {
  Buffer in(1 << 20);
  EXPECT_TRUE(in.append(said));
  return client.step(in);
}

TEST(SshClient, LinesBeforeTheBannerAreKept) {
  Client client({});
  ASSERT_TRUE(after(client, "Exceeded MaxStartups\r\n"));
  EXPECT_EQ(client.heard().before, std::vector<std::string>{"Exceeded MaxStartups"});
}

TEST(SshClient, ThatIsNoSsh) {
  Client client({});
  const auto step = after(client, std::string(10000, 'x'));
  ASSERT_FALSE(step);
  EXPECT_TRUE(step.error().is(kNoSsh));
}

TEST(SshClient, EndsAtTheFirstVersion) {
  Client client({});
  const auto step = after(client, "SSH-1.5-old\n");
  ASSERT_TRUE(step);
  EXPECT_TRUE(step->done);
  EXPECT_EQ(client.heard().banner, "SSH-1.5-old");
}

TEST(SshClient, AsksForTheKeyThatIsWanted) {
  Client client({.key_types = {"ssh-ed25519"}});
  PacketCipher server;
  const auto step = after(client, "SSH-2.0-x\r\n" + *server.seal(build_lists(server_lists(), cookie())));
  ASSERT_TRUE(step);
  EXPECT_FALSE(step->done);
  EXPECT_EQ(client.heard().host_key_algorithm, "ssh-ed25519");
  EXPECT_EQ(client.heard().kex, "curve25519-sha256");
  EXPECT_TRUE(step->send.starts_with("SSH-2.0-Sallyport_check\r\n"));
}

TEST(SshClient, SaysWhyItGetsNoKey) {
  Lists lists = server_lists();
  lists.kex = {"sntrup761x25519-sha512"};
  Client client({});
  PacketCipher server;
  const auto step = after(client, "SSH-2.0-x\r\n" + *server.seal(build_lists(lists, cookie())));
  ASSERT_TRUE(step);
  EXPECT_TRUE(step->done);
  EXPECT_FALSE(client.heard().host_key);
  EXPECT_NE(client.heard().why_no_key, "");
}

}  // namespace
}  // namespace sally::ssh
