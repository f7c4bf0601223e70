#include "proto/ssh/client.h"

#include <algorithm>

#include "base/escape.h"
#include "crypto/entropy.h"

namespace sally::ssh {
namespace {

using crypto::Agreement, crypto::Digest;

constexpr std::string_view kOurBanner = "SSH-2.0-Sallyport_check";
constexpr std::string_view kStrictServer = "kex-strict-s-v00@openssh.com",
                           kStrictClient = "kex-strict-c-v00@openssh.com";
constexpr std::size_t kLongestLine = 8192, kMostLines = 100, kShown = 200;
constexpr unsigned kMostPackets = 200;

struct KexRow {
  std::string_view name;
  Agreement agreement;
  Digest digest;
};
/// The cheapest first: what is looked for is the host key.
constexpr KexRow kKex[] = {{"curve25519-sha256", Agreement::x25519, Digest::sha256},
                           {"curve25519-sha256@libssh.org", Agreement::x25519, Digest::sha256},
                           {"ecdh-sha2-nistp256", Agreement::p256, Digest::sha256},
                           {"mlkem768x25519-sha256", Agreement::mlkem768_x25519, Digest::sha256},
                           {"ecdh-sha2-nistp384", Agreement::p384, Digest::sha384},
                           {"ecdh-sha2-nistp521", Agreement::p521, Digest::sha512},
                           {"diffie-hellman-group14-sha256", Agreement::dh2048, Digest::sha256},
                           {"diffie-hellman-group16-sha512", Agreement::dh4096, Digest::sha512},
                           {"diffie-hellman-group14-sha1", Agreement::dh2048, Digest::sha1}};
constexpr std::string_view kCiphers[] = {"aes128-gcm@openssh.com",
                                         "aes256-gcm@openssh.com",
                                         "chacha20-poly1305@openssh.com",
                                         "aes128-ctr",
                                         "aes256-ctr",
                                         "aes192-ctr"};
constexpr std::string_view kMacs[] = {"hmac-sha2-256-etm@openssh.com", "hmac-sha2-256",
                                      "hmac-sha2-512-etm@openssh.com", "hmac-sha2-512",
                                      "hmac-sha1-etm@openssh.com",     "hmac-sha1"};

const KexRow& kex_row(std::string_view name) { return *std::ranges::find(kKex, name, &KexRow::name); }
bool is_dh(const KexRow& row) {
  return row.agreement == Agreement::dh2048 || row.agreement == Agreement::dh4096;
}

bool has(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string shown(std::string_view text) { return visible(text.substr(0, kShown)); }

/// The first of ours that the server has.
std::string pick(std::span<const std::string_view> ours, const std::vector<std::string>& theirs) {
  for (const std::string_view name : ours)
    if (has(theirs, name)) return std::string(name);
  return {};
}

/// What can be sealed with, else anything of theirs so that the key exchange comes about.
std::pair<std::string, std::string> pick_seal(const std::vector<std::string>& ciphers,
                                              const std::vector<std::string>& macs) {
  const std::string mac = pick(kMacs, macs), any_mac = !mac.empty() ? mac : macs.empty() ? "" : macs.front();
  for (const std::string_view cipher : kCiphers)
    if (has(ciphers, cipher) && can_use(cipher, mac)) return {std::string(cipher), any_mac};
  return {ciphers.empty() ? std::string() : ciphers.front(), any_mac};
}

}  // namespace

Result<Client::Step> Client::step(Buffer& in) {
  Step out;
  if (!greeted_) {
    greeted_ = true;
    out.send = std::string(kOurBanner) + "\r\n";
  }
  while (stage_ == Stage::banner) {
    TRY(const bool whole, read_line(in, out.send));
    if (!whole) return out;
  }
  while (stage_ != Stage::done) {
    TRY(const auto payload, in_.open(in));
    if (!payload) return out;
    if (++packets_ > kMostPackets) return fail(kTooMuch, "packets before the login");
    TRY_VOID(take_packet(*payload, out.send));
  }
  out.done = true;
  return out;
}

/// RFC 4253 4.2: other lines may come before the one that begins with SSH-.
Result<bool> Client::read_line(Buffer& in, std::string&) {
  const std::string_view all = as_text(in.readable());
  const std::size_t end = all.find('\n');
  if (end == std::string_view::npos) {
    if (all.size() > kLongestLine) return fail(kNoSsh, "a line without an end");
    return false;
  }
  std::string line(all.substr(0, end));
  in.consume(end + 1);
  if (line.ends_with('\r')) line.pop_back();
  if (!line.starts_with("SSH-")) {
    if (heard_.before.size() == kMostLines || line.size() > kLongestLine)
      return fail(kNoSsh, "lines without an end before the banner");
    heard_.before.push_back(shown(line));
    return true;
  }
  heard_.banner = line;
  if (!line.starts_with("SSH-2.0-") && !line.starts_with("SSH-1.99-")) {
    finish();  // only SSH 1 is spoken: there is nothing more to ask
    return true;
  }
  stage_ = Stage::lists;
  return true;
}

Result<> Client::put(std::string_view payload, std::string& send) {
  TRY(const std::string packet, out_.seal(payload));
  send += packet;
  return {};
}

Result<> Client::take_packet(const std::string& payload, std::string& send) {
  if (payload.empty()) return fail(kMalformed, WirePos{.field = "message"}, "an empty packet");
  const auto number = static_cast<std::uint8_t>(payload.front());
  switch (number) {
    case kDisconnect: {
      Reader in(as_bytes(payload).subspan(1), 0);
      TRY_VOID(in.u32("reason"));
      TRY(const std::string text, take_string(in, "description"));
      heard_.disconnect = shown(text);
      finish();
      return {};
    }
    case kIgnore:
    case kDebug:
    case kUnimplemented:
      return {};
    case kExtInfo:
      return take_extensions(payload);
    case kKexInit:
      if (stage_ != Stage::lists) return fail(kMalformed, WirePos{.field = "message"}, "a second KEXINIT");
      return take_lists(payload, send);
    case kKexReply:
      if (std::exchange(skip_guess_, false)) return {};
      return take_reply(payload, send);
    case kNewKeys:
      return take_new_keys(send);
    case kServiceAccept: {
      if (stage_ != Stage::service) return fail(kMalformed, WirePos{.field = "message"});
      login_.emplace(hash_, wish_.user, wish_.credentials, heard_.signatures);
      stage_ = Stage::login;
      return put(login_->begin(), send);
    }
    case kUserauthBanner:
      return {};
    default:
      if (std::exchange(skip_guess_, false)) return {};
      return take_answer(payload, send);
  }
}

/// What both can do, by name. False: no key exchange comes about, and why_no_key says why.
bool Client::agree() {
  const Lists& theirs = *heard_.lists;
  for (const KexRow& row : kKex)
    if (heard_.kex.empty() && theirs.has_kex(row.name)) heard_.kex = row.name;
  const auto wanted = [&](const std::string& algorithm) {
    const std::string_view type = key_type_of(algorithm);
    return !type.empty() && (wish_.key_types.empty() || has(wish_.key_types, type));
  };
  const auto found = std::ranges::find_if(theirs.host_key, wanted);
  if (found != theirs.host_key.end()) heard_.host_key_algorithm = *found;
  if (heard_.kex.empty())
    heard_.why_no_key = "no key exchange method of the server is known here";
  else if (heard_.host_key_algorithm.empty())
    heard_.why_no_key = "no host key of a type that is known here";
  if (!heard_.why_no_key.empty()) return false;
  ours_.kex = {heard_.kex, "ext-info-c", std::string(kStrictClient)};
  ours_.host_key = {heard_.host_key_algorithm};
  const auto [cipher_out, mac_out] = pick_seal(theirs.cipher_out, theirs.mac_out);
  const auto [cipher_in, mac_in] = pick_seal(theirs.cipher_in, theirs.mac_in);
  ours_.cipher_out = {cipher_out};
  ours_.cipher_in = {cipher_in};
  ours_.mac_out = {mac_out};
  ours_.mac_in = {mac_in};
  ours_.zip_out = ours_.zip_in = {"none"};
  if (!can_use(cipher_out, mac_out) || !can_use(cipher_in, mac_in))
    heard_.why_no_methods = "no cipher of the server is known here";
  strict_ = theirs.has_kex(kStrictServer);
  return true;
}

Result<> Client::take_lists(const std::string& payload, std::string& send) {
  TRY(heard_.lists, parse_lists(as_bytes(payload)));
  their_lists_ = payload;
  if (!agree()) {
    finish();
    return {};
  }
  // RFC 4253 7: a packet that follows a wrong guess is thrown away.
  const Lists& theirs = *heard_.lists;
  skip_guess_ = theirs.guess_follows &&
                (theirs.kex.front() != heard_.kex || theirs.host_key.front() != heard_.host_key_algorithm);
  const auto cookie = crypto::random_bytes<16>();
  our_lists_ = build_lists(ours_, as_text(cookie));
  TRY_VOID(put(our_lists_, send));
  const KexRow& row = kex_row(heard_.kex);
  TRY(share_, crypto::KeyShare::make(row.agreement));
  std::string init(1, static_cast<char>(kKexReplyInit));
  if (is_dh(row))
    put_mpint(init, share_->ours());
  else
    put_string(init, share_->ours());
  stage_ = Stage::reply;
  return put(init, send);
}

Result<> Client::take_reply(const std::string& payload, std::string& send) {
  if (stage_ != Stage::reply) return fail(kMalformed, WirePos{.field = "message"}, "an early reply");
  Reader in(as_bytes(payload).subspan(1), 0);
  TRY(const std::string blob, take_string(in, "K_S"));
  TRY(const std::string theirs, take_string(in, "Q_S"));
  TRY(const std::string signature, take_string(in, "signature"));
  const KexRow& row = kex_row(heard_.kex);
  TRY(const std::string secret, share_->shared(as_bytes(theirs)));
  // draft-ietf-sshm-mlkem-hybrid-kex 2.4: both secrets are hashed, and the result is no number.
  if (row.agreement == Agreement::mlkem768_x25519)
    put_string(secret_, crypto::digest_of(row.digest, as_bytes(secret)));
  else
    put_mpint(secret_, secret);
  std::string text;
  for (const std::string_view part :
       {kOurBanner, std::string_view(heard_.banner), std::string_view(our_lists_),
        std::string_view(their_lists_), std::string_view(blob)})
    put_string(text, part);
  if (is_dh(row)) {
    put_mpint(text, share_->ours());
    put_mpint(text, theirs);
  } else {
    put_string(text, share_->ours());
    put_string(text, theirs);
  }
  text += secret_;
  hash_ = crypto::digest_of(row.digest, as_bytes(text));
  TRY(heard_.host_key, read_host_key(blob));
  TRY(heard_.proven, is_signed_by(blob, heard_.host_key_algorithm, signature, hash_));
  if (!wish_.methods || !heard_.why_no_methods.empty()) {
    finish();
    return {};
  }
  TRY_VOID(put(std::string(1, static_cast<char>(kNewKeys)), send));
  const KeySource keys = [this](char letter, std::size_t bytes) { return key(letter, bytes); };
  TRY_VOID(out_.change(ours_.cipher_out.front(), ours_.mac_out.front(), keys, "ACE", true, strict_));
  stage_ = Stage::new_keys;
  return {};
}

/// RFC 4253 7.2. There is one key exchange, so its hash is the session's id.
std::string Client::key(char letter, std::size_t bytes) const {
  const Digest digest = kex_row(heard_.kex).digest;
  std::string out = crypto::digest_of(digest, as_bytes(secret_ + hash_ + letter + hash_));
  while (out.size() < bytes) out += crypto::digest_of(digest, as_bytes(secret_ + hash_ + out));
  out.resize(bytes);
  return out;
}

Result<> Client::take_new_keys(std::string& send) {
  if (stage_ != Stage::new_keys) return fail(kMalformed, WirePos{.field = "message"}, "early new keys");
  const KeySource keys = [this](char letter, std::size_t bytes) { return key(letter, bytes); };
  TRY_VOID(in_.change(ours_.cipher_in.front(), ours_.mac_in.front(), keys, "BDF", false, strict_));
  std::string request(1, static_cast<char>(kServiceRequest));
  put_string(request, "ssh-userauth");
  stage_ = Stage::service;
  return put(request, send);
}

Result<> Client::take_answer(const std::string& payload, std::string& send) {
  if (stage_ != Stage::login) return {};  // RFC 4253 11.4: what is not known is no error
  TRY(const std::vector<std::string> answers, login_->take(payload));
  for (const std::string& one : answers) TRY_VOID(put(one, send));
  heard_.login = login_->heard();
  heard_.methods = heard_.login.methods;
  heard_.let_in = heard_.login.let_in;
  if (login_->done()) finish();
  return {};
}

Result<> Client::take_extensions(const std::string& payload) {
  constexpr std::uint32_t kMost = 64;
  Reader in(as_bytes(payload).subspan(1), 0);
  TRY(const std::uint32_t count, in.u32("nr-extensions"));
  if (count > kMost) return fail(kMalformed, WirePos{.field = "nr-extensions"});
  for (std::uint32_t i = 0; i < count; ++i) {
    TRY(const std::string name, take_string(in, "extension name"));
    TRY(const std::string value, take_string(in, "extension value"));
    if (name != "server-sig-algs") continue;
    std::string list;
    put_string(list, value);
    Reader names(as_bytes(list), 0);
    TRY(heard_.signatures, take_names(names, "server-sig-algs"));
  }
  return {};
}

}  // namespace sally::ssh
