#include <gtest/gtest.h>

#include "check/rules/all.h"
#include "crypto/issue.h"

namespace sally::check {
namespace {

using namespace std::chrono_literals;
constexpr std::uint16_t kX25519 = 29, kX25519MlKem768 = 0x11ec;

crypto::Certificate some_certificate() {
  const auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
  crypto::CertificateDraft draft;
  draft.common_name = "localhost";
  draft.names = {"localhost"};
  draft.not_before = WallClock::now() - 1h;
  draft.not_after = WallClock::now() + 24h;
  return crypto::issue(draft, key, {nullptr, key}).value();
}

struct Facts {
  Facts() : certificate(some_certificate()) {
    seen.handshake.emplace();
    seen.handshake->completed = true;
    seen.handshake->group = kX25519MlKem768;
    seen.handshake->certificates = {certificate};
    seen.http3.emplace();
    seen.http3->end = Http3Seen::End::answered;
    seen.http3->announced = true;
    seen.http3->group = kX25519MlKem768;
    seen.http3->certificates = {certificate.der()};
  }
  std::vector<std::string> ids() const {
    Findings findings;
    judge_http3({target, seen, roots}, findings);
    std::vector<std::string> out;
    for (const Finding& f : findings.take()) out.emplace_back(f.kind->id);
    return out;
  }
  crypto::Certificate certificate;
  Target target;
  Observations seen;
  Roots roots;
};

using Ids = std::vector<std::string>;

TEST(Http3Rules, AsStrongAsOverTcpIsNoFinding) { EXPECT_EQ(Facts().ids(), Ids{}); }

TEST(Http3Rules, AGroupWithoutPostQuantumIsWeaker) {
  Facts f;
  f.seen.http3->group = kX25519;
  EXPECT_EQ(f.ids(), Ids{"http.http3_weaker"});
  f.seen.handshake->group = kX25519;
  EXPECT_EQ(f.ids(), Ids{});
}

TEST(Http3Rules, AnotherCertificateIsTold) {
  Facts f;
  f.seen.http3->certificates = {some_certificate().der()};
  EXPECT_EQ(f.ids(), Ids{"http.http3_certificate"});
}

TEST(Http3Rules, WhatIsNotAnnouncedIsNotJudged) {
  Facts f;
  f.seen.http3->announced = false;
  f.seen.http3->group = kX25519;
  f.seen.http3->certificates = {some_certificate().der()};
  EXPECT_EQ(f.ids(), Ids{});
}

TEST(Http3Rules, SilenceMattersOnlyWhereItIsAnnounced) {
  for (const auto end : {Http3Seen::End::silent, Http3Seen::End::closed, Http3Seen::End::refused}) {
    Facts f;
    f.seen.http3->end = end;
    EXPECT_EQ(f.ids(), Ids{"http.http3_unreachable"});
    f.seen.http3->announced = false;
    EXPECT_EQ(f.ids(), Ids{});
  }
  Facts f;
  f.seen.http3->end = Http3Seen::End::not_asked;
  EXPECT_EQ(f.ids(), Ids{});
}

}  // namespace
}  // namespace sally::check
