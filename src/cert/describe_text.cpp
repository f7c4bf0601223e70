// The two forms of a description: for people and for programs.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.h"
#include "cert/describe.h"
#include "crypto/digest.h"

namespace sally::cert {
namespace {

using crypto::Certificate;
using std::chrono::days;

std::string day(WallTime t) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(t))); }
std::string instant(WallTime t) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(WallClock::to_time_t(t)));
}

std::vector<std::string> all_names(const Certificate& leaf) {
  const crypto::SubjectNames names = leaf.names();
  std::vector<std::string> out = names.dns;
  for (const auto* more : {&names.addresses, &names.emails, &names.uris})
    out.insert(out.end(), more->begin(), more->end());
  return out;
}

std::int64_t days_left(const Certificate& leaf, WallTime now) {
  return std::chrono::floor<days>(leaf.not_after() - now).count();
}

std::string time_text(const Certificate& leaf, WallTime now) {
  const std::int64_t left = days_left(leaf, now),
                     life = std::chrono::round<days>(leaf.not_after() - leaf.not_before()).count();
  const std::string dates = fmt::format("{} to {}", day(leaf.not_before()), day(leaf.not_after()));
  if (now > leaf.not_after()) return fmt::format("{}: ended {} days ago", dates, -left - 1);
  if (now < leaf.not_before()) return fmt::format("{}: not yet", dates);
  return fmt::format("{}: {} days left of {}", dates, left, life);
}

/// What stands in a terminal must not steer it: a name comes from whoever made the certificate.
std::string shown_name(std::string_view name) {
  std::string out;
  for (const char c : name) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out.empty() ? "(no name)" : out;
}

std::string short_name(const Certificate& c) {
  if (const std::string name = c.common_name(); !name.empty()) return shown_name(name);
  const std::vector<std::string> names = all_names(c);
  return shown_name(names.empty() ? c.subject() : names.front());
}

std::string trust_text(const Description& d) {
  if (d.verdict.trusted) {
    const std::string root = d.verdict.path.empty() ? "" : short_name(d.verdict.path.back());
    return fmt::format("yes: leads to \"{}\" in the system store{}", root,
                       d.by_local_ca ? ", your local CA" : "");
  }
  if (d.shown.certificates.front().is_self_signed()) return "no: it is not in the system store";
  return fmt::format("no: {}", d.verdict.why);
}

class Rows {
 public:
  void row(std::string_view name, std::string_view text) { out_ += fmt::format("  {:<12} {}\n", name, text); }
  void line(std::string_view text) { out_ += fmt::format("{}\n", text); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void chain_rows(Rows& rows, const Description& d) {
  const auto& sent = d.shown.certificates;
  for (std::size_t i = 0; i < sent.size(); ++i)
    rows.row(i == 0 ? "chain" : "",
             fmt::format("{}. {}  by  {}", i + 1, short_name(sent[i]),
                         sent[i].is_self_signed() ? "itself" : shown_name(sent[i].issuer_common_name())));
}

void problem_rows(Rows& rows, const Description& d) {
  rows.line("");
  if (d.problems.empty()) return rows.line("No problem found.");
  for (const Problem& p : d.problems) {
    rows.line(fmt::format("{} {}", p.fatal ? "PROBLEM:" : "Note:", shown_name(p.what)));
    rows.line(fmt::format("  mend: {}", shown_name(p.mend)));
  }
}

}  // namespace

std::string description_text(const Description& d) {
  const Certificate& leaf = d.shown.certificates.front();
  Rows rows;
  rows.line(d.shown.source);
  if (leaf.is_ca()) rows.row("kind", "a certificate authority, not a host");
  rows.row("subject", shown_name(leaf.subject()));
  const std::vector<std::string> names = all_names(leaf);
  constexpr std::size_t kNamesShown = 20;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) rows.row(i == 0 ? "names" : "", names[i]);
  if (names.size() > kNamesShown) rows.row("", fmt::format("and {} more", names.size() - kNamesShown));
  rows.row("issued by", leaf.is_self_signed()
                            ? "itself"
                            : shown_name(leaf.issuer()) + (d.by_local_ca ? " (your local CA)" : ""));
  rows.row("valid", time_text(leaf, d.now));
  rows.row("key", leaf.key().text);
  rows.row("signature", leaf.signature_algorithm());
  if (const auto uses = leaf.extended_key_usage(); !uses.empty())
    rows.row("for", fmt::format("{}", fmt::join(uses, ", ")));
  rows.row("serial", leaf.serial());
  rows.row("SHA-256", crypto::hex(leaf.fingerprint()));
  rows.row("key SHA-256", crypto::hex(leaf.spki_hash()));
  if (leaf.sct_count() > 0)
    rows.row("logged", fmt::format("{} timestamps of transparency logs", leaf.sct_count()));
  chain_rows(rows, d);
  rows.row("trusted", trust_text(d));
  if (const auto& h = d.shown.handshake)
    rows.row("connection",
             fmt::format("{}: {}, {}{}{}", h->address, h->version, h->suite,
                         h->group.empty() ? "" : ", " + h->group, h->alpn.empty() ? "" : ", " + h->alpn));
  problem_rows(rows, d);
  return rows.take();
}

std::string description_json(const Description& d) {
  const Certificate& leaf = d.shown.certificates.front();
  JsonText json;
  json.string("source", d.shown.source)
      .boolean("acceptable", d.acceptable())
      .boolean("trusted", d.verdict.trusted);
  if (!d.verdict.trusted) json.string("trust_error", d.verdict.why);
  json.boolean("local_ca", d.by_local_ca);
  json.string("subject", leaf.subject()).string("issuer", leaf.issuer()).strings("names", all_names(leaf));
  json.string("not_before", instant(leaf.not_before())).string("not_after", instant(leaf.not_after()));
  json.number("days_left", days_left(leaf, d.now))
      .string("key", leaf.key().text)
      .string("signature", leaf.signature_algorithm());
  json.string("serial", leaf.serial()).string("sha256", crypto::hex(leaf.fingerprint()));
  json.string("key_sha256", crypto::hex(leaf.spki_hash()))
      .boolean("ca", leaf.is_ca())
      .boolean("self_signed", leaf.is_self_signed());
  json.strings("key_usage", leaf.key_usage()).strings("extended_key_usage", leaf.extended_key_usage());
  json.strings("ocsp", leaf.ocsp_urls()).strings("issuer_urls", leaf.issuer_urls());
  json.number("transparency_timestamps", static_cast<std::int64_t>(leaf.sct_count()))
      .boolean("must_staple", leaf.must_staple());
  json.begin_array("chain");
  for (const Certificate& one : d.shown.certificates)
    json.begin_element()
        .string("subject", one.subject())
        .string("issuer", one.issuer())
        .string("not_after", instant(one.not_after()))
        .string("sha256", crypto::hex(one.fingerprint()))
        .end();
  json.end();
  if (const auto& h = d.shown.handshake)
    json.begin_object("connection")
        .string("address", h->address)
        .string("version", h->version)
        .string("suite", h->suite)
        .string("group", h->group)
        .string("alpn", h->alpn)
        .end();
  json.begin_array("problems");
  for (const Problem& p : d.problems)
    json.begin_element()
        .string("severity", p.fatal ? "problem" : "note")
        .string("what", p.what)
        .string("mend", p.mend)
        .end();
  json.end();
  return json.finish();
}

}  // namespace sally::cert
