#ifndef ADVX_RUNTIME_LIBRARY_ATEN_H
#define ADVX_RUNTIME_LIBRARY_ATEN_H

#include "runtime/library/AtenLibrary.h"

namespace advx::runtime {

/// libadvx_aten.so, loaded by the first call; throws with the reason if it cannot be.
const AtenProducts &aten();

/// Whether it can be loaded; loads it.
bool atenIsPresent();

/// A convolution by ATen, f32 or f64 as the result is. Throws if ATen refuses it.
void atenForwardCall(const OpCall &call, const ConvolutionShape &shape);
void atenInputGradientCall(const OpCall &call, const ConvolutionShape &shape);
void atenWeightGradientCall(const OpCall &call, const ConvolutionShape &shape);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_LIBRARY_ATEN_H
