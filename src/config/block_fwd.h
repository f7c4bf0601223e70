// config/block_fwd.h - names the key table, so that a settings struct need not include all of it.
#pragma once

namespace sally::config {

class Table;

/// The key table of the settings struct T: see config/block.h.
template <typename T>
class Block;

}  // namespace sally::config
