#include "compiler/sema/types/Ops.h"

namespace advx::sema {

const char *opName(Op op) {
  switch (op) {
#define ADVX_EXPR_OP(Name, name)                                                                   \
  case Op::Name:                                                                                   \
    return #name;
#include "compiler/sema/types/Ops.def"
  }
  return "";
}

} // namespace advx::sema
