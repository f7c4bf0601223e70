#include "check/ike_survey.h"

#include <algorithm>

namespace sally::check {
namespace {

using ike::Transform;

/// Groups that hardly anybody takes.
constexpr std::uint16_t kDecoys[] = {25, 27, 1};
constexpr unsigned kMostSteps = 64;
constexpr std::uint16_t kUsualGroup = 14;

void add_name(std::vector<std::string>& to, std::string name) {
  if (std::ranges::find(to, name) == to.end()) to.push_back(std::move(name));
}

/// Of RFC 7427 4: numbers of two octets.
std::vector<std::uint16_t> numbers_in(const ike::Notice& notice) {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i + 1 < notice.data.size() && out.size() < 32; i += 2)
    out.push_back(ike::Notice{0, notice.data.substr(i, 2)}.number());
  return out;
}

std::optional<ike::Phase1> taken1(const IkeQuestion& question) {
  const ike::Payload* const sa = question.answer ? question.answer->find(ike::kSa1) : nullptr;
  if (!sa) return std::nullopt;
  const auto read = ike::read_sa1(sa->body);
  return read ? std::optional(*read) : std::nullopt;
}

}  // namespace

Task<Result<Unit>> IkeSurvey::ask(std::span<IkeQuestion> all) {
  CO_TRY_VOID(co_await ask_ike(loop_, wire_, manner_, all));
  for (const IkeQuestion& one : all) note(one);
  co_return Unit{};
}

void IkeSurvey::note(const IkeQuestion& question) {
  if (!question.answer) return;
  heard_ = true;
  if (question.cookie && seen_.v2) seen_.v2->cookies = true;
  for (const ike::Payload& one : question.answer->payloads)
    if (one.type == ike::kVendor || one.type == ike::kVendor1)
      add_name(seen_.vendors, ike::vendor_name(one.body));
}

/// Which group to use is settled when all the rest of a proposal was taken (RFC 7296 1.2).
IkeSurvey::Verdict IkeSurvey::verdict(const IkeQuestion& question) {
  if (!question.answer) return Verdict::unclear;
  if (question.answer->find(ike::kSa) || question.notice(ike::kInvalidKe)) return Verdict::taken;
  return question.notice(ike::kNoProposalChosen) ? Verdict::refused : Verdict::unclear;
}

Task<Result<bool>> IkeSurvey::is_there() {
  IkeQuestion one[] = {sa_init(IkeWish::all(), kDecoys[0], decoy_share(kDecoys[0]))};
  CO_TRY_VOID(co_await ask(one));
  co_return one[0].answer.has_value();
}

/// The server asks for the group that it likes best; that one is left out of the next question.
Task<Result<Unit>> IkeSurvey::walk_groups() {
  IkeWish wish = IkeWish::all();
  std::size_t decoy = 0;
  for (unsigned step = 0; step < kMostSteps && decoy < std::size(kDecoys); ++step) {
    IkeQuestion one[] = {sa_init(wish, kDecoys[decoy], decoy_share(kDecoys[decoy]))};
    CO_TRY_VOID(co_await ask(one));
    if (!one[0].answer) break;
    if (one[0].notice(ike::kNoProposalChosen)) {
      decoy_ = kDecoys[decoy];
      seen_.refuses_v2 = !seen_.v2;
      break;
    }
    const auto wanted = one[0].notice(ike::kInvalidKe);
    const bool took_decoy = one[0].answer->find(ike::kSa) != nullptr;
    if (!wanted && !took_decoy) break;
    if (!seen_.v2) seen_.v2.emplace();
    note(one[0]);
    const Transform found{ike::kGroup, wanted ? wanted->number() : kDecoys[decoy], 0};
    if (std::erase(wish.groups, found) == 0) break;
    seen_.v2->groups.push_back(found);
    if (took_decoy) ++decoy;
  }
  if (seen_.v2 && decoy_ == 0) gaps_.emplace_back("which other groups it takes");
  co_return Unit{};
}

/// All groups that are taken and one that is not, whose share it gets.
IkeQuestion IkeSurvey::question(IkeWish wish) const {
  wish.groups = seen_.v2->groups;
  wish.groups.push_back({ike::kGroup, decoy_, 0});
  return sa_init(wish, decoy_, decoy_share(decoy_));
}

Task<Result<Unit>> IkeSurvey::ask_each(std::vector<IkeFamily> families, std::vector<IkeFamily>& taken) {
  std::vector<IkeQuestion> questions;
  for (const IkeFamily& one : families) {
    IkeWish wish = IkeWish::all();
    wish.of(one.type) = one.members;
    // Encryption that needs no integrity would hide which integrity is taken.
    if (one.type == ike::kIntegrity)
      std::erase_if(wish.encryption, [](const Transform& cipher) { return ike::facts_of(cipher)->seals; });
    questions.push_back(question(std::move(wish)));
  }
  CO_TRY_VOID(co_await ask(questions));
  for (std::size_t i = 0; i < families.size(); ++i) {
    const Verdict said = verdict(questions[i]);
    if (said == Verdict::taken) taken.push_back(families[i]);
    if (said == Verdict::unclear)
      gaps_.push_back("whether it takes " + ike::name_of(families[i].members.front()));
  }
  co_return Unit{};
}

/// Family by family, then the members of those that were taken.
Task<Result<Unit>> IkeSurvey::walk(std::uint8_t type) {
  std::vector<IkeFamily> families, singles, taken;
  CO_TRY_VOID(co_await ask_each(ike_families(type), families));
  for (const IkeFamily& one : families) {
    if (one.members.size() == 1) taken.push_back(one);
    if (one.members.size() > 1)
      for (const Transform& member : one.members) singles.push_back({type, {member}});
  }
  CO_TRY_VOID(co_await ask_each(std::move(singles), taken));
  std::vector<Transform>& out = type == ike::kEncryption ? seen_.v2->encryption
                                : type == ike::kPrf      ? seen_.v2->prf
                                                         : seen_.v2->integrity;
  for (const ike::TransformFacts& row : ike::all_transforms())
    for (const IkeFamily& one : taken)
      if (one.members.front() == row.transform) out.push_back(row.transform);
  co_return Unit{};
}

/// A server that knows nothing of them must refuse a proposal with an unknown type (RFC 7296 3.3.6).
Task<Result<Unit>> IkeSurvey::ask_additional() {
  std::vector<Transform> rows;
  for (const ike::TransformFacts& row : ike::all_transforms())
    if (row.post_quantum) rows.push_back({ike::kAdditional1, row.transform.id, 0});
  std::vector<IkeQuestion> questions;
  for (const Transform& row : rows) {
    IkeWish wish = IkeWish::all();
    wish.additional = {row};
    questions.push_back(question(std::move(wish)));
  }
  CO_TRY_VOID(co_await ask(questions));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Verdict said = verdict(questions[i]);
    if (said == Verdict::taken) seen_.v2->additional.push_back(rows[i]);
    if (said == Verdict::unclear)
      gaps_.push_back("whether it takes " + ike::name_of(rows[i]) + " behind another");
  }
  co_return Unit{};
}

/// One whole exchange, as a client makes it.
Task<Result<Unit>> IkeSurvey::ask_really() {
  IkeWish wish = IkeWish::all();
  wish.groups = seen_.v2->groups;
  const std::uint16_t group = wish.groups.front().id;
  CO_TRY(const auto share, real_share(group));
  if (!share) {
    gaps_.push_back("a whole first exchange: no key in the group " + ike::name_of(wish.groups.front()) +
                    " is made here");
    co_return Unit{};
  }
  IkeQuestion one[] = {sa_init(wish, group, *share)};
  CO_TRY_VOID(co_await ask(one));
  const ike::Payload* const sa = one[0].answer ? one[0].answer->find(ike::kSa) : nullptr;
  if (!sa) {
    gaps_.emplace_back("a whole first exchange");
    co_return Unit{};
  }
  IkeV2Seen& v2 = *seen_.v2;
  const auto proposals = ike::read_sa(sa->body);
  if (proposals && proposals->size() == 1) v2.chosen = proposals->front();
  for (const ike::Notice& notice : ike::notices_of(*one[0].answer)) {
    v2.fragmentation |= notice.type == ike::kFragmentation;
    v2.nat_detection |= notice.type == ike::kNatDestination;
    v2.intermediate |= notice.type == ike::kIntermediate;
    v2.childless |= notice.type == ike::kChildless;
    if (notice.type == ike::kSignatureHashes) v2.signature_hashes = numbers_in(notice);
  }
  co_return Unit{};
}

void IkeSurvey::note_aggressive(const IkeQuestion& question) {
  seen_.aggressive = taken1(question);
  seen_.gave_hash =
      seen_.aggressive && seen_.aggressive->by_shared_key() && question.answer->find(ike::kHash1);
}

/// In this order it is left with at most one association for each of three questions.
Task<Result<Unit>> IkeSurvey::ask_version1() {
  // RFC 2409 4: shares of these groups are numbers, and any number below the prime will do.
  IkeQuestion first[] = {main_mode(false), aggressive_mode(kUsualGroup, decoy_share(kUsualGroup))};
  CO_TRY_VOID(co_await ask(first));
  seen_.main_mode = taken1(first[0]);
  note_aggressive(first[1]);
  const bool speaks = first[0].answer && first[0].answer->header.version == ike::kVersion1;
  for (const std::uint16_t group : {std::uint16_t{2}, std::uint16_t{5}}) {
    if (!speaks || seen_.aggressive || quick_) break;
    IkeQuestion again[] = {aggressive_mode(group, decoy_share(group))};
    CO_TRY_VOID(co_await ask(again));
    note_aggressive(again[0]);
  }
  if (!seen_.main_mode || quick_) co_return Unit{};
  if (is_weak(*seen_.main_mode)) {
    seen_.weak_mode = seen_.main_mode;
    co_return Unit{};
  }
  IkeQuestion weak[] = {main_mode(true)};
  CO_TRY_VOID(co_await ask(weak));
  seen_.weak_mode = taken1(weak[0]);
  co_return Unit{};
}

Task<Result<Unit>> IkeSurvey::run() {
  CO_TRY_VOID(co_await walk_groups());
  if (seen_.v2) {
    if (!quick_ && decoy_ != 0) {
      CO_TRY_VOID(co_await walk(ike::kEncryption));
      CO_TRY_VOID(co_await walk(ike::kPrf));
      CO_TRY_VOID(co_await walk(ike::kIntegrity));
      CO_TRY_VOID(co_await ask_additional());
      seen_.v2->complete = gaps_.empty();
    }
    CO_TRY_VOID(co_await ask_really());
  }
  CO_TRY_VOID(co_await ask_version1());
  co_return Unit{};
}

}  // namespace sally::check
