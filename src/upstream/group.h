// upstream/group.h - several backends that do the same, as one core sees them: which of them may be asked,
// which one is, and what their answers teach. Pure: the clock is passed in, nothing is sent.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "upstream/balancer.h"
#include "upstream/board.h"
#include "upstream/ejection.h"

namespace sally::upstream {

/// One backend of a group. A value in hand is valid.
struct MemberTerms {
  std::string address;                ///< as it is shown
  std::uint32_t weight = 1;           ///< 1 or more
  bool backup = false;                ///< asked only while all that are none are away
  std::uint32_t max_connections = 0;  ///< requests at a time, of all cores; 0: no limit

  bool operator==(const MemberTerms&) const = default;
};

struct GroupTerms {
  Policy policy = Policy::round_robin;
  EjectionTerms ejection;
  /// Who comes back gets a tenth of its share, then more, all of it after this time. Not with Policy::hash.
  std::chrono::milliseconds slow_start{0};

  bool operator==(const GroupTerms&) const = default;
};

/// At most kMostMembers backends.
class Group {
 public:
  static constexpr std::size_t kMostMembers = 64;
  /// Which of the members a request has tried already, a bit each.
  using Tried = std::uint64_t;

  struct Pick {
    enum class Kind : std::uint8_t {
      member,  ///< `index` is asked; ended() follows
      busy,    ///< all that could be asked have as many requests as they may have
      none,    ///< nobody is left to ask
    };
    Kind kind = Kind::none;
    std::size_t index = 0;
  };

  /// posted  what all cores know, in the order of `members`
  /// seed    different on each core
  Group(const GroupTerms& terms, std::vector<MemberTerms> members,
        std::vector<std::shared_ptr<Posted>> posted, std::uint64_t seed);
  Group(const Group&) = delete;

  /// Chooses a member and counts a request for it.
  /// key       for Policy::hash
  /// favourite  asked if it may be: where the client's cookie says it was
  Pick pick(std::uint64_t key, std::optional<std::size_t> favourite, Tried tried, TimePoint now);
  /// The request is over, however. Each pick of a member has one.
  void ended(std::size_t index);
  /// It answered.
  void succeeded(std::size_t index, TimePoint now);
  /// It did not, or said that it cannot (502, 503, 504). True: it is left alone for a while from now on.
  bool failed(std::size_t index, TimePoint now);

  /// The head of its answer came, so long after it was chosen.
  void answered(std::size_t index, Duration after);

  std::size_t size() const { return members_.size(); }
  const MemberTerms& member(std::size_t index) const { return members_[index].terms; }
  bool ejected(std::size_t index, TimePoint now) const { return members_[index].ejection.ejected(now); }

 private:
  struct Member {
    MemberTerms terms;
    std::shared_ptr<Posted> posted;
    std::shared_ptr<Tally> tally;
    std::uint64_t id = 0;
    std::uint32_t active = 0;  ///< requests of this core
    Ejection ejection;
    bool was_away = false;
    TimePoint back_since{};
  };
  enum class Tier : std::uint8_t { first, backup, last_resort };

  void look(TimePoint now);
  bool away(const Member& m, TimePoint now) const;
  bool in_tier(const Member& m, Tier tier, TimePoint now) const;
  double weight_of(const Member& m, TimePoint now) const;
  Pick pick_from(Tier tier, std::uint64_t key, std::optional<std::size_t> favourite, Tried tried,
                 TimePoint now);
  bool enter(std::size_t index);

  GroupTerms terms_;
  std::vector<Member> members_;
  Balancer balancer_;
  std::vector<Candidate> candidates_;
};

}  // namespace sally::upstream
