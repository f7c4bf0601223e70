// check/ike_survey.h - finds out by IKE what a gateway takes, without leaving it half-open associations: it
// is asked with a key share that it cannot use, and what it takes shows in that it asks for another.
#pragma once
#include "check/ike_offers.h"
#include "check/ike_seen.h"

namespace sally::check {

class IkeSurvey {
 public:
  /// quick: what is taken is not asked one by one.
  IkeSurvey(Loop& loop, Stream& datagrams, IkeManner manner, bool quick)
      : loop_(loop), wire_(datagrams), manner_(manner), quick_(quick) {}

  /// Asks everything. A server leaves at most four half-open associations behind (strongSwan keeps five of
  /// one address). Errors: net.connect_refused, net.unreachable, net.socket, crypto.call_failed.
  Task<Result<Unit>> run();
  /// One question that every gateway of IKEv2 answers; false: silence. Errors: as run().
  Task<Result<bool>> is_there();

  IkeSeen take() { return std::move(seen_); }
  /// Something came back.
  bool heard() const { return heard_; }
  /// What was not answered, for people.
  const std::vector<std::string>& gaps() const { return gaps_; }

 private:
  enum class Verdict : std::uint8_t { taken, refused, unclear };

  Task<Result<Unit>> ask(std::span<IkeQuestion> all);
  static Verdict verdict(const IkeQuestion& question);
  void note(const IkeQuestion& question);
  Task<Result<Unit>> walk_groups();
  Task<Result<Unit>> walk(std::uint8_t type);
  Task<Result<Unit>> ask_each(std::vector<IkeFamily> families, std::vector<IkeFamily>& taken);
  Task<Result<Unit>> ask_additional();
  Task<Result<Unit>> ask_really();
  Task<Result<Unit>> ask_version1();
  void note_aggressive(const IkeQuestion& question);
  IkeQuestion question(IkeWish wish) const;

  Loop& loop_;
  Stream& wire_;
  IkeManner manner_;
  bool quick_, heard_ = false;
  IkeSeen seen_;
  std::uint16_t decoy_ = 0;  ///< a group that the server does not take; 0: none is known
  std::vector<std::string> gaps_;
};

}  // namespace sally::check
