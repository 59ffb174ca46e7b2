#ifndef ADVX_RUNTIME_ABI_H
#define ADVX_RUNTIME_ABI_H

/*===- advx_abi.h - What crosses from the compiler to the runtime -----------===*
 *
 * The compiled object exports one table, `advx_program`; the runtime exports
 * the `advx_op_*` functions that the object calls, one per tensor op (-O0), and
 * `advx_launch_kernel`, which runs a compiled kernel on the runtime's threads.
 * Nothing else crosses. A change here needs a new ADVX_ABI_VERSION, and a
 * matching change in compiler/codegen/host; the runtime refuses other versions
 * at start-up.
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

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ADVX_ABI_VERSION 3
#define ADVX_BATCH_PADDING 16

/* Element types. Booleans are one byte, 0 or 1. */
enum { ADVX_F32 = 0, ADVX_F64 = 1, ADVX_I64 = 2, ADVX_BOOL = 3 };

/* A dense row-major tensor. With `batched`, the leading axis of length `batch`
 * is the batch and `dims` are the axes of one example; otherwise batch is 1 and
 * `dims` are all axes. Memory is the caller's. */
typedef struct AdvxTensor {
  void *data;
  int64_t batch;
  const int64_t *dims;
  int32_t rank; /* length of dims */
  int32_t dtype;
  int32_t batched;
  int32_t reserved;
} AdvxTensor;

/* What a step call needs to know besides the arenas; owned by the runtime. The
 * first words key every random draw together with the draw's stream, the
 * example's index and the loop counters. */
typedef struct AdvxContext {
  uint64_t seed;
  uint64_t split;  /* 0 train, 1 valid, 2 test */
  uint64_t epoch;  /* completed epochs; evaluation passes 0 */
  uint64_t replay; /* of `each batch N times` */
  int64_t batch;   /* B of this call */
  void *runtime;   /* opaque to compiled code */
} AdvxContext;

/* The -O0 form of one tensor op. `tensors` are the results, then the tensor
 * operands, in the order of the op's definition. `attributes` are the integers
 * that the op lists (docs/how-to/add-an-op.md), `numbers` its f64 operands and
 * `counters` its index operands. An op that fails records the error in the
 * context's runtime and returns; the runtime looks after the step. */
typedef void (*AdvxOp)(AdvxContext *context, const AdvxTensor *tensors, const int64_t *attributes,
                       const double *numbers, const int64_t *counters);

/* A compiled kernel, or the part of one that works on the tiles [begin, end). What a
 * tile covers is fixed by the kernel, never by the number of threads. `buffers` are the
 * results, then the tensor operands; `numbers` the f64 operands. `partials` has
 * `partial_bytes` for each tile of the launch, so tile t owns partials + t * partial_bytes. */
typedef void (*AdvxKernelFunction)(int64_t begin, int64_t end, void *const *buffers, int64_t batch,
                                   const double *numbers, char *partials);

typedef struct AdvxKernel {
  const char *name;
  int32_t batched;       /* tiles are groups of ADVX_BATCH_PADDING examples */
  int32_t grain;         /* tiles that a task should have at least */
  int64_t tiles;         /* if not batched */
  int64_t partial_bytes; /* per tile; a multiple of 64 */
  int64_t example_bytes; /* of operands and results, for each example */
  int64_t once_bytes;    /* of operands and results without a batch */
  AdvxKernelFunction run;
  AdvxKernelFunction finish; /* runs once, after all tiles, on [0, tiles); or null */
} AdvxKernel;

/* Runs all tiles of a kernel, on any of the runtime's threads, and then `finish`. */
void advx_launch_kernel(AdvxContext *context, const AdvxKernel *kernel, void *const *buffers,
                        const double *numbers);

/* One compiled function. Where inputs, outputs and state lie is in the manifest. */
typedef void (*AdvxStepFunction)(AdvxContext *context, char *state, char *batch,
                                 const double *uniforms);

/* Fills the uniforms of a step. `settings[i]` is NaN where the user left the
 * page's value; `resolved[i]` receives the value in force. `clock` is
 * {epoch, iteration, epochs, iterations}: completed epochs, completed steps
 * since the start, the horizon in epochs and in steps. */
typedef void (*AdvxUniformFunction)(const double *settings, const double *clock, double *resolved,
                                    double *uniforms);

typedef struct AdvxStep {
  const char *name; /* as in the manifest's "steps" */
  AdvxStepFunction run;
} AdvxStep;

typedef struct AdvxProgram {
  uint32_t abi_version;
  uint32_t step_count;
  const char *manifest; /* JSON, see runtime/abi/manifest.md */
  uint64_t manifest_size;
  const AdvxStep *steps;
  AdvxUniformFunction fill_uniforms;
} AdvxProgram;

/* Defined by the compiled object. */
extern const AdvxProgram advx_program;

#ifdef __cplusplus
}
#endif

#endif /* ADVX_RUNTIME_ABI_H */
