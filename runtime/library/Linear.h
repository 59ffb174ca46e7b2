#ifndef ADVX_RUNTIME_LIBRARY_LINEAR_H
#define ADVX_RUNTIME_LIBRARY_LINEAR_H

#include "runtime/library/OpSupport.h"

#include <cstdint>

namespace advx::runtime {

/// A row-major matrix with `leading` elements between two rows as stored, transposed on reading if
/// asked.
struct StoredMatrix {
  const void *data;
  int64_t leading;
  bool transposed;
};

/// out[m, n] = a[m, k] b[k, n], all of `dtype`, out contiguous with rows of n.
struct MatrixProduct {
  int32_t dtype;
  void *out;
  StoredMatrix a, b;
  int64_t m, n, k;
};

/// The product that a call of matvec, outer or matmul asks for. Throws where its operands do not
/// fit.
MatrixProduct matvecProduct(const OpCall &call);
MatrixProduct outerProduct(const OpCall &call);
MatrixProduct matmulProduct(const OpCall &call);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_LINEAR_H
