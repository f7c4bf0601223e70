// handler/file_answer.h - answers a GET or HEAD with a form of a file: whole, in parts, or not at all.
#pragma once
#include <cstdint>
#include <memory>

#include "handler/file_cache.h"
#include "handler/representation.h"
#include "http/exchange.h"

namespace sally::handler {

/// 200 with the whole form, whatever conditions the request has. The fast way of a cached file.
void answer_whole(http::Exchange& x, FileCache& cache, const std::shared_ptr<const Representation>& form);

/// Honours conditions and ranges: 200, 206, 304, 412 or 416.
///
/// most_ranges  of one request; with more it gets the whole
/// source       RFC 9110 13.2.2 (order of conditions), 14.2 (ranges: GET only), 15.3.7 (206), 15.4.5 (304)
void answer_file(http::Exchange& x, FileCache& cache, const std::shared_ptr<const Representation>& form,
                 std::uint32_t most_ranges);

/// `status` with the whole form as its content, for configured error pages: no conditions, no validators.
void answer_with_page(http::Exchange& x, FileCache& cache, int status,
                      const std::shared_ptr<const Representation>& form);

/// Some field of the request asks for more than the whole form.
bool is_conditional(const http::Fields& fields);

}  // namespace sally::handler
