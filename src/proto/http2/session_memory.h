// proto/http2/session_memory.h - nghttp2's small objects come from free lists of the core instead of malloc.
#pragma once
#include <nghttp2/nghttp2.h>

namespace sally::http2 {

/// For sessions that live and die on the calling thread. Null where a sanitizer wants to see each allocation.
nghttp2_mem* session_memory();

}  // namespace sally::http2
