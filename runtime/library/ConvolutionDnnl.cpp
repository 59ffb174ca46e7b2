// Convolutions in f32 by oneDNN, into our buffers.
//
// The batch is cut into tiles of a few examples. A tile is copied into the layout that oneDNN is
// fast in, computed on one thread and copied back, all in buffers that fit a core's cache. Tiles
// depend on the shape alone and weight gradients are added in tile order, so the number of threads
// changes no bit.

#include "runtime/core/ThreadPool.h"
#include "runtime/library/Aten.h"
#include "runtime/library/ConvolutionPlain.h"
#include "runtime/library/LibraryScratch.h"
#include "runtime/library/Providers.h"

#include <algorithm>
#include <dnnl.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

using namespace advx::runtime;
using dnnl::memory;
using Tag = dnnl::memory::format_tag;

namespace {

enum class Product { Forward, InputGradient, WeightGradient };

/// Examples in a tile; the last tile of a batch may have fewer.
constexpr int64_t tileExamples = 16;

dnnl::engine &cpuEngine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream &threadStream() {
  thread_local dnnl::stream stream(cpuEngine());
  return stream;
}

/// One tensor of a product: as the user has it, as the primitive wants it, and the way between.
struct Side {
  memory::desc plain, inner;
  std::optional<dnnl::reorder> enter, leave;

  Side() = default;
  Side(memory::desc plain, memory::desc inner) : plain(plain), inner(inner) {
    if (plain == inner)
      return;
    enter.emplace(dnnl::reorder::primitive_desc(cpuEngine(), plain, cpuEngine(), inner));
    leave.emplace(dnnl::reorder::primitive_desc(cpuEngine(), inner, cpuEngine(), plain));
  }

  /// The tensor in the primitive's layout: `user` itself, or a copy in `scratch`.
  void *entered(float *user, LibraryScratch &scratch) const {
    if (!enter)
      return user;
    void *copy = room(user, scratch);
    run(*enter, plain, user, inner, copy);
    return copy;
  }

  /// Where the primitive shall write what `left` then brings to `user`.
  void *room(float *user, LibraryScratch &scratch) const {
    return enter ? scratch.reserve(int64_t(inner.get_size())) : user;
  }

  void left(void *written, float *user) const {
    if (leave)
      run(*leave, inner, written, plain, user);
  }

private:
  static void run(const dnnl::reorder &reorder, const memory::desc &from, void *source,
                  const memory::desc &to, void *target) {
    memory in(from, cpuEngine(), source), out(to, cpuEngine(), target);
    reorder.execute(threadStream(), in, out);
  }
};

/// A product for one tile size: the primitive, and its three tensors x, w and y (or their
/// gradients).
struct Plan {
  dnnl::primitive primitive;
  Side x, w, y;
  memory::desc scratchpad, bias;

  void execute(int argX, void *dataX, int argW, void *dataW, int argY, void *dataY,
               LibraryScratch &pad, const float *dataBias = nullptr) const {
    void *padData = pad.reserve(int64_t(scratchpad.get_size()));
    std::unordered_map<int, memory> arguments{
        {argX, memory(x.inner, cpuEngine(), dataX)},
        {argW, memory(w.inner, cpuEngine(), dataW)},
        {argY, memory(y.inner, cpuEngine(), dataY)},
        {DNNL_ARG_SCRATCHPAD, memory(scratchpad, cpuEngine(), padData)}};
    if (dataBias)
      arguments.emplace(DNNL_ARG_BIAS, memory(bias, cpuEngine(), const_cast<float *>(dataBias)));
    primitive.execute(threadStream(), arguments);
  }
};

/// How the user has images.
Tag userLayout(const ConvolutionShape &shape) { return shape.channelsLast ? Tag::nhwc : Tag::nchw; }

/// Layouts to try, best first. Blocked layouts (`any`) waste most of a vector on images of few
/// channels when these are the output; channels last is the fastest where they fill a vector.
std::vector<Tag> layoutsFor(Product product, const ConvolutionShape &shape) {
  constexpr int64_t vectorChannels = 16, fewChannels = 4;
  if (shape.winograd)
    return {Tag::nChw16c};
  // In the user's layout nothing is copied.
  if (shape.channelsLast)
    return {Tag::nhwc, Tag::any};
  if (product == Product::InputGradient && shape.inC <= fewChannels)
    return {Tag::nchw, Tag::any};
  if (shape.inC >= vectorChannels && shape.outC >= vectorChannels)
    return {Tag::nhwc, Tag::any, Tag::nchw};
  return {Tag::any, Tag::nchw};
}

/// oneDNN's reference implementations are hundreds of times slower than plain loops.
bool isReference(const char *implementation) {
  return std::string(implementation).find("ref") != std::string::npos;
}

/// The plan with images in the given layout, if oneDNN has a fast one.
std::optional<Plan> makePlan(Product product, const ConvolutionShape &s, Tag layout) {
  constexpr auto f32 = memory::data_type::f32;
  auto algorithm =
      s.winograd ? dnnl::algorithm::convolution_winograd : dnnl::algorithm::convolution_direct;
  memory::dims xDims{s.batch, s.inC, s.inH, s.inW}, yDims{s.batch, s.outC, s.outH, s.outW};
  memory::dims wDims{s.outC, s.inC, s.kernelH, s.kernelW};
  memory::dims strides{s.strideH, s.strideW}, pads{s.padH, s.padW};
  memory::desc x(xDims, f32, layout), w(wDims, f32, Tag::any), y(yDims, f32, layout);
  memory::desc plainX(xDims, f32, userLayout(s)), plainW(wDims, f32, Tag::oihw);
  memory::desc plainY(yDims, f32, userLayout(s));
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  memory::desc bias;
  if (s.hasBias)
    bias = memory::desc({s.outC}, f32, Tag::x);
  try {
    dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, algorithm, x, w, bias, y, strides, pads, pads},
        attributes, cpuEngine());
    switch (product) {
    case Product::Forward:
      if (isReference(forward.impl_info_str()))
        return std::nullopt;
      return Plan{dnnl::convolution_forward(forward),
                  Side(plainX, forward.src_desc()),
                  Side(plainW, forward.weights_desc()),
                  Side(plainY, forward.dst_desc()),
                  forward.scratchpad_desc(),
                  bias};
    case Product::InputGradient: {
      dnnl::convolution_backward_data::primitive_desc backward(
          {algorithm, x, w, y, strides, pads, pads}, attributes, cpuEngine(), forward);
      if (isReference(backward.impl_info_str()))
        return std::nullopt;
      return Plan{dnnl::convolution_backward_data(backward),
                  Side(plainX, backward.diff_src_desc()),
                  Side(plainW, backward.weights_desc()),
                  Side(plainY, backward.diff_dst_desc()),
                  backward.scratchpad_desc(),
                  {}};
    }
    case Product::WeightGradient: {
      dnnl::convolution_backward_weights::primitive_desc backward(
          {algorithm, x, w, y, strides, pads, pads}, attributes, cpuEngine(), forward);
      if (isReference(backward.impl_info_str()))
        return std::nullopt;
      return Plan{dnnl::convolution_backward_weights(backward),
                  Side(plainX, backward.src_desc()),
                  Side(plainW, backward.diff_weights_desc()),
                  Side(plainY, backward.diff_dst_desc()),
                  backward.scratchpad_desc(),
                  {}};
    }
    }
  } catch (const dnnl::error &) {
    return std::nullopt; // The layout has no implementation; another may.
  }
  return std::nullopt;
}

/// The cached plan for tiles of `examples`; null if oneDNN has none. Plans live as long as the
/// process.
const Plan *planFor(Product product, ConvolutionShape shape, int64_t examples) {
  static std::mutex mutex;
  static std::map<std::pair<Product, ConvolutionShape>, std::optional<Plan>> plans;
  shape.batch = examples;
  shape.relu = false; // is ours, not the primitive's
  std::lock_guard<std::mutex> lock(mutex);
  useOneOpenMPThread();
  auto [entry, isNew] = plans.try_emplace({product, shape});
  if (isNew)
    for (Tag layout : layoutsFor(product, shape)) {
      entry->second = makePlan(product, shape, layout);
      if (entry->second)
        break;
    }
  return entry->second ? &*entry->second : nullptr;
}

/// The plans of a batch: one for its full tiles and one for what is left.
struct TilePlans {
  const Plan *full = nullptr, *rest = nullptr;
  bool usable = true;

  TilePlans(Product product, const ConvolutionShape &shape) {
    if (shape.batch >= tileExamples)
      usable &= (full = planFor(product, shape, tileExamples)) != nullptr;
    if (shape.batch % tileExamples)
      usable &= (rest = planFor(product, shape, shape.batch % tileExamples)) != nullptr;
  }

  const Plan &of(int64_t examples) const { return examples == tileExamples ? *full : *rest; }
};

/// Buffers of one thread, reused by every convolution.
struct ThreadBuffers {
  LibraryScratch in, out, w, pad, gradient;
};
ThreadBuffers &threadBuffers() {
  thread_local ThreadBuffers buffers;
  return buffers;
}

/// Weights in the layouts of a batch's plans, shared by its tiles.
struct EnteredWeights {
  void *full = nullptr, *rest = nullptr;

  EnteredWeights(const TilePlans &plans, const float *w) {
    thread_local LibraryScratch fullScratch, restScratch;
    if (plans.full)
      full = plans.full->w.entered(const_cast<float *>(w), fullScratch);
    if (plans.rest)
      rest = plans.rest->w.entered(const_cast<float *>(w), restScratch);
  }

  void *of(int64_t examples) const { return examples == tileExamples ? full : rest; }
};

/// Turns oneDNN's errors into messages.
template <typename Body> bool guarded(Body &&body) {
  try {
    return body();
  } catch (const dnnl::error &error) {
    throw std::runtime_error(std::string("oneDNN: ") + error.what());
  }
}

/// oneDNN's own relu takes a NaN for 0, so a tile is rectified here while it is in the cache.
ADVX_CLONES void rectify(float *values, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    values[i] = rectified(values[i]);
}

/// The two products that give an image for an image: y of x, or the gradient of x by that of y.
bool imageProduct(Product product, const ConvolutionShape &shape, const float *from, const float *w,
                  const float *bias, float *to) {
  return guarded([&] {
    TilePlans plans(product, shape);
    if (!plans.usable)
      return false;
    EnteredWeights weights(plans, w);
    bool forward = product == Product::Forward;
    int64_t fromSize = forward ? shape.inputSize() : shape.outputSize();
    int64_t toSize = forward ? shape.outputSize() : shape.inputSize();
    parallelFor(0, shape.batch, tileExamples, [&](int64_t begin, int64_t end) {
      const Plan &plan = plans.of(end - begin);
      const Side &source = forward ? plan.x : plan.y, &target = forward ? plan.y : plan.x;
      ThreadBuffers &buffers = threadBuffers();
      float *result = to + begin * toSize;
      void *in = source.entered(const_cast<float *>(from) + begin * fromSize, buffers.in);
      void *out = target.room(result, buffers.out);
      if (forward)
        plan.execute(DNNL_ARG_SRC, in, DNNL_ARG_WEIGHTS, weights.of(end - begin), DNNL_ARG_DST, out,
                     buffers.pad, bias);
      else
        plan.execute(DNNL_ARG_DIFF_SRC, out, DNNL_ARG_WEIGHTS, weights.of(end - begin),
                     DNNL_ARG_DIFF_DST, in, buffers.pad);
      target.left(out, result);
      if (forward && shape.relu)
        rectify(result, (end - begin) * toSize);
    });
    return true;
  });
}

// The three products. False if oneDNN only has its reference implementation for the shape; nothing
// is written then. Throws if oneDNN fails. `bias` is null without one.

bool dnnlForward(const ConvolutionShape &shape, const float *x, const float *w, const float *bias,
                 float *y) {
  return imageProduct(Product::Forward, shape, x, w, bias, y);
}

bool dnnlInputGradient(const ConvolutionShape &shape, const float *gy, const float *w, float *gx) {
  return imageProduct(Product::InputGradient, shape, gy, w, nullptr, gx);
}

bool dnnlWeightGradient(const ConvolutionShape &shape, const float *x, const float *gy, float *gw) {
  return guarded([&] {
    TilePlans plans(Product::WeightGradient, shape);
    if (!plans.usable)
      return false;
    // A group is a run of tiles with one partial sum. Its length depends on the shape alone;
    // partial sums together stay within the budget.
    constexpr int64_t budgetFloats = int64_t(16) << 20;
    int64_t size = shape.weightSize();
    int64_t tiles = (shape.batch + tileExamples - 1) / tileExamples;
    int64_t mostGroups = std::clamp<int64_t>(budgetFloats / std::max<int64_t>(size, 1), 2, 16);
    int64_t groupExamples = (tiles + mostGroups - 1) / mostGroups * tileExamples;
    int64_t groups = (shape.batch + groupExamples - 1) / groupExamples;
    thread_local LibraryScratch partialScratch;
    float *partials = partialScratch.floats(groups * size);

    parallelFor(0, shape.batch, groupExamples, [&](int64_t groupBegin, int64_t groupEnd) {
      ThreadBuffers &buffers = threadBuffers();
      float *partial = partials + groupBegin / groupExamples * size;
      for (int64_t begin = groupBegin; begin < groupEnd; begin += tileExamples) {
        int64_t examples = std::min(tileExamples, groupEnd - begin);
        const Plan &plan = plans.of(examples);
        float *gradient = begin == groupBegin ? partial : buffers.gradient.floats(size);
        void *in = plan.x.entered(const_cast<float *>(x) + begin * shape.inputSize(), buffers.in);
        void *out =
            plan.y.entered(const_cast<float *>(gy) + begin * shape.outputSize(), buffers.out);
        void *written = plan.w.room(gradient, buffers.w);
        plan.execute(DNNL_ARG_SRC, in, DNNL_ARG_DIFF_WEIGHTS, written, DNNL_ARG_DIFF_DST, out,
                     buffers.pad);
        plan.w.left(written, gradient);
        if (gradient != partial)
          for (int64_t i = 0; i < size; ++i)
            partial[i] += gradient[i];
      }
    });
    parallelFor(0, size, 4096, [&](int64_t begin, int64_t end) {
      std::copy(partials + begin, partials + end, gw + begin);
      for (int64_t group = 1; group < groups; ++group)
        for (int64_t i = begin; i < end; ++i)
          gw[i] += partials[group * size + i];
    });
    return true;
  });
}

using ConvolutionCall = void (*)(const OpCall &, const ConvolutionShape &);

/// What oneDNN has no fast implementation for: ATen's work, or that of plain loops where its
/// library is not on the machine.
void fallBack(const char *op, ConvolutionCall aten, ConvolutionCall plain, const OpCall &call,
              const ConvolutionShape &shape) {
  noteProvider(op, atenIsPresent() ? "aten" : "plain");
  (atenIsPresent() ? aten : plain)(call, shape);
}

} // namespace

/// y <- x, w[O,C,kh,kw], optional bias[O] {sh, sw, ph, pw, channels last, winograd, has bias, relu}
ADVX_OP(conv2d_onednn) {
  ConvolutionShape shape = providedForwardShape(call);
  const AdvxTensor &y = call.tensors[0], &x = call.tensors[1], &w = call.tensors[2];
  if (y.dtype == ADVX_F32 && dnnlForward(shape, dataOf<float>(x), dataOf<float>(w),
                                         biasOf<float>(call, shape), dataOf<float>(y)))
    return noteProvider("conv2d", "onednn");
  fallBack("conv2d", atenForwardCall, plainForwardCall, call, shape);
}

/// gx <- gy, w[O,C,kh,kw] {sh, sw, ph, pw, channels last, winograd}
ADVX_OP(conv2d_input_grad_onednn) {
  const AdvxTensor &gx = call.tensors[0], &gy = call.tensors[1], &w = call.tensors[2];
  ConvolutionShape shape = providedShape(gx, w, gy, call.attributes);
  if (gx.dtype == ADVX_F32 &&
      dnnlInputGradient(shape, dataOf<float>(gy), dataOf<float>(w), dataOf<float>(gx)))
    return noteProvider("conv2d_input_grad", "onednn");
  fallBack("conv2d_input_grad", atenInputGradientCall, plainInputGradientCall, call, shape);
}

/// gw[O,C,kh,kw] <- x, gy {sh, sw, ph, pw, channels last, winograd}: sum over the batch
ADVX_OP(conv2d_weight_grad_onednn) {
  const AdvxTensor &gw = call.tensors[0], &x = call.tensors[1], &gy = call.tensors[2];
  ConvolutionShape shape = providedShape(x, gw, gy, call.attributes);
  if (gw.dtype == ADVX_F32 &&
      dnnlWeightGradient(shape, dataOf<float>(x), dataOf<float>(gy), dataOf<float>(gw)))
    return noteProvider("conv2d_weight_grad", "onednn");
  fallBack("conv2d_weight_grad", atenWeightGradientCall, plainWeightGradientCall, call, shape);
}
