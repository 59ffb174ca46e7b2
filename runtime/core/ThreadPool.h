#ifndef ADVX_RUNTIME_CORE_THREADPOOL_H
#define ADVX_RUNTIME_CORE_THREADPOOL_H

#include <cstdint>
#include <functional>
#include <memory>

namespace advx::runtime {

/// The threads that all kernels share.
///
/// `parallelFor` cuts a range into chunks of a fixed size, so what a chunk covers never depends on
/// the number of threads. A kernel whose chunks write disjoint outputs, or which adds the chunks'
/// partial sums in chunk order, therefore gives the same bits with any number of threads.
///
/// Every thread asks OpenMP for one thread: oneDNN runs inside chunks and must not start a team of
/// its own beside this one.
class ThreadPool {
public:
  /// The pool of the process; starts with one thread.
  static ThreadPool &instance();

  /// Sets the number of threads, the caller included; values below 1 mean 1. Must not be called
  /// from inside `parallelFor`. Throws std::system_error where the machine starts no more threads;
  /// the pool then has one.
  void setThreadCount(int count);
  int threadCount() const;

  /// Calls `body(chunkBegin, chunkEnd)` for [begin, end) cut at begin + k * grain, in any order and
  /// on any thread, and returns when all are done. Inside a body it runs on the calling thread.
  /// The first exception of a body is thrown here after all chunks have ended.
  void parallelFor(int64_t begin, int64_t end, int64_t grain,
                   const std::function<void(int64_t, int64_t)> &body);

  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

private:
  ThreadPool();
  struct Team;
  std::unique_ptr<Team> team;
};

/// Makes OpenMP, and so oneDNN, use one thread when called from this thread. Whoever creates a
/// primitive outside `parallelFor` calls it first: oneDNN plans for the threads it sees then.
void useOneOpenMPThread();

/// `ThreadPool::instance().parallelFor`.
void parallelFor(int64_t begin, int64_t end, int64_t grain,
                 const std::function<void(int64_t, int64_t)> &body);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_CORE_THREADPOOL_H
