#include "gateway/site_certificates.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "os/folders.h"

namespace sally::gateway {
namespace {

/// Whether TLS is spoken on any of the site's ports.
bool wants_certificate(const Settings& settings, const SiteConfig& site) {
  return std::ranges::any_of(settings.ports, [&](const PortConfig& port) {
    return port.protocol != PortProtocol::http &&
           std::ranges::find(site.listen, port.address) != site.listen.end();
  });
}

cert::SiteWish wish_of(const SiteConfig& site) {
  cert::SiteWish wish{site.names.front(), site.names, {}};
  for (const KeyPairFiles& files : site.certificates)
    wish.files.push_back({files.certificate.string(), files.key.string()});
  return wish;
}

}  // namespace

SiteCertificates::SiteCertificates(const Settings& settings, std::shared_ptr<const tls::TicketKeys> tickets,
                                   ErrorLog& errors, cert::CertificateStore store,
                                   std::vector<std::size_t> sites)
    : settings_(settings),
      tickets_(std::move(tickets)),
      errors_(errors),
      store_(std::move(store)),
      sites_(std::move(sites)),
      identities_(settings.sites.size()) {}

Result<std::unique_ptr<SiteCertificates>> SiteCertificates::make(
    const Settings& settings, std::shared_ptr<const tls::TicketKeys> tickets, ErrorLog& errors,
    const SiteCertificates* before) {
  std::vector<cert::SiteWish> wishes;
  std::vector<std::size_t> sites;
  bool local = false;
  for (std::size_t i = 0; i < settings.sites.size(); ++i) {
    if (!wants_certificate(settings, settings.sites[i])) continue;
    wishes.push_back(wish_of(settings.sites[i]));
    local = local || wishes.back().files.empty();
    sites.push_back(i);
  }
  cert::LocalCaPlace place;
  if (local) {
    std::string folder = settings.state.string();
    if (folder.empty()) {
      TRY(folder, data_folder());
    }
    place = {cert::local_ca_folder(folder), cert::local_owner()};
  }
  TRY(auto store, cert::CertificateStore::open(std::move(wishes), std::move(place), WallClock::now(),
                                               before ? before->store_.opener() : nullptr));
  std::unique_ptr<SiteCertificates> made(
      new SiteCertificates(settings, std::move(tickets), errors, std::move(store), std::move(sites)));
  for (std::size_t wish = 0; wish < made->sites_.size(); ++wish) {
    TRY(made->identities_[made->sites_[wish]], made->make_identity(wish));
  }
  made->tell_events();
  return made;
}

Result<SharedIdentity> SiteCertificates::make_identity(std::size_t wish) const {
  const SiteConfig& site = settings_.sites[sites_[wish]];
  std::vector<const crypto::CertificateChain*> chains;
  for (const cert::SharedChain& chain : store_.sites()[wish]->chains) chains.push_back(chain.get());
  return tls::ServerIdentity::make({site.tls, chains, site.names.front(), tickets_, true});
}

std::string SiteCertificates::describe(std::size_t site) const {
  const auto wish = std::ranges::find(sites_, site);
  if (wish == sites_.end()) return "none: only plain ports serve it";
  std::string text;
  for (const cert::SharedChain& chain :
       store_.sites()[static_cast<std::size_t>(wish - sites_.begin())]->chains) {
    if (!text.empty()) text += "; ";
    const crypto::Certificate& leaf = chain->leaf;
    const auto end = WallClock::to_time_t(leaf.not_after());
    const std::string issuer = leaf.is_self_signed() ? "self-signed" : "by " + leaf.issuer_common_name();
    text += fmt::format("{}, {}, until {:%Y-%m-%d}", issuer, leaf.key().text, fmt::gmtime(end));
  }
  return text;
}

std::optional<WallTime> SiteCertificates::ends(std::size_t site) const {
  const auto wish = std::ranges::find(sites_, site);
  if (wish == sites_.end()) return std::nullopt;
  std::optional<WallTime> first;
  for (const cert::SharedChain& chain :
       store_.sites()[static_cast<std::size_t>(wish - sites_.begin())]->chains) {
    const WallTime end = chain->leaf.not_after();
    first = first ? std::min(*first, end) : end;
  }
  return first;
}

void SiteCertificates::refresh(const Changed& changed) {
  for (const std::size_t wish : store_.reload_changed(WallClock::now())) {
    auto identity = make_identity(wish);
    if (!identity) {
      errors_.error(settings_.sites[sites_[wish]].names.front() +
                    ": the old certificate stays in use: " + identity.error().text());
      continue;
    }
    identities_[sites_[wish]] = *identity;
    changed(sites_[wish], *std::move(identity));
  }
  tell_events();
}

void SiteCertificates::tell_events() {
  for (const cert::StoreEvent& event : store_.take_events()) {
    using Kind = cert::StoreEvent::Kind;
    const LogLevel level = event.kind == Kind::refused   ? LogLevel::error
                           : event.kind == Kind::warning ? LogLevel::warning
                                                         : LogLevel::notice;
    errors_.say(level, event.text);
  }
}

}  // namespace sally::gateway
