// The part of ServerCodec that knows what is waited for and how a connection ends.
#include "proto/http1/server_codec.h"

namespace sally::http1 {

/// A client that closed and still waits for somebody else's answer is gone, most likely: one that only ends
/// its side cannot be told from it. What waits for a backend holds that for nothing.
bool ServerCodec::waits_in_vain() const {
  return input_ended_ && x_ && !x_->tunnel() && x_->answering && (!x_->responded() || starved_);
}

void ServerCodec::end_with(const Error& why) {
  if (input_ == Input::over && !x_) return;
  if (!x_ && input_ == Input::head) {
    x_ = pool_.take();
    x_->facts = &facts_;
    x_->began = stamp_.now;
  }
  close_ = true;
  head_.consume(head_.size());
  head_.release_if_empty();
  if (x_) {
    http::Exchange& x = *x_;
    const int status = why.kind().http_status;
    if (answer_.begun() || status == 0) {
      if (answer_.begun()) {
        answer_.drop();
        if (!broken_) broken_.emplace(why.kind(), why.pos(), std::string(why.detail()), why.raised());
      }
    } else {
      broken_.reset();
      HeadText text;
      const bool head_request = x.request.method == http::Method::head;
      x.sent_body_bytes = write_farewell(status, why.kind().what, !head_request, stamp_, text);
      x.response.status = status;
      answer_.say_later(text.text());
    }
    x.failure = why.kind().id;
    finish_exchange();
  }
  body_.end();
  input_ = Input::over;
}

std::unexpected<Error> ServerCodec::refuse(Error why) {
  end_with(why);
  return std::unexpected(std::move(why));
}

CodecWait ServerCodec::waiting() const {
  if (blocked_ || answer_.waits()) return CodecWait::send;
  if (!x_) {
    if (input_ == Input::skipping) return CodecWait::body;
    return head_.empty() ? CodecWait::idle : CodecWait::head;
  }
  if (x_->responded() && !starved_) return CodecWait::send;
  if (x_->tunnel()) return CodecWait::tunnel;
  const http::BodyPipe& pipe = x_->request_body;
  if (input_ == Input::body && (pipe.awaited() || pipe.discarding())) return CodecWait::body;
  return CodecWait::response;
}

void ServerCodec::drain() {
  draining_ = true;
  if (!x_ && ((input_ == Input::head && head_.empty()) || input_ == Input::skipping)) input_ = Input::over;
}

bool ServerCodec::finished() const { return input_ == Input::over && !x_ && !broken_ && !answer_.waits(); }

void ServerCodec::end_of_input() {
  input_ended_ = true;
  if (input_ == Input::head || input_ == Input::skipping) {
    head_.consume(head_.size());
    head_.release_if_empty();
    input_ = Input::over;
    return;
  }
  if (input_ == Input::tunnel) return x_->request_body.finish();
  if (waits_in_vain())
    return end_with(Error(kClientGone, WirePos{offset_}, {}, std::source_location::current()));
  if (input_ != Input::body) return;
  body_.end();
  input_ = Input::answering;
  x_->request_body.break_with(Error(kBodyCutShort, WirePos{offset_}, {}, std::source_location::current()));
}

void ServerCodec::fail_with(const Error& why) {
  if (!x_ && head_.empty()) {
    input_ = Input::over;
    return;
  }
  end_with(why);
  if (broken_ || answer_.waits()) tell_sendable();
}

}  // namespace sally::http1
