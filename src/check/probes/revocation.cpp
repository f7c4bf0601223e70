#include <fmt/format.h>

#include "check/gather.h"
#include "check/outside.h"
#include "check/probes/all.h"
#include "check/rule.h"
#include "crypto/ocsp_answer.h"
#include "crypto/revocation_list.h"

namespace sally::check {
namespace {

using crypto::Certificate;

constexpr std::size_t kMostPlaces = 2;  ///< of each kind that are asked

struct Asking {
  Certificate leaf, issuer;
};

void not_known(Examination& x, std::string_view url, const Error& error) {
  x.not_tested("cert.revoked", fmt::format("{}: {}", url, error.text()));
}

/// RFC 5280 6.3.3, RFC 6960 4.2.2.1: what is over says nothing of today.
bool is_over(Examination& x, const RevocationSeen& seen) {
  if (!seen.next_update || *seen.next_update >= x.seen.now) return false;
  x.not_tested("cert.revoked", seen.url + ": what it gives out has ended");
  return true;
}

Task<Unit> ask_responder(Examination& x, const Asking& asking, std::string url) {
  auto question = crypto::ocsp_question(asking.leaf, asking.issuer);
  if (!question) co_return Unit{};
  OutsideRequest request{"application/ocsp-request", *std::move(question), crypto::kLongestOcspAnswer};
  const auto content = co_await ask_outside(x, url, std::move(request));
  if (!content) {
    not_known(x, url, content.error());
    co_return Unit{};
  }
  const auto answer =
      crypto::read_ocsp_answer(as_bytes(std::string_view(*content)), asking.leaf, &asking.issuer);
  if (!answer) {
    not_known(x, url, answer.error());
    co_return Unit{};
  }
  using Status = crypto::OcspAnswer::Status;
  RevocationSeen seen{.source = "OCSP", .url = std::move(url)};
  seen.revoked = answer->status == Status::revoked;
  seen.revoked_at = answer->revoked_at;
  seen.reason = answer->reason;
  seen.this_update = answer->this_update;
  seen.next_update = answer->next_update;
  if (is_over(x, seen)) co_return Unit{};
  if (answer->status == Status::unknown)
    x.not_tested("cert.revoked", seen.url + ": the responder does not know the certificate");
  else
    x.seen.revocation.push_back(std::move(seen));
  co_return Unit{};
}

Task<Unit> read_list(Examination& x, const Asking& asking, std::string url) {
  // Named: GCC 12 destroys an aggregate twice that is made in what is awaited.
  OutsideRequest request;
  request.limit = x.crl_bytes;
  const auto content = co_await ask_outside(x, url, std::move(request));
  if (!content) {
    not_known(x, url, content.error());
    co_return Unit{};
  }
  const auto list =
      crypto::read_revocation_list(as_bytes(std::string_view(*content)), asking.leaf, asking.issuer);
  if (!list) {
    not_known(x, url, list.error());
    co_return Unit{};
  }
  RevocationSeen seen{.source = "CRL", .url = std::move(url)};
  seen.revoked = list->revoked;
  seen.revoked_at = list->revoked_at;
  seen.reason = list->reason;
  seen.this_update = list->this_update;
  seen.next_update = list->next_update;
  if (!is_over(x, seen)) x.seen.revocation.push_back(std::move(seen));
  co_return Unit{};
}

/// Those that can be asked at all, a few.
std::vector<std::string> places(std::vector<std::string> urls) {
  std::erase_if(urls, [](const std::string& u) { return !u.starts_with("http://"); });
  if (urls.size() > kMostPlaces) urls.resize(kMostPlaces);
  return urls;
}

}  // namespace

Task<Unit> probe_revocation(Examination& x) {
  if (!x.seen.handshake || x.seen.handshake->certificates.empty()) co_return Unit{};
  const std::vector<Certificate>& sent = x.seen.handshake->certificates;
  const std::vector<std::string> responders = places(sent.front().ocsp_urls());
  const std::vector<std::string> lists = places(crypto::crl_urls(sent.front()));
  if (responders.empty() && lists.empty()) co_return Unit{};
  const auto issuer = x.roots->issuer_of(sent, x.seen.now);
  if (!issuer) {
    x.not_tested("cert.revoked",
                 "the certificate of the issuer is not known, so nobody's word can be checked");
    co_return Unit{};
  }
  const Asking asking{sent.front(), *issuer};
  Gather all(x.loop);
  for (const std::string& url : responders) all.start(ask_responder(x, asking, url));
  for (const std::string& url : lists) all.start(read_list(x, asking, url));
  co_await all.all();
  co_return Unit{};
}

}  // namespace sally::check
