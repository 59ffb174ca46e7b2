#include "runtime/core/ThreadPool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

// All that is needed of omp.h, which comes with some compilers only and with GCC's words in it.
extern "C" void omp_set_num_threads(int);

using namespace advx::runtime;

namespace {
/// True on a thread that is inside a chunk: nested loops then run in place.
thread_local bool insideChunk = false;

/// One parallel loop. Threads take chunk numbers from `next` until none is left.
struct Loop {
  int64_t begin, end, grain, chunks;
  const std::function<void(int64_t, int64_t)> *body;
  std::atomic<int64_t> next{0};
  std::mutex errorMutex;
  std::exception_ptr error;

  void work() {
    insideChunk = true;
    for (int64_t chunk; (chunk = next.fetch_add(1, std::memory_order_relaxed)) < chunks;) {
      int64_t from = begin + chunk * grain;
      try {
        (*body)(from, std::min(from + grain, end));
      } catch (...) {
        std::lock_guard<std::mutex> lock(errorMutex);
        if (!error)
          error = std::current_exception();
      }
    }
    insideChunk = false;
  }
};
} // namespace

struct ThreadPool::Team {
  std::mutex mutex;
  std::condition_variable start, done;
  std::vector<std::thread> helpers;
  Loop *loop = nullptr;
  uint64_t generation = 0;
  size_t busy = 0;
  bool stopping = false;
  /// One loop at a time: callers on different threads take turns.
  std::mutex callers;

  /// `seen` is the generation at launch: a helper that starts late still joins the first loop.
  void help(uint64_t seen) {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      start.wait(lock, [&] { return stopping || generation != seen; });
      if (stopping)
        return;
      seen = generation;
      Loop *current = loop;
      lock.unlock();
      // Not before there is work: OpenMP takes memory, and ends the process where there is none.
      useOneOpenMPThread();
      current->work();
      lock.lock();
      if (--busy == 0)
        done.notify_one();
    }
  }

  void stop() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    start.notify_all();
    for (std::thread &helper : helpers)
      helper.join();
    helpers.clear();
    stopping = false;
  }

  void launch(size_t count) {
    try {
      for (size_t i = 0; i < count; ++i)
        helpers.emplace_back([this, seen = generation] { help(seen); });
    } catch (const std::system_error &) {
      stop();
      throw;
    }
  }
};

ThreadPool::ThreadPool() : team(std::make_unique<Team>()) {}

ThreadPool::~ThreadPool() { team->stop(); }

ThreadPool &ThreadPool::instance() {
  static ThreadPool pool;
  return pool;
}

int ThreadPool::threadCount() const { return static_cast<int>(team->helpers.size()) + 1; }

void ThreadPool::setThreadCount(int count) {
  std::lock_guard<std::mutex> turn(team->callers);
  team->stop();
  team->launch(static_cast<size_t>(std::max(count, 1) - 1));
}

void ThreadPool::parallelFor(int64_t begin, int64_t end, int64_t grain,
                             const std::function<void(int64_t, int64_t)> &body) {
  if (begin >= end)
    return;
  useOneOpenMPThread();
  Loop loop;
  loop.begin = begin;
  loop.end = end;
  loop.grain = std::max<int64_t>(grain, 1);
  loop.chunks = (end - begin + loop.grain - 1) / loop.grain;
  loop.body = &body;

  if (insideChunk || loop.chunks == 1 || team->helpers.empty()) {
    for (int64_t from = begin; from < end; from += loop.grain)
      body(from, std::min(from + loop.grain, end));
    return;
  }

  std::lock_guard<std::mutex> turn(team->callers);
  {
    std::lock_guard<std::mutex> lock(team->mutex);
    team->loop = &loop;
    team->busy = team->helpers.size();
    ++team->generation;
  }
  team->start.notify_all();
  loop.work();
  std::unique_lock<std::mutex> lock(team->mutex);
  team->done.wait(lock, [&] { return team->busy == 0; });
  team->loop = nullptr;
  lock.unlock();
  if (loop.error)
    std::rethrow_exception(loop.error);
}

void advx::runtime::useOneOpenMPThread() { omp_set_num_threads(1); }

void advx::runtime::parallelFor(int64_t begin, int64_t end, int64_t grain,
                                const std::function<void(int64_t, int64_t)> &body) {
  ThreadPool::instance().parallelFor(begin, end, grain, body);
}
