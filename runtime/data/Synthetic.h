#ifndef ADVX_RUNTIME_DATA_SYNTHETIC_H
#define ADVX_RUNTIME_DATA_SYNTHETIC_H

#include "runtime/data/Images.h"

namespace advx::runtime {

/// Images that no file has: example i is of class i mod classes, and is the mean image of its class
/// plus normal noise of deviation `description.noise`, both as shares of the range, kept in it. A
/// mean image has one value for each 4x4th of its last two axes (of the last one, where there is
/// one), uniform in [1/4, 3/4]. Draws are functions of `description.seed` alone: training and test
/// have the same means.
Images makeSynthetic(bool ofTest, const DataDescription &description);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_DATA_SYNTHETIC_H
