// libadvx_aten.so: convolutions and products by ATen, into the caller's buffers.
//
// ATen runs as a library of loops: on the thread that calls it, without autograd, and with its
// temporaries in memory that the caller counts. Threads, tiles and the order of sums stay with the
// caller. `_slow_conv2d` is what at::convolution comes to in f64: patches and BLAS. It is called by
// its own name because at::convolution would give f32 to oneDNN, of which this is the fallback.

#include "runtime/library/AtenLibrary.h"

#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_slow_conv2d_backward.h>
#include <ATen/ops/_slow_conv2d_forward.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <exception>
#include <string>

using namespace advx::runtime;

namespace {

/// Draws every CPU tensor of the process from the caller's memory.
class CallersAllocator final : public c10::Allocator {
public:
  c10::DataPtr allocate(size_t bytes) const override {
    void *data = bytes ? memory.take(static_cast<int64_t>(bytes)) : nullptr;
    return {data, data, release, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return release; }

  AtenMemory memory{};

private:
  static void release(void *data);
};

CallersAllocator &allocator() {
  // Never destroyed: tensors of other libraries may outlive this one's statics.
  static auto *instance = new CallersAllocator;
  return *instance;
}

void CallersAllocator::release(void *data) {
  if (data)
    allocator().memory.giveBack(data);
}

at::TensorOptions optionsOf(int32_t dtype) {
  return at::TensorOptions(dtype == ADVX_F64 ? at::kDouble : at::kFloat);
}

/// `data` as [d0, d1, d2, d3], stored with d1 last if asked.
at::Tensor viewed(const void *data, int32_t dtype, bool last, int64_t d0, int64_t d1, int64_t d2,
                  int64_t d3) {
  int64_t sizes[] = {d0, d1, d2, d3};
  int64_t first[] = {d1 * d2 * d3, d2 * d3, d3, 1};
  int64_t lastStrides[] = {d1 * d2 * d3, 1, d1 * d3, d1};
  return at::from_blob(const_cast<void *>(data), sizes, last ? lastStrides : first,
                       optionsOf(dtype));
}

/// The three tensors of a convolution and what else ATen asks for.
struct Operands {
  at::Tensor x, w, y;
  int64_t kernel[2], stride[2], pad[2];

  Operands(const ConvolutionShape &s, int32_t dtype, const void *dataX, const void *dataW,
           const void *dataY)
      : x(viewed(dataX, dtype, s.channelsLast, s.batch, s.inC, s.inH, s.inW)),
        w(viewed(dataW, dtype, s.channelsLast, s.outC, s.inC, s.kernelH, s.kernelW)),
        y(viewed(dataY, dtype, s.channelsLast, s.batch, s.outC, s.outH, s.outW)),
        kernel{s.kernelH, s.kernelW}, stride{s.strideH, s.strideW}, pad{s.padH, s.padW} {}
};

/// Runs `body` as a call of AtenProducts.
template <typename Body> const char *guarded(Body &&body) {
  thread_local std::string message;
  try {
    // Below autograd, and below the counting of versions, which knows no absent result.
    at::AutoDispatchBelowADInplaceOrView noAutograd;
    body();
    return nullptr;
  } catch (const c10::Error &error) {
    message = error.what_without_backtrace();
  } catch (const std::exception &error) {
    message = error.what();
  }
  return message.c_str();
}

const char *forward(const ConvolutionShape &shape, int32_t dtype, const void *x, const void *w,
                    const void *bias, void *y) {
  return guarded([&] {
    Operands o(shape, dtype, x, w, y);
    c10::optional<at::Tensor> added;
    if (bias)
      added = at::from_blob(const_cast<void *>(bias), {shape.outC}, optionsOf(dtype));
    at::_slow_conv2d_forward_out(o.y, o.x, o.w, o.kernel, added, o.stride, o.pad);
  });
}

const char *inputGradient(const ConvolutionShape &shape, int32_t dtype, const void *gy,
                          const void *w, void *gx) {
  return guarded([&] {
    Operands o(shape, dtype, gx, w, gy);
    at::Tensor noWeight, noBias;
    // Of the input only the shape is read where no gradient of the weight is asked for.
    at::_slow_conv2d_backward_out(o.x, noWeight, noBias, o.y, o.x, o.w, o.kernel, o.stride, o.pad);
  });
}

const char *weightGradient(const ConvolutionShape &shape, int32_t dtype, const void *x,
                           const void *gy, void *gw) {
  return guarded([&] {
    Operands o(shape, dtype, x, gw, gy);
    at::Tensor noInput, noBias;
    at::_slow_conv2d_backward_out(noInput, o.w, noBias, o.y, o.x, o.w, o.kernel, o.stride, o.pad);
  });
}

at::Tensor matrix(const StoredMatrix &stored, int32_t dtype, int64_t rows, int64_t columns) {
  int64_t sizes[] = {rows, columns};
  int64_t strides[] = {stored.transposed ? 1 : stored.leading,
                       stored.transposed ? stored.leading : 1};
  return at::from_blob(const_cast<void *>(stored.data), sizes, strides, optionsOf(dtype));
}

const char *multiply(const MatrixProduct &p) {
  return guarded([&] {
    at::Tensor out = at::from_blob(p.out, {p.m, p.n}, optionsOf(p.dtype));
    at::mm_out(out, matrix(p.a, p.dtype, p.m, p.k), matrix(p.b, p.dtype, p.k, p.n));
  });
}

} // namespace

extern "C" __attribute__((visibility("default"))) const AtenProducts *
advx_open_aten_1(const AtenMemory &memory) {
  allocator().memory = memory;
  c10::SetCPUAllocator(&allocator());
  at::set_num_threads(1);
  static const AtenProducts products{forward, inputGradient, weightGradient, multiply};
  return &products;
}
