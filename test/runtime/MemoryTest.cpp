#include "runtime/core/Memory.h"
#include "runtime/core/Error.h"
#include "runtime/core/Session.h"

#include <gtest/gtest.h>

using namespace advx::runtime;

TEST(Memory, CountsWhatIsHeldAndThePeak) {
  MemoryUse before = memoryUse(MemoryKind::Batch);
  {
    Buffer first(1000, MemoryKind::Batch);
    Buffer second(size_t(8) << 20, MemoryKind::Batch);
    EXPECT_EQ(memoryUse(MemoryKind::Batch).current, before.current + 1000 + (size_t(8) << 20));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(first.data()) % 64, 0u);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(second.data()) % 64, 0u);
    for (size_t i = 0; i < first.size(); ++i)
      ASSERT_EQ(first.data()[i], 0);
    Buffer moved = std::move(first);
    EXPECT_EQ(memoryUse(MemoryKind::Batch).current, before.current + 1000 + (size_t(8) << 20));
  }
  EXPECT_EQ(memoryUse(MemoryKind::Batch).current, before.current);
  EXPECT_GE(memoryUse(MemoryKind::Batch).peak, before.current + 1000 + (size_t(8) << 20));
}

TEST(Memory, MoreThanTheMachineHasIsRefused) {
  try {
    Buffer much(size_t(1) << 46, MemoryKind::Batch);
    FAIL() << "64 TiB were granted";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), ExitCode::Environment);
  }
}

TEST(Memory, SessionStaysWithinThePlan) {
  Manifest manifest;
  manifest.stateBytes = 1000;
  Step step;
  step.stateArena = 5000;
  step.batchArena = 300;
  manifest.steps = {step, step};
  for (int64_t batch : {1, 16, 17, 4096}) {
    MemoryUse state = memoryUse(MemoryKind::State), rows = memoryUse(MemoryKind::Batch);
    Session session(manifest, batch);
    MemoryPlan plan = planMemory(manifest, batch);
    EXPECT_EQ(plan.batch, size_t(300 * paddedBatch(batch)));
    EXPECT_EQ(memoryUse(MemoryKind::State).current - state.current, plan.state);
    EXPECT_EQ(memoryUse(MemoryKind::Batch).current - rows.current, plan.batch);
  }
}
