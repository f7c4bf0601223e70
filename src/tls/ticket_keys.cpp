#include "tls/ticket_keys.h"

#include <openssl/aead.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace sally::tls {
namespace {

constexpr std::size_t kName = 16, kNonce = 12;

/// What a ticket belongs to: the key's name and the site. Sealed with it, though not written into it.
std::string bound_to(std::span<const std::uint8_t> name, std::string_view site) {
  std::string aad(reinterpret_cast<const char*>(name.data()), name.size());
  return aad.append(site);
}

}  // namespace

TicketKeys::TicketKeys(std::size_t keep) : keep_(std::max<std::size_t>(keep, 1)) {
  keys_.store(std::make_shared<const Keys>());
  rotate();
}

std::string TicketKeys::secrets() const {
  std::string out;
  for (const Key& key : *keys_.load()) {
    out.append(reinterpret_cast<const char*>(key.name.data()), key.name.size());
    out.append(reinterpret_cast<const char*>(key.secret.data()), key.secret.size());
  }
  return out;
}

bool TicketKeys::adopt(std::string_view secrets) {
  constexpr std::size_t kKey = sizeof(Key::name) + sizeof(Key::secret);
  if (secrets.size() % kKey != 0) return false;
  auto next = std::make_shared<Keys>(*keys_.load());
  for (; !secrets.empty(); secrets.remove_prefix(kKey)) {
    Key& key = next->emplace_back();
    std::memcpy(key.name.data(), secrets.data(), key.name.size());
    std::memcpy(key.secret.data(), secrets.data() + key.name.size(), key.secret.size());
  }
  // The newest of its own counts too: without one more the oldest, whose tickets are good still, would go.
  if (next->size() > keep_ + 1) next->resize(keep_ + 1);
  keys_.store(std::move(next));
  return true;
}

void TicketKeys::rotate() {
  auto next = std::make_shared<Keys>(*keys_.load());
  Key fresh;
  RAND_bytes(fresh.name.data(), fresh.name.size());
  RAND_bytes(fresh.secret.data(), fresh.secret.size());
  next->insert(next->begin(), fresh);
  if (next->size() > keep_) next->resize(keep_);
  keys_.store(std::move(next));
}

std::optional<std::size_t> TicketKeys::seal(std::string_view site, std::span<std::uint8_t> out,
                                            std::span<const std::uint8_t> in) const {
  const auto keys = keys_.load();
  const Key& key = keys->front();
  if (out.size() < in.size() + kOverhead) return std::nullopt;
  const auto aad = bound_to(key.name, site);
  bssl::ScopedEVP_AEAD_CTX aead;
  std::array<std::uint8_t, kNonce> nonce;
  RAND_bytes(nonce.data(), nonce.size());
  std::size_t sealed = 0;
  // The library may hand the same buffer for both: seal in place first, then move behind the header.
  if (!EVP_AEAD_CTX_init(aead.get(), EVP_aead_aes_256_gcm(), key.secret.data(), key.secret.size(), 16,
                         nullptr) ||
      !EVP_AEAD_CTX_seal(aead.get(), out.data(), &sealed, out.size() - kName - kNonce, nonce.data(),
                         nonce.size(), in.data(), in.size(),
                         reinterpret_cast<const std::uint8_t*>(aad.data()), aad.size()))
    return std::nullopt;
  std::memmove(out.data() + kName + kNonce, out.data(), sealed);
  std::memcpy(out.data(), key.name.data(), kName);
  std::memcpy(out.data() + kName, nonce.data(), kNonce);
  return sealed + kName + kNonce;
}

std::optional<std::size_t> TicketKeys::open(std::string_view site, std::span<std::uint8_t> out,
                                            std::span<const std::uint8_t> in) const {
  if (in.size() < kOverhead) return std::nullopt;
  const auto keys = keys_.load();
  const auto name = in.first(kName);
  const auto key =
      std::ranges::find_if(*keys, [&](const Key& k) { return std::ranges::equal(k.name, name); });
  if (key == keys->end()) return std::nullopt;
  const auto aad = bound_to(name, site);
  const std::vector<std::uint8_t> sealed(in.begin() + kName + kNonce, in.end());  // `out` may be `in`
  bssl::ScopedEVP_AEAD_CTX aead;
  std::array<std::uint8_t, kNonce> nonce;
  std::memcpy(nonce.data(), in.data() + kName, kNonce);
  std::size_t opened = 0;
  if (!EVP_AEAD_CTX_init(aead.get(), EVP_aead_aes_256_gcm(), key->secret.data(), key->secret.size(), 16,
                         nullptr) ||
      !EVP_AEAD_CTX_open(aead.get(), out.data(), &opened, out.size(), nonce.data(), nonce.size(),
                         sealed.data(), sealed.size(), reinterpret_cast<const std::uint8_t*>(aad.data()),
                         aad.size())) {
    ERR_clear_error();  // a stranger's ticket is no fault of the handshake that goes on
    return std::nullopt;
  }
  return opened;
}

}  // namespace sally::tls
