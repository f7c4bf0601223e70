#include "loop/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sally {

using namespace std::chrono_literals;

struct Loop::Ready {
  epoll_event events[kBatch];
  int at = 0, count = 0;
};

void Deferred::unlink() {
  if (next_ == nullptr) return;
  next_->previous_ = previous_;
  previous_->next_ = next_;
  next_ = previous_ = nullptr;
}

Timer::~Timer() {
  if (loop_ != nullptr) loop_->disarm(*this);
}

Result<std::unique_ptr<Loop>> Loop::make(OffloadPool* pool) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return fail(kLoopSystem, std::string("epoll_create1: ") + std::strerror(errno));
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    const int reason = errno;
    ::close(epoll);
    return fail(kLoopSystem, std::string("eventfd: ") + std::strerror(reason));
  }
  std::unique_ptr<Loop> loop(new Loop(epoll, wake, pool));
  TRY_VOID(loop->add(wake, EPOLLIN, nullptr));
  return loop;
}

Loop::Loop(int epoll, int wake_fd, OffloadPool* pool)
    : epoll_(epoll), wake_fd_(wake_fd), pool_(pool), ready_(std::make_unique<Ready>()) {
  deferred_.next_ = deferred_.previous_ = &deferred_;
  read_clock();
}

Loop::~Loop() {
  while (!heap_.empty()) disarm(*heap_.back());
  while (deferred_.next_ != &deferred_) deferred_.next_->unlink();
  deferred_.next_ = deferred_.previous_ = nullptr;
  ::close(wake_fd_);
  ::close(epoll_);
}

void Loop::read_clock() {
  now_ = Clock::now();
  unix_now_ = std::chrono::duration_cast<std::chrono::seconds>(WallClock::now().time_since_epoch()).count();
}

void Loop::run() {
  while (!stopping_) turn(1h);
}

void Loop::stop() {
  post([this] { stopping_ = true; });
}

void Loop::turn(Duration longest) {
  const int count = ::epoll_wait(epoll_, ready_->events, kBatch, wait_milliseconds(longest));
  read_clock();
  dispatch(count);
  run_timers();
  run_deferred();
}

int Loop::wait_milliseconds(Duration longest) const {
  Duration wait = longest;
  if (!heap_.empty()) wait = std::min(wait, heap_.front()->at_ - Clock::now());
  if (deferred_.next_ != &deferred_ || wait <= 0s) return 0;
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

void Loop::dispatch(int count) {
  ready_->count = std::max(count, 0);
  for (ready_->at = 0; ready_->at < ready_->count;) {
    const epoll_event& event = ready_->events[ready_->at++];
    if (event.data.ptr == this) continue;  // unwatched while its event waited
    if (event.data.ptr == nullptr)
      take_messages();
    else
      static_cast<Pollable*>(event.data.ptr)->on_events(event.events);
  }
  ready_->at = ready_->count = 0;
}

Result<> Loop::add(int fd, std::uint32_t events, Pollable* pollable) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = pollable;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) < 0)
    return fail(kLoopSystem, std::string("epoll_ctl: ") + std::strerror(errno));
  return {};
}

Result<> Loop::watch(int fd, Pollable& pollable) {
  return add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &pollable);
}

Result<> Loop::watch_level(int fd, Pollable& pollable) { return add(fd, EPOLLIN, &pollable); }

void Loop::unwatch(int fd, Pollable& pollable) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  for (int i = ready_->at; i < ready_->count; ++i)
    if (ready_->events[i].data.ptr == &pollable) ready_->events[i].data.ptr = this;
}

void Loop::post(std::move_only_function<void()> message) {
  {
    const std::scoped_lock lock(mutex_);
    messages_.push_back(std::move(message));
    if (messages_.size() > 1) return;  // the first one has woken the loop
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(wake_fd_, &one, sizeof one);
}

void Loop::take_messages() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = ::read(wake_fd_, &count, sizeof count);
  std::vector<std::move_only_function<void()>> messages;
  {
    const std::scoped_lock lock(mutex_);
    messages.swap(messages_);
  }
  for (auto& message : messages) message();
}

void Loop::defer(Deferred& work) {
  if (work.next_ != nullptr) return;
  work.previous_ = deferred_.previous_;
  work.next_ = &deferred_;
  work.previous_->next_ = &work;
  deferred_.previous_ = &work;
}

void Loop::run_deferred() {
  // What defers itself again runs in the next turn: a busy connection must not keep the others from their
  // events.
  const Deferred* const last = deferred_.previous_;
  for (bool more = deferred_.next_ != &deferred_; more;) {
    Deferred* const work = deferred_.next_;
    more = work != last && work != &deferred_;
    if (work == &deferred_) break;
    work->unlink();
    work->on_turn_end();
  }
}

void Loop::run_timers() {
  while (!heap_.empty() && heap_.front()->at_ <= now_) {
    Timer& timer = *heap_.front();
    disarm(timer);
    timer.on_timer();
  }
}

void Loop::arm(Timer& timer, TimePoint at) {
  if (timer.loop_ == nullptr) {
    timer.loop_ = this;
    heap_.push_back(&timer);
    timer.place_ = heap_.size() - 1;
  }
  timer.at_ = at;
  sift_up(timer.place_);
  sift_down(timer.place_);
}

void Loop::disarm(Timer& timer) {
  if (timer.loop_ == nullptr) return;
  const std::size_t place = timer.place_;
  timer.loop_ = nullptr;
  Timer* const last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  put(place, last);
  sift_up(place);
  sift_down(last->place_);
}

void Loop::put(std::size_t place, Timer* timer) {
  heap_[place] = timer;
  timer->place_ = place;
}

void Loop::sift_up(std::size_t place) {
  Timer* const timer = heap_[place];
  for (; place > 0 && timer->at_ < heap_[(place - 1) / 2]->at_; place = (place - 1) / 2)
    put(place, heap_[(place - 1) / 2]);
  put(place, timer);
}

void Loop::sift_down(std::size_t place) {
  Timer* const timer = heap_[place];
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->at_ < heap_[child]->at_) ++child;
    if (timer->at_ <= heap_[child]->at_) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, timer);
}

}  // namespace sally
