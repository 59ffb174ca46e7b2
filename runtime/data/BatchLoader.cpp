#include "runtime/data/BatchLoader.h"

#include "runtime/core/Error.h"
#include "runtime/core/Profile.h"

#include <system_error>

namespace advx::runtime {

BatchLoader::BatchLoader(const Step &step, const DataDescription &description, const Images &images)
    : step(step), description(description), images(images) {
  try {
    thread = std::thread([this] { work(); });
  } catch (const std::system_error &error) {
    throw Error(ExitCode::Environment,
                "cannot start the thread that loads batches: " + std::string(error.what()));
  }
}

BatchLoader::~BatchLoader() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    isEnding = true;
  }
  changed.notify_all();
  thread.join();
}

void BatchLoader::prepare(Rows rows) {
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return state != State::Gathering; });
    wanted = std::move(rows);
    state = State::Asked;
  }
  changed.notify_all();
}

void BatchLoader::fill(Session &session) {
  Stopwatch watch;
  std::unique_lock<std::mutex> lock(mutex);
  if (state == State::Asked)
    gather(lock);
  changed.wait(lock, [&] { return state == State::Ready; });
  if (problem)
    std::rethrow_exception(problem);
  inputs.write(session, step);
  if (Profile::isOn())
    Profile::instance().addLoad({gathered, watch.wall()});
}

void BatchLoader::work() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    changed.wait(lock, [&] { return state == State::Asked || isEnding; });
    if (isEnding)
      return;
    gather(lock);
  }
}

void BatchLoader::gather(std::unique_lock<std::mutex> &lock) {
  // The rows and the inputs are those of whoever made the state this one.
  state = State::Gathering;
  lock.unlock();
  std::exception_ptr failure;
  Stopwatch watch;
  try {
    inputs.gather(step, description, images, wanted);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  problem = failure;
  gathered = watch.wall();
  state = State::Ready;
  changed.notify_all();
}

} // namespace advx::runtime
