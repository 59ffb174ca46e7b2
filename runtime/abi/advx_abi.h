#ifndef ADVX_RUNTIME_ABI_H
#define ADVX_RUNTIME_ABI_H

/*===- advx_abi.h - What crosses from the compiler to the runtime -----------===*
 *
 * The compiled object exports one table, `advx_program`; the runtime exports
 * the `advx_op_*` functions that the object calls, one per tensor op (-O0; ops.def
 * lists them), and `advx_launch_kernel`, which runs a compiled kernel on the
 * runtime's threads. Nothing else crosses. The structs are described once, in
 * structs.def, for both sides, the element types in elements.def. Every call passes the lengths of
 *its arrays, and the runtime refuses wrong ones. A change of any of it needs a new
 * ADVX_ABI_VERSION; the runtime refuses other versions at start-up.
 *
 * Memory. A step works on two arenas that the runtime owns. Offsets are bytes:
 *   state arena  what has no batch axis: state leaves, then temporaries.
 *                address = state + offset.
 *   batch arena  what has one row per example. Offsets and sizes are per padded
 *                example: address = batch + offset * padded, where padded is B
 *                rounded up to a multiple of 16. Rows are contiguous.
 * Both arenas start on a 64-byte boundary, and so does every buffer in them.
 *
 *===------------------------------------------------------------------------===*/

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ADVX_ABI_VERSION 4
#define ADVX_BATCH_PADDING 16

/* Element types, as elements.def lists them: ADVX_F32, ADVX_F64, ADVX_I64, ADVX_BOOL. */
enum {
#define ADVX_ELEMENT(id, code, ir, manifest, stored, bytes) ADVX_##id = (code),
#include "runtime/abi/elements.def"
};

/* The hands of the clock: completed epochs, completed steps since the start, the
 * horizon in epochs and in steps. */
enum { ADVX_CLOCK_HANDS = 4 };

typedef struct AdvxTensor AdvxTensor;
typedef struct AdvxCounts AdvxCounts;
typedef struct AdvxContext AdvxContext;
typedef struct AdvxKernel AdvxKernel;
typedef struct AdvxStep AdvxStep;
typedef struct AdvxProgram AdvxProgram;

/* The -O0 form of one tensor op. `tensors` are the results, then the tensor
 * operands, in the order of the op's definition. `attributes` are the integers
 * that the op lists (docs/how-to/add-an-op.md), `numbers` its f64 operands and
 * `counters` its index operands; `counts` says how many of each there are. An op
 * that fails records the error in the context's runtime and returns; the runtime
 * looks after the step. */
typedef void (*AdvxOp)(AdvxContext *context, const AdvxTensor *tensors, const int64_t *attributes,
                       const double *numbers, const int64_t *counters, const AdvxCounts *counts);

/* A compiled kernel, or the part of one that works on the tiles [begin, end). What a
 * tile covers is fixed by the kernel, never by the number of threads. `buffers` are the
 * results, then the tensor operands; `numbers` the f64 operands. `partials` has
 * `partial_bytes` for each tile of the launch, so tile t owns partials + t * partial_bytes. */
typedef void (*AdvxKernelFunction)(int64_t begin, int64_t end, void *const *buffers, int64_t batch,
                                   const double *numbers, char *partials);

/* Runs all tiles of a kernel, on any of the runtime's threads, and then `finish`. `counts` are
 * those of the arrays that the call passes. */
void advx_launch_kernel(AdvxContext *context, const AdvxKernel *kernel, void *const *buffers,
                        const double *numbers, const AdvxCounts *counts);

/* One compiled function. Where inputs, outputs and state lie is in the manifest. */
typedef void (*AdvxStepFunction)(AdvxContext *context, char *state, char *batch,
                                 const double *uniforms);

/* Fills the uniforms of a step. `settings[i]` is NaN where the user left the
 * page's value; `resolved[i]` receives the value in force. `clock` has
 * ADVX_CLOCK_HANDS entries. */
typedef void (*AdvxUniformFunction)(const double *settings, const double *clock, double *resolved,
                                    double *uniforms);

/* clang-format off */
#define ADVX_STRUCT(name, size) struct name {
#define ADVX_FIELD(name, type, field, offset) type field;
#define ADVX_END(name) };
/* clang-format on */
#include "runtime/abi/structs.def"

#ifdef __cplusplus
#define ADVX_LAYOUT(holds, what) static_assert(holds, what);
#else
#define ADVX_LAYOUT(holds, what) _Static_assert(holds, what);
#endif
#define ADVX_STRUCT(name, size) ADVX_LAYOUT(sizeof(struct name) == (size), "the size of " #name)
#define ADVX_FIELD(name, type, field, at)                                                          \
  ADVX_LAYOUT(offsetof(struct name, field) == (at), "the place of " #name "::" #field)
#define ADVX_END(name)
#include "runtime/abi/structs.def"
#undef ADVX_LAYOUT

/* Defined by the compiled object. */
extern const AdvxProgram advx_program;

#ifdef __cplusplus
}
#endif

#endif /* ADVX_RUNTIME_ABI_H */
