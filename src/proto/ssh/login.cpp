#include "proto/ssh/login.h"

#include <algorithm>
#include <utility>

namespace sally::ssh {
namespace {

/// RFC 4250 4.1.2.
enum ChannelMessage : std::uint8_t {
  kChannelOpen = 90,
  kChannelConfirmed = 91,
  kChannelFailed = 92,
  kChannelWords = 94,
  kChannelEnd = 96,
  kChannelClose = 97,
  kChannelRequest = 98,
  kChannelSuccess = 99,
  kChannelFailure = 100,
};
constexpr std::uint8_t kInit = 1, kVersion = 2;
constexpr std::uint32_t kOurVersion = 3, kWindow = 65536, kPacket = 32768, kOurChannel = 0;
constexpr std::size_t kVersionBytes = 9, kMostWords = 65536;

std::string message(std::uint8_t number) { return std::string(1, static_cast<char>(number)); }

}  // namespace

Login::Login(std::string session, std::string user, const Credentials* credentials,
             std::vector<std::string> signatures)
    : session_(std::move(session)),
      user_(credentials ? credentials->user : std::move(user)),
      credentials_(credentials),
      signatures_(std::move(signatures)) {}

std::string Login::request(std::string_view method) const {
  std::string out = message(kUserauthRequest);
  put_string(out, user_);
  put_string(out, "ssh-connection");
  put_string(out, method);
  return out;
}

std::string Login::begin() const { return request("none"); }

bool Login::may(std::string_view method) const {
  return heard_.methods && std::ranges::find(*heard_.methods, method) != heard_.methods->end();
}

/// RFC 4252 7: the session and the request are signed. RFC 8332 3.1: RSA with SHA-2.
Result<std::string> Login::prove() const {
  const Identity& identity = *credentials_->identity;
  const bool rsa = identity.type() == "ssh-rsa";
  const bool newest =
      signatures_.empty() || std::ranges::find(signatures_, "rsa-sha2-512") != signatures_.end();
  const std::string algorithm = !rsa ? identity.type() : newest ? "rsa-sha2-512" : "rsa-sha2-256";
  std::string out = request("publickey");
  out += '\1';
  put_string(out, algorithm);
  put_string(out, identity.blob());
  std::string text;
  put_string(text, session_);
  TRY(const std::string signature, identity.signature(algorithm, text + out));
  put_string(out, signature);
  return out;
}

Result<Login::Answers> Login::try_next() {
  if (!credentials_) {
    stage_ = Stage::done;
    return Answers{};
  }
  const auto note = [this](std::string_view method) {
    heard_.tried += heard_.tried.empty() ? "" : ", ";
    heard_.tried += method;
    stage_ = Stage::proof;
    heard_.logged_in = false;
  };
  if (credentials_->identity && !std::exchange(tried_key_, true) && may("publickey")) {
    note("publickey");
    TRY(std::string proof, prove());
    return Answers{std::move(proof)};
  }
  if (credentials_->password && !std::exchange(tried_password_, true) && may("password")) {
    note("password");
    std::string out = request("password");
    out += '\0';
    put_string(out, *credentials_->password);
    return Answers{std::move(out)};
  }
  stage_ = Stage::done;
  return Answers{};
}

Result<Login::Answers> Login::take_failure(std::string_view payload) {
  Reader in(as_bytes(payload.substr(1)), 0);
  TRY(std::vector<std::string> methods, take_names(in, "authentications that can continue"));
  if (!heard_.methods) heard_.methods = std::move(methods);
  return try_next();
}

Result<Login::Answers> Login::take_success() {
  if (stage_ == Stage::none) {
    heard_.let_in = true;
    heard_.methods.emplace();
  }
  if (!credentials_) {
    stage_ = Stage::done;
    return Answers{};
  }
  heard_.logged_in = true;
  std::string out = message(kChannelOpen);
  put_string(out, "session");
  for (const std::uint32_t number : {kOurChannel, kWindow, kPacket}) put_u32(out, number);
  stage_ = Stage::channel;
  return Answers{std::move(out)};
}

void Login::end_sftp(bool there) {
  heard_.sftp = there;
  stage_ = Stage::done;
}

Result<Login::Answers> Login::take_channel(std::string_view payload) {
  const auto number = static_cast<std::uint8_t>(payload.front());
  if (number == kChannelConfirmed && stage_ == Stage::channel) {
    Reader in(as_bytes(payload.substr(1)), 0);
    TRY_VOID(in.u32("recipient channel"));
    TRY(channel_, in.u32("sender channel"));
    std::string out = message(kChannelRequest);
    put_u32(out, channel_);
    put_string(out, "subsystem");
    out += '\1';
    put_string(out, "sftp");
    stage_ = Stage::subsystem;
    return Answers{std::move(out)};
  }
  if (number == kChannelSuccess && stage_ == Stage::subsystem) {
    std::string words, out = message(kChannelWords);
    words += static_cast<char>(kInit);
    put_u32(words, kOurVersion);
    put_u32(out, channel_);
    std::string packet;
    put_string(packet, words);
    put_string(out, packet);
    stage_ = Stage::version;
    return Answers{std::move(out)};
  }
  if (number == kChannelFailure || number == kChannelFailed || number == kChannelEnd ||
      number == kChannelClose)
    end_sftp(false);
  return Answers{};
}

/// The subsystem's own first message.
Result<Login::Answers> Login::take_words(std::string_view payload) {
  Reader in(as_bytes(payload.substr(1)), 0);
  TRY_VOID(in.u32("recipient channel"));
  TRY(const std::string more, take_string(in, "data"));
  words_ += more;
  if (words_.size() > kMostWords) return fail(kMalformed, WirePos{.field = "data"}, "SFTP without an end");
  if (words_.size() < kVersionBytes) return Answers{};
  Reader first(as_bytes(std::string_view(words_)), 0);
  TRY_VOID(first.u32("length"));
  TRY(const std::uint8_t kind, first.u8("type"));
  TRY(const std::uint32_t version, first.u32("version"));
  if (kind == kVersion) heard_.sftp_version = version;
  end_sftp(kind == kVersion);
  return Answers{};
}

Result<Login::Answers> Login::take(std::string_view payload) {
  if (payload.empty() || done()) return Answers{};
  const auto number = static_cast<std::uint8_t>(payload.front());
  const bool before = stage_ == Stage::none || stage_ == Stage::proof;
  if (before && number == kUserauthFailure) return take_failure(payload);
  if (before && number == kUserauthSuccess) return take_success();
  if (before) return Answers{};
  if (number == kChannelWords && stage_ == Stage::version) return take_words(payload);
  return take_channel(payload);
}

}  // namespace sally::ssh
