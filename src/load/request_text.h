// load/request_text.h - the requests as they go over the wire, written once and sent many times.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "load/plan.h"

namespace sally::load {

/// Of one origin; shared by all its connections.
class RequestText {
 public:
  /// `urls`: of one origin, at least one. Takes method, fields and body of `plan`, which must outlive it.
  RequestText(const Plan& plan, std::vector<LoadUrl> urls);

  std::size_t urls() const { return http1_.size(); }
  bool is_head() const { return plan_.method == "HEAD"; }
  const std::string& body() const { return plan_.body; }

  /// Head and body of HTTP/1.1 (RFC 9112 3).
  const std::string& http1(std::size_t url) const { return http1_[url]; }
  /// The same, as the last of a connection (RFC 9112 9.6).
  const std::string& http1_last(std::size_t url) const { return http1_last_[url]; }

  struct Line {
    std::string name, value;
    bool varies = false;  ///< from request to request
  };
  /// Pseudo-fields and fields, in lower case.
  const std::vector<Line>& lines(std::size_t url) const { return lines_[url]; }

  /// Bytes that the server's HPACK table must have room for.
  std::size_t table_bytes() const { return table_bytes_; }
  /// The header block of a connection's first request, which fills the server's table (RFC 7541 6.2.1).
  const std::string& first_block(std::size_t url) const { return first_[url]; }
  /// The header block of later requests, which refers to it.
  const std::string& next_block(std::size_t url) const { return next_[url]; }
  /// A header block that needs no table.
  const std::string& plain_block(std::size_t url) const { return plain_[url]; }

 private:
  std::vector<Line> lines_of(const LoadUrl& url, bool one_url) const;
  void write_http1(const LoadUrl& url);
  void write_blocks(const std::vector<Line>& lines);

  const Plan& plan_;
  std::string host_;  ///< a field that replaces the URL's authority; empty: none
  std::vector<std::string> http1_, http1_last_, first_, next_, plain_;
  std::vector<std::vector<Line>> lines_;
  std::size_t table_bytes_ = 0;
};

}  // namespace sally::load
