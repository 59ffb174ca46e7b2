#ifndef ADVX_RUNTIME_LIBRARY_CONVOLUTIONPLAIN_H
#define ADVX_RUNTIME_LIBRARY_CONVOLUTIONPLAIN_H

#include "runtime/library/ConvolutionShape.h"

namespace advx::runtime {

/// The three products by plain loops: any shape, f32 or f64 as the result is.
void plainForwardCall(const OpCall &call, const ConvolutionShape &shape);
void plainInputGradientCall(const OpCall &call, const ConvolutionShape &shape);
void plainWeightGradientCall(const OpCall &call, const ConvolutionShape &shape);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_CONVOLUTIONPLAIN_H
