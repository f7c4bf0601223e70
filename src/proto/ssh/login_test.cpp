#include "proto/ssh/login.h"

#include <gtest/gtest.h>

namespace sally::ssh {
namespace {

std::string text(std::uint8_t number, std::initializer_list<std::string_view> strings = {}) {
  std::string out(1, static_cast<char>(number));
  for (const std::string_view one : strings) put_string(out, one);
  return out;
}
std::string refusal(std::string_view methods) { return text(kUserauthFailure, {methods}) + '\0'; }

std::string numbers(std::uint8_t number, std::initializer_list<std::uint32_t> values) {
  std::string out(1, static_cast<char>(number));
  for (const std::uint32_t one : values) put_u32(out, one);
  return out;
}

/// What is answered to one message; empty: nothing.
std::string answer(Login& login, const std::string& payload) {
  auto got = login.take(payload);
  EXPECT_TRUE(got);
  return got && !got->empty() ? got->front() : std::string();
}

const Credentials kUser{.user = "me", .password = "secret", .identity = nullptr};

TEST(SshLogin, WithoutCredentialsOnlyTheMethodsAreAsked) {
  Login login("id", "nobody", nullptr, {});
  EXPECT_EQ(login.begin(), text(kUserauthRequest, {"nobody", "ssh-connection", "none"}));
  EXPECT_EQ(answer(login, refusal("publickey,password")), "");
  EXPECT_TRUE(login.done());
  EXPECT_EQ(login.heard().methods, (std::vector<std::string>{"publickey", "password"}));
  EXPECT_FALSE(login.heard().logged_in);
}

TEST(SshLogin, EverybodyIsLetIn) {
  Login login("id", "nobody", nullptr, {});
  EXPECT_EQ(answer(login, text(kUserauthSuccess)), "");
  EXPECT_TRUE(login.done() && login.heard().let_in && login.heard().methods);
}

TEST(SshLogin, APasswordIsSentOnlyWhereOneIsTaken) {
  Login login("id", "", &kUser, {});
  EXPECT_EQ(answer(login, refusal("publickey")), "");
  EXPECT_TRUE(login.done() && login.heard().tried.empty() && !login.heard().logged_in);
}

TEST(SshLogin, ARefusedPasswordIsTriedOnce) {
  Login login("id", "", &kUser, {});
  std::string sent = text(kUserauthRequest, {"me", "ssh-connection", "password"}) + '\0';
  put_string(sent, "secret");
  EXPECT_EQ(answer(login, refusal("password")), sent);
  EXPECT_EQ(answer(login, refusal("password")), "");
  EXPECT_TRUE(login.done());
  EXPECT_EQ(login.heard().logged_in, std::optional(false));
  EXPECT_EQ(login.heard().tried, "password");
}

/// As far as the subsystem's first words; its channel is the server's number 7.
Login at_sftp() {
  Login login("id", "", &kUser, {});
  answer(login, refusal("password"));
  EXPECT_TRUE(answer(login, text(kUserauthSuccess)).starts_with("\x5a"));
  std::string wanted = numbers(98, {7}) + text(9, {"subsystem"}).substr(1) + '\1';
  put_string(wanted, "sftp");
  EXPECT_EQ(answer(login, numbers(91, {0, 7, 100000, 32768})), wanted);
  return login;
}

TEST(SshLogin, SftpSaysItsVersion) {
  Login login = at_sftp();
  const std::string init = answer(login, numbers(99, {0}));
  EXPECT_TRUE(init.ends_with(std::string("\0\0\0\5\1\0\0\0\3", 9)));
  const std::string version("\0\0\0\5\2\0\0\0\3", 9);
  for (const std::string& part : {version.substr(0, 4), version.substr(4)}) {
    std::string words = numbers(94, {0});
    put_string(words, part);
    EXPECT_EQ(answer(login, words), "");
  }
  EXPECT_TRUE(login.done() && login.heard().sftp.value_or(false));
  EXPECT_EQ(login.heard().sftp_version, 3u);
}

TEST(SshLogin, SftpIsNotThere) {
  Login refused = at_sftp(), closed = at_sftp(), strange = at_sftp();
  answer(refused, numbers(100, {0}));
  EXPECT_EQ(refused.heard().sftp, std::optional(false));
  answer(closed, numbers(97, {0}));
  EXPECT_EQ(closed.heard().sftp, std::optional(false));
  answer(strange, numbers(99, {0}));
  std::string words = numbers(94, {0});
  put_string(words, "This account is not available.");
  answer(strange, words);
  EXPECT_EQ(strange.heard().sftp, std::optional(false));
}

TEST(SshLogin, CutMessagesAreErrors) {
  Login login = at_sftp();
  answer(login, numbers(99, {0}));
  EXPECT_FALSE(login.take(std::string("\x5e\0\0", 3)));
  Login other("id", "", &kUser, {});
  EXPECT_FALSE(other.take(std::string("\x33\0\0\0\x09publ", 9)));
}

}  // namespace
}  // namespace sally::ssh
