// tls/bio_method.h - how the TLS library is given bytes: a BIO of our own.
#pragma once
#include <openssl/bio.h>

namespace sally::tls {

/// A method whose BIOs read and write by these functions, flush at once, and know no other control. Made once
/// and kept: what it is for holds it in a static.
inline const BIO_METHOD* make_bio_method(const char* name, int (*read)(BIO*, char*, int),
                                         int (*write)(BIO*, const char*, int)) {
  BIO_METHOD* const m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, name);
  BIO_meth_set_read(m, read);
  BIO_meth_set_write(m, write);
  BIO_meth_set_ctrl(m, [](BIO*, int cmd, long, void*) -> long { return cmd == BIO_CTRL_FLUSH; });
  BIO_meth_set_create(m, [](BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  });
  return m;
}

}  // namespace sally::tls
