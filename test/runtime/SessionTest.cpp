// Values go in and out of a session by copy; nobody but a step gets an address.

#include "runtime/core/Session.h"
#include "runtime/core/State.h"

#include <cmath>
#include <gtest/gtest.h>
#include <stdexcept>
#include <type_traits>

using namespace advx::runtime;

namespace {

template <typename T, typename = void> struct TellsAddress : std::false_type {};
template <typename T>
struct TellsAddress<T, std::void_t<decltype(std::declval<T &>().address())>> : std::true_type {};
template <typename T, typename = void> struct TellsData : std::false_type {};
template <typename T>
struct TellsData<T, std::void_t<decltype(std::declval<T &>().data())>> : std::true_type {};

template <typename T, typename = void> struct TellsPlace : std::false_type {};
template <typename T>
struct TellsPlace<
    T, std::void_t<decltype(std::declval<T &>().address(std::declval<const Slot &>(), int64_t()))>>
    : std::true_type {};
template <typename T, typename = void> struct TellsState : std::false_type {};
template <typename T>
struct TellsState<T, std::void_t<decltype(std::declval<T &>().state())>> : std::true_type {};

/// What a session and an arena are not.
struct Open {
  char *data();
  char *address();
  char *address(const Slot &slot, int64_t batch);
  char *state();
};

static_assert(TellsData<Open>::value && TellsAddress<Open>::value && TellsPlace<Open>::value &&
                  TellsState<Open>::value && TellsData<Buffer>::value,
              "the questions can be answered with yes");
static_assert(!TellsAddress<Arena>::value && !TellsData<Arena>::value);
static_assert(!TellsAddress<Session>::value && !TellsData<Session>::value &&
              !TellsPlace<Session>::value && !TellsState<Session>::value);

Leaf leafOf(const char *name, DType dtype, std::vector<int64_t> shape, uint64_t offset) {
  Leaf leaf;
  leaf.name = name;
  leaf.role = "parameter";
  leaf.dtype = dtype;
  leaf.shape = std::move(shape);
  leaf.offset = offset;
  return leaf;
}

/// Leaves `a` [2, 3] and `b` [] in f32, a batch arena of 12 bytes an example.
Manifest smallManifest() {
  Manifest manifest;
  manifest.state = {leafOf("a", DType::F32, {2, 3}, 0), leafOf("b", DType::F32, {}, 64)};
  manifest.stateBytes = 128;
  Step step;
  step.stateArena = 128;
  step.batchArena = 12;
  manifest.steps = {step};
  return manifest;
}

Slot slotOf(DType dtype, uint64_t offset, std::vector<int64_t> shape = {}, bool batched = true) {
  Slot slot;
  slot.batched = batched;
  slot.offset = offset;
  slot.shape = std::move(shape);
  slot.dtype = dtype;
  return slot;
}

} // namespace

TEST(Session, LeavesAndValuesKeepApart) {
  Manifest manifest = smallManifest();
  Session session(manifest, 20);
  std::vector<float> a = {1, 2, 3, 4, 5, 6}, found(6);
  float b = 7;
  session.write(manifest.state[0], a.data());
  session.write(manifest.state[1], &b);
  // Of 20 examples 32 have room, so the second value begins at 32 * 8 bytes.
  Slot pairs = slotOf(DType::F32, 0, {2}), flags = slotOf(DType::Bool, 8);
  std::vector<float> rows(40);
  for (size_t i = 0; i < rows.size(); ++i)
    rows[i] = float(i);
  std::vector<char> truths(20, 2);
  session.write(flags, 20, truths.data());
  session.write(pairs, 20, rows.data());
  session.writeExample(pairs, 20, 3, a.data());
  rows[6] = 1, rows[7] = 2;
  EXPECT_EQ(session.reals(pairs, 20), std::vector<double>(rows.begin(), rows.end()));
  EXPECT_EQ(session.flags(flags, 20), std::vector<char>(20, 1));
  session.read(manifest.state[0], found.data());
  EXPECT_EQ(found, a);
  EXPECT_EQ(session.reals(slotOf(DType::F32, 64, {}, false), 20), std::vector<double>{7});
}

TEST(Session, AValueOutsideItsArenaIsADefect) {
  Manifest manifest = smallManifest();
  Session session(manifest, 16);
  std::vector<char> bytes(4096);
  EXPECT_THROW(session.read(slotOf(DType::F64, 8), 16, bytes.data()), std::out_of_range);
  EXPECT_THROW(session.write(slotOf(DType::F32, 0), 4096, bytes.data()), std::out_of_range);
  EXPECT_THROW(session.write(leafOf("c", DType::F32, {2}, 124), bytes.data()), std::out_of_range);
  EXPECT_THROW(session.read(leafOf("c", DType::F32, {1}, UINT64_MAX), bytes.data()),
               std::out_of_range);
}

TEST(Session, AStateThatIsNotFiniteIsFound) {
  Manifest manifest = smallManifest();
  Session session(manifest, 1);
  EXPECT_EQ(findNonFinite(manifest, session), nullptr);
  float b = HUGE_VALF;
  session.write(manifest.state[1], &b);
  EXPECT_EQ(findNonFinite(manifest, session), &manifest.state[1]);
}
