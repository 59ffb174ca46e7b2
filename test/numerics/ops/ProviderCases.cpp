// The cases of convolutions, poolings and products once more: for each provider, and with the
// channels of images last.

#include "test/numerics/ops/OpTest.h"

#include "runtime/library/Ops.h"

#include <algorithm>

using namespace advx::test;
using at::Tensor;

namespace {

/// Images as [..., H, W, C], and back. Anything that is not an image of one example or a batch is
/// left alone.
Tensor toLast(const Tensor &image) { return image.movedim(-3, -1).contiguous(); }
Tensor toFirst(const Tensor &image) { return image.movedim(-1, -3).contiguous(); }

bool isImage(const Value &value) { return value.exampleRank() == 3; }

/// The case with every image's channels last.
Case channelsLast(const Case &original) {
  Case c = original;
  std::vector<bool> turned;
  for (Value &operand : c.operands) {
    turned.push_back(isImage(operand));
    if (turned.back())
      operand.data = toLast(operand.data);
  }
  c.reference = [=](const std::vector<Tensor> &in) {
    std::vector<Tensor> first = in;
    for (size_t i = 0; i < first.size(); ++i)
      if (turned[i])
        first[i] = toFirst(first[i]);
    Tensor result = original.reference(first);
    bool resultIsImage = result.dim() - (original.resultBatched ? 1 : 0) == 3;
    return resultIsImage ? toLast(result) : result;
  };
  return c;
}

/// A convolution for a provider, which gets {channels last, winograd} besides the geometry.
Case provided(const Case &original, bool last, bool winograd) {
  Case c = last ? channelsLast(original) : original;
  c.attributes.push_back(last);
  c.attributes.push_back(winograd);
  return c;
}

/// A forward with a bias and a relu.
Case withEpilogue(const Case &original, bool last, bool winograd, bool hasBias, bool relu) {
  Case c = original;
  int64_t channels = original.operands[1].data.size(0);
  if (hasBias)
    c.operands.push_back({randomTensor({channels}, original.resultType), false});
  c.reference = [=](const std::vector<Tensor> &in) {
    Tensor y = original.reference({in[0], in[1]});
    if (hasBias)
      y = y + in[2].view({channels, 1, 1});
    return relu ? y.relu() : y;
  };
  c = provided(c, last, winograd);
  c.attributes.push_back(hasBias);
  c.attributes.push_back(relu);
  return c;
}

void (*casesOf(const char *name))(OpTest &) {
  for (auto &&family : {imageOps(), linearOps()})
    for (const OpEntry &entry : family)
      if (std::string(entry.name) == name)
        return entry.cases;
  return nullptr;
}

/// Which layouts a provider has, whether it has f64, and whether it has `winograd`: it is then
/// asked for it everywhere, since it falls back where there is none.
struct Provider {
  bool first, f64, winograd = false;
};
constexpr Provider plain{true, true}, onednn{true, true, true}, ours{false, false},
    byAten{true, true};

void forLayouts(OpTest &t, Provider provider, const std::function<void(bool, bool)> &run) {
  for (bool last : {false, true})
    for (bool winograd : {false, true})
      if ((last || provider.first) && (!winograd || provider.winograd))
        run(last, winograd);
}

/// Cases in f64 become f32 where a provider has no f64.
Case inItsType(const Case &original, Provider provider) {
  Case c = original;
  if (provider.f64)
    return c;
  c.resultType = at::kFloat;
  for (Value &operand : c.operands)
    operand.data = operand.data.to(at::kFloat);
  return c;
}

template <Provider const &provider> void forward(OpTest &t) {
  forLayouts(t, provider, [&](bool last, bool winograd) {
    for (bool hasBias : {false, true})
      for (bool relu : {false, true}) {
        t.adapt = [=](const Case &c) {
          return withEpilogue(inItsType(c, provider), last, winograd, hasBias, relu);
        };
        casesOf("conv2d")(t);
      }
  });
}

template <Provider const &provider> void inputGradient(OpTest &t) {
  forLayouts(t, provider, [&](bool last, bool winograd) {
    t.adapt = [=](const Case &c) { return provided(inItsType(c, provider), last, winograd); };
    casesOf("conv2d_input_grad")(t);
  });
}

template <Provider const &provider> void weightGradient(OpTest &t) {
  forLayouts(t, provider, [&](bool last, bool winograd) {
    t.adapt = [=](const Case &c) { return provided(inItsType(c, provider), last, winograd); };
    casesOf("conv2d_weight_grad")(t);
  });
}

// The other layout of ops without provider, and providers that only name a way.
void maxPoolIndex(OpTest &t) { t.adapt = channelsLast, casesOf("max_pool_index")(t); }
void windowGather(OpTest &t) { t.adapt = channelsLast, casesOf("window_gather")(t); }
void windowScatter(OpTest &t) { t.adapt = channelsLast, casesOf("window_scatter")(t); }
void avgPool(OpTest &t) { t.adapt = channelsLast, casesOf("avg_pool2d")(t); }
void avgPoolGrad(OpTest &t) { t.adapt = channelsLast, casesOf("avg_pool2d_grad")(t); }

void matvec(OpTest &t) { casesOf("matvec")(t); }
void outer(OpTest &t) { casesOf("outer")(t); }
void matmul(OpTest &t) { casesOf("matmul")(t); }

/// Without its library the provider `aten` has no cases.
template <void (*cases)(OpTest &)> void withAten(OpTest &t) {
  if (ADVX_ENABLE_ATEN)
    cases(t);
}

} // namespace

std::vector<OpEntry> advx::test::providedOps() {
  return {
      {"conv2d_plain", advx_op_conv2d_plain, forward<plain>},
      {"conv2d_onednn", advx_op_conv2d_onednn, forward<onednn>},
      {"conv2d_advx", advx_op_conv2d_advx, forward<ours>},
      {"conv2d_aten", advx_op_conv2d_aten, withAten<forward<byAten>>},
      {"conv2d_input_grad_plain", advx_op_conv2d_input_grad_plain, inputGradient<plain>},
      {"conv2d_input_grad_onednn", advx_op_conv2d_input_grad_onednn, inputGradient<onednn>},
      {"conv2d_input_grad_advx", advx_op_conv2d_input_grad_advx, inputGradient<ours>},
      {"conv2d_input_grad_aten", advx_op_conv2d_input_grad_aten, withAten<inputGradient<byAten>>},
      {"conv2d_weight_grad_plain", advx_op_conv2d_weight_grad_plain, weightGradient<plain>},
      {"conv2d_weight_grad_onednn", advx_op_conv2d_weight_grad_onednn, weightGradient<onednn>},
      {"conv2d_weight_grad_advx", advx_op_conv2d_weight_grad_advx, weightGradient<ours>},
      {"conv2d_weight_grad_aten", advx_op_conv2d_weight_grad_aten,
       withAten<weightGradient<byAten>>},
      {"matvec_plain", advx_op_matvec_plain, matvec},
      {"matvec_onednn", advx_op_matvec_onednn, matvec},
      {"matvec_aten", advx_op_matvec_aten, withAten<matvec>},
      {"outer_plain", advx_op_outer_plain, outer},
      {"outer_onednn", advx_op_outer_onednn, outer},
      {"outer_aten", advx_op_outer_aten, withAten<outer>},
      {"matmul_plain", advx_op_matmul_plain, matmul},
      {"matmul_onednn", advx_op_matmul_onednn, matmul},
      {"matmul_aten", advx_op_matmul_aten, withAten<matmul>},
      {"max_pool_index_channels_last", advx_op_max_pool_index_channels_last, maxPoolIndex},
      {"window_gather_channels_last", advx_op_window_gather_channels_last, windowGather},
      {"window_scatter_channels_last", advx_op_window_scatter_channels_last, windowScatter},
      {"avg_pool2d_channels_last", advx_op_avg_pool2d_channels_last, avgPool},
      {"avg_pool2d_grad_channels_last", advx_op_avg_pool2d_grad_channels_last, avgPoolGrad}};
}
