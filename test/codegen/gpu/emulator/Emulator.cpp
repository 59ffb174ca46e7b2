// The machine on which gpu-kernels-on-host runs kernels; see README.md.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <ucontext.h>
#include <vector>

namespace {

constexpr int kWarp = 32;
constexpr size_t kStack = 64 * 1024;

enum class State { ready, shuffle, warpBarrier, blockBarrier, done };

struct Thread {
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  State state = State::ready;
  int late = 0; ///< goes on only when none that is less late can
  int id = 0;
  // What a shuffle or a barrier of the warp was called with, and what it gives.
  uint32_t mask = 0, value = 0, operand = 0, clamp = 0, result = 0;
};

struct Machine {
  std::vector<Thread> threads;
  Thread *current = nullptr;
  ucontext_t scheduler;
  int block = 0, blocks = 0;
  void (*kernel)(void *) = nullptr;
  void *arguments = nullptr;
  const char *fault = nullptr;
  int site = 0, broken = -1; ///< the call that the current thread makes, the one that is left out
} machine;

bool isLeftOut() { return machine.site == machine.broken; }

void wait(State state) {
  machine.current->state = state;
  swapcontext(&machine.current->context, &machine.scheduler);
}

void runThread() {
  machine.kernel(machine.arguments);
  wait(State::done);
}

/// shfl.sync.bfly of the PTX ISA for the lanes that have come.
void exchange(Thread *warp, uint32_t come) {
  for (uint32_t lane = 0; lane < kWarp; ++lane) {
    if (!(come >> lane & 1))
      continue;
    Thread &thread = warp[lane];
    uint32_t limit = thread.clamp & 31, segment = thread.clamp >> 8 & 31;
    uint32_t last = (lane & segment) | (limit & ~segment);
    uint32_t source = lane ^ thread.operand;
    bool inRange = source <= last;
    if (inRange && !(come >> source & 1))
      machine.fault = "a shuffle reads a lane that is not there";
    thread.result = inRange && source < kWarp ? warp[source].value : thread.value;
  }
}

/// Lets the lanes of a warp go on that wait for each other and have all come.
bool releaseWarp(Thread *warp, State state, std::mt19937 &order) {
  uint32_t come = 0;
  for (int lane = 0; lane < kWarp; ++lane)
    come |= uint32_t(warp[lane].state == state) << lane;
  for (int lane = 0; lane < kWarp; ++lane) {
    if (warp[lane].state != state)
      continue;
    uint32_t wanted = warp[lane].mask;
    if (!(wanted >> lane & 1))
      machine.fault = "a thread is not in the mask that it waits with";
    if ((come & wanted) != wanted)
      continue;
    if (state == State::shuffle)
      exchange(warp, wanted);
    for (int other = 0; other < kWarp; ++other)
      if (wanted >> other & 1) {
        warp[other].state = State::ready;
        warp[other].late = static_cast<int>(order() & 1);
      }
    return true;
  }
  return false;
}

/// Whole warps are late, so that others come to where these have not left.
void drawLateWarps(std::mt19937 &order) {
  for (size_t warp = 0; warp < machine.threads.size(); warp += kWarp) {
    int late = order() & 1 ? 2 : 0;
    for (int lane = 0; lane < kWarp; ++lane)
      machine.threads[warp + lane].late = late;
  }
}

bool releaseBlock(std::mt19937 &order) {
  for (const Thread &thread : machine.threads)
    if (thread.state != State::blockBarrier)
      return false;
  for (Thread &thread : machine.threads)
    thread.state = State::ready;
  drawLateWarps(order);
  return true;
}

void runBlock(std::mt19937 &order) {
  for (Thread &thread : machine.threads) {
    thread.state = State::ready;
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = kStack;
    thread.context.uc_link = nullptr;
    makecontext(&thread.context, runThread, 0);
  }
  drawLateWarps(order);
  std::vector<Thread *> ready;
  while (!machine.fault) {
    ready.clear();
    size_t done = 0;
    for (Thread &thread : machine.threads) {
      done += thread.state == State::done;
      if (thread.state != State::ready)
        continue;
      if (!ready.empty() && thread.late < ready.front()->late)
        ready.clear();
      if (ready.empty() || thread.late == ready.front()->late)
        ready.push_back(&thread);
    }
    if (done == machine.threads.size())
      return;
    if (!ready.empty()) {
      // Of those that may go on any, in any order, each to where it waits.
      std::shuffle(ready.begin(), ready.end(), order);
      size_t count = order() % ready.size() + 1;
      for (size_t i = 0; i < count; ++i) {
        machine.current = ready[i];
        swapcontext(&machine.scheduler, &ready[i]->context);
      }
    }
    bool released = releaseBlock(order);
    for (size_t warp = 0; warp < machine.threads.size(); warp += kWarp)
      for (State state : {State::shuffle, State::warpBarrier})
        released |= releaseWarp(&machine.threads[warp], state, order);
    if (!released && ready.empty())
      machine.fault = "threads wait for others that never come";
  }
}

uint32_t shuffle(uint32_t mask, uint32_t value, uint32_t operand, uint32_t clamp) {
  if (isLeftOut())
    return value;
  Thread &thread = *machine.current;
  thread.mask = mask;
  thread.value = value;
  thread.operand = operand;
  thread.clamp = clamp;
  wait(State::shuffle);
  return machine.current->result;
}

} // namespace

extern "C" {

/// Runs a kernel on `blocks` blocks of `threads` threads, a multiple of 32. `shared` (`bytes`, may
/// be none) is the kernel's shared memory. The barrier or shuffle of site `broken` (or -1) does
/// nothing: no thread waits there, and each gets its own value. Null, or what went wrong.
const char *emulator_launch(void (*kernel)(void *), void *arguments, int blocks, int threads,
                            void *shared, int64_t bytes, uint32_t seed, int broken) {
  std::mt19937 order(seed);
  machine.threads.resize(threads);
  for (int i = 0; i < threads; ++i) {
    machine.threads[i].id = i;
    if (!machine.threads[i].stack)
      machine.threads[i].stack = std::make_unique<char[]>(kStack);
  }
  machine.kernel = kernel;
  machine.arguments = arguments;
  machine.blocks = blocks;
  machine.fault = nullptr;
  machine.broken = broken;
  for (machine.block = 0; machine.block < blocks && !machine.fault; ++machine.block) {
    if (shared)
      std::memset(shared, 0xff, bytes);
    runBlock(order);
  }
  return machine.fault;
}

/// Says which barrier or shuffle comes next.
void emulator_site(int32_t site) { machine.site = site; }

// The intrinsics, by their names after llvm.nvvm, with _ for each dot.
int32_t nvvm_read_ptx_sreg_tid_x() { return machine.current->id; }
int32_t nvvm_read_ptx_sreg_ctaid_x() { return machine.block; }
int32_t nvvm_read_ptx_sreg_nctaid_x() { return machine.blocks; }
void nvvm_barrier0() {
  if (!isLeftOut())
    wait(State::blockBarrier);
}
void nvvm_bar_warp_sync(int32_t mask) {
  if (isLeftOut())
    return;
  machine.current->mask = static_cast<uint32_t>(mask);
  wait(State::warpBarrier);
}
int32_t nvvm_shfl_sync_bfly_i32(int32_t mask, int32_t value, int32_t operand, int32_t clamp) {
  return static_cast<int32_t>(shuffle(mask, value, operand, clamp));
}
float nvvm_shfl_sync_bfly_f32(int32_t mask, float value, int32_t operand, int32_t clamp) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bits = shuffle(mask, bits, operand, clamp);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
}
