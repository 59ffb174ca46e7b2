// Products with matrices: by plain loops, which is all that -O0 calls, or by oneDNN's sgemm on one
// thread per tile. Plain loops add in f64 and round once. Tiles depend on shapes only.

#include "runtime/library/Linear.h"

#include "runtime/library/LibraryScratch.h"
#include "runtime/library/Providers.h"

#include <algorithm>
#include <dnnl.h>
#include <string>

using namespace advx::runtime;

namespace {

/// A StoredMatrix of a known type.
template <typename T> struct Matrix {
  const T *data;
  int64_t leading;
  bool transposed;

  Matrix(const T *data, int64_t leading, bool transposed)
      : data(data), leading(leading), transposed(transposed) {}
  explicit Matrix(const StoredMatrix &stored)
      : Matrix(static_cast<const T *>(stored.data), stored.leading, stored.transposed) {}

  const T *row(int64_t i) const { return data + (transposed ? i : i * leading); }
  int64_t step() const { return transposed ? leading : 1; }
};

template <typename T>
ADVX_CLONES void addScaled(double *__restrict out, const T *in, double scale, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    out[i] += scale * in[i];
}

template <typename T> ADVX_CLONES double dot(const T *a, const T *b, int64_t count) {
  constexpr int64_t lanes = 16;
  double partial[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int64_t lane = 0; lane < lanes; ++lane)
      partial[lane] += double(a[i + lane]) * b[i + lane];
  for (int64_t lane = 0; i < count; ++i, ++lane)
    partial[lane] += double(a[i]) * b[i];
  double sum = 0;
  for (double value : partial)
    sum += value;
  return sum;
}

/// out[m, n] = a[m, k] b[k, n], out contiguous with rows of `n`.
template <typename T>
void multiplyPlainly(T *out, Matrix<T> a, Matrix<T> b, int64_t m, int64_t n, int64_t k) {
  thread_local LibraryScratch scratch;
  double *sums = static_cast<double *>(scratch.reserve(n * int64_t(sizeof(double))));
  for (int64_t i = 0; i < m; ++i) {
    const T *left = a.row(i);
    T *target = out + i * n;
    if (b.transposed && a.step() == 1) {
      for (int64_t j = 0; j < n; ++j)
        target[j] = T(dot(left, b.data + j * b.leading, k));
      continue;
    }
    std::fill_n(sums, n, 0.0);
    for (int64_t l = 0; l < k; ++l) {
      double scale = left[l * a.step()];
      if (!b.transposed) {
        addScaled(sums, b.data + l * b.leading, scale, n);
        continue;
      }
      for (int64_t j = 0; j < n; ++j)
        sums[j] += scale * b.data[j * b.leading + l];
    }
    std::transform(sums, sums + n, target, [](double sum) { return T(sum); });
  }
}

void multiplyByDnnl(float *out, Matrix<float> a, Matrix<float> b, int64_t m, int64_t n, int64_t k) {
  if (k == 0) {
    std::fill_n(out, m * n, 0.0f);
    return;
  }
  dnnl_status_t status = dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', m, n, k,
                                    1.0f, a.data, a.leading, b.data, b.leading, 0.0f, out, n);
  if (status != dnnl_success)
    throw std::runtime_error("sgemm failed with status " + std::to_string(status));
}

/// Rows of a product in one chunk: a few, so that threads share, but enough to reuse the packed
/// right-hand side.
constexpr int64_t productRows = 64;

/// `multiply` with the rows of `out` in parallel.
template <typename T, typename Multiply>
void multiplyRows(const MatrixProduct &p, Multiply multiply) {
  Matrix<T> a(p.a), b(p.b);
  T *out = static_cast<T *>(p.out);
  parallelFor(0, p.m, productRows, [&](int64_t begin, int64_t end) {
    Matrix<T> rows(a.row(begin), a.leading, a.transposed);
    multiply(out + begin * p.n, rows, b, end - begin, p.n, p.k);
  });
}

void byPlainLoops(const MatrixProduct &product) {
  if (product.dtype == ADVX_F32)
    multiplyRows<float>(product, multiplyPlainly<float>);
  else
    multiplyRows<double>(product, multiplyPlainly<double>);
}

/// oneDNN has no product of f64.
void byDnnl(const char *op, const MatrixProduct &product) {
  bool has = product.dtype == ADVX_F32;
  noteProvider(op, has ? "onednn" : "plain");
  if (has)
    multiplyRows<float>(product, multiplyByDnnl);
  else
    byPlainLoops(product);
}

/// Nothing but f32 and f64 is multiplied.
int32_t floatTypeOf(const AdvxTensor &result) {
  if (result.dtype != ADVX_F32 && result.dtype != ADVX_F64)
    unsupported(result);
  return result.dtype;
}

} // namespace

MatrixProduct advx::runtime::matvecProduct(const OpCall &call) {
  const AdvxTensor &result = call.tensors[0], &weight = call.tensors[1], &vector = call.tensors[2];
  require(weight.rank == 2 && !weight.batched && vector.rank == 1 && result.rank == 1,
          "wants a matrix without batch and a vector");
  bool transpose = call.attributes[0] != 0;
  int64_t from = weight.dims[transpose ? 0 : 1], to = weight.dims[transpose ? 1 : 0];
  require(vector.dims[0] == from && result.dims[0] == to && rowCount(result) == rowCount(vector),
          "the shapes do not fit");
  // One row of `vector` per example: V W^T, or V W.
  return {floatTypeOf(result),
          result.data,
          {vector.data, from, false},
          {weight.data, weight.dims[1], !transpose},
          rowCount(vector),
          to,
          from};
}

MatrixProduct advx::runtime::outerProduct(const OpCall &call) {
  const AdvxTensor &result = call.tensors[0], &left = call.tensors[1], &right = call.tensors[2];
  require(left.rank == 1 && right.rank == 1 && result.rank == 2 && !result.batched,
          "wants two vectors and gives a matrix without batch");
  int64_t rows = left.dims[0], columns = right.dims[0], batch = rowCount(left);
  require(result.dims[0] == rows && result.dims[1] == columns && rowCount(right) == batch,
          "the shapes do not fit");
  return {floatTypeOf(result),
          result.data,
          {left.data, rows, true},
          {right.data, columns, false},
          rows,
          columns,
          batch};
}

MatrixProduct advx::runtime::matmulProduct(const OpCall &call) {
  const AdvxTensor &result = call.tensors[0], &a = call.tensors[1], &b = call.tensors[2];
  require(a.rank == 2 && b.rank == 2 && result.rank == 2, "wants matrices");
  require(!a.batched && !b.batched && !result.batched, "wants matrices without batch");
  bool transposeA = call.attributes[0] != 0, transposeB = call.attributes[1] != 0;
  int64_t rows = a.dims[transposeA], inner = a.dims[!transposeA], columns = b.dims[!transposeB];
  require(b.dims[transposeB] == inner && result.dims[0] == rows && result.dims[1] == columns,
          "the shapes do not fit");
  return {floatTypeOf(result),
          result.data,
          {a.data, a.dims[1], transposeA},
          {b.data, b.dims[1], transposeB},
          rows,
          columns,
          inner};
}

/// result[m] <- W[m, n], v[n] {0}; result[n] <- W[m, n], v[m] {1}. W has no batch.
ADVX_OP(matvec) { byPlainLoops(matvecProduct(call)); }
/// result[m, n] (no batch) <- u[m], v[n]: sum over the batch of u v^T
ADVX_OP(outer) { byPlainLoops(outerProduct(call)); }
/// result <- a, b (matrices without batch) {transpose a, transpose b}
ADVX_OP(matmul) { byPlainLoops(matmulProduct(call)); }

ADVX_OP(matvec_onednn) { byDnnl("matvec", matvecProduct(call)); }
ADVX_OP(outer_onednn) { byDnnl("outer", outerProduct(call)); }
ADVX_OP(matmul_onednn) { byDnnl("matmul", matmulProduct(call)); }
ADVX_OP(matvec_plain) { byPlainLoops(matvecProduct(call)); }
ADVX_OP(outer_plain) { byPlainLoops(outerProduct(call)); }
ADVX_OP(matmul_plain) { byPlainLoops(matmulProduct(call)); }
