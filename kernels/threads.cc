#include "threads.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#if defined(__linux__)
#include <sched.h>
#endif

namespace refrain {

namespace {

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/** How long a helper waits awake: longer than the gap between two calls of a training loop. A pause is 15 ns on one processor and 50 on another. */
constexpr std::chrono::microseconds AWAKE{1000};
constexpr int SPINS_PER_LOOK = 256;
/** A thread that waits for one without a processor gives up its own. */
constexpr int SPINS_BEFORE_YIELD = 2000;

template <class Done>
void spinUntil(Done done) {
  for (int spins = 0; !done(); spins++) {
    if (spins < SPINS_BEFORE_YIELD)
      pause();
    else
      std::this_thread::yield();
  }
}

struct Barrier {
  int count = 1;
  std::atomic<int> waiting{0};
  std::atomic<unsigned> round{0};

  void meet() {
    unsigned before = round.load(std::memory_order_relaxed);
    if (waiting.fetch_add(1, std::memory_order_acq_rel) + 1 == count) {
      waiting.store(0, std::memory_order_relaxed);
      round.store(before + 1, std::memory_order_release);
    } else {
      spinUntil([&] { return round.load(std::memory_order_acquire) != before; });
    }
  }
  static void meet(void* barrier) { static_cast<Barrier*>(barrier)->meet(); }
};

struct Helpers {
  std::mutex caller;  // held for the length of a call
  std::mutex lock;
  std::condition_variable wake;
  std::atomic<unsigned> calls{0};
  std::atomic<int> busy{0};
  int started = 0, sleeping = 0;
  int wanted = 0;  // threads of the current call
  void (*job)(const void*, const Team&) = nullptr;
  const void* call = nullptr;
  Barrier barrier;

  void work(int index, unsigned seen) {
    for (;;) {
      if (!calledWhileAwake(seen)) {
        std::unique_lock<std::mutex> guard(lock);
        sleeping++;
        wake.wait(guard, [&] { return calls.load(std::memory_order_acquire) != seen; });
        sleeping--;
      }
      seen = calls.load(std::memory_order_acquire);
      if (index < wanted) job(call, Team{index, wanted, Barrier::meet, &barrier});
      busy.fetch_sub(1, std::memory_order_release);
    }
  }

  bool calledWhileAwake(unsigned seen) const {
    auto end = std::chrono::steady_clock::now() + AWAKE;
    do {
      for (int spins = 0; spins < SPINS_PER_LOOK; spins++) {
        if (calls.load(std::memory_order_acquire) != seen) return true;
        pause();
      }
    } while (std::chrono::steady_clock::now() < end);
    return false;
  }

  /** Starts what is missing of `threads`; returns how many there are, which is fewer where the system refuses. */
  int start(int threads) {
    try {
      for (; started < threads - 1; started++)
        std::thread(&Helpers::work, this, started + 1, calls.load(std::memory_order_relaxed)).detach();
    } catch (const std::exception&) {
      return started + 1;
    }
    return threads;
  }

  void run(int threads, void (*newJob)(const void*, const Team&), const void* newCall) {
    {
      std::lock_guard<std::mutex> guard(lock);
      threads = start(threads);
      job = newJob;
      call = newCall;
      wanted = threads;
      barrier.count = threads;
      busy.store(started, std::memory_order_relaxed);
      calls.fetch_add(1, std::memory_order_release);
      if (sleeping > 0) wake.notify_all();
    }
    job(call, Team{0, threads, Barrier::meet, &barrier});
    spinUntil([&] { return busy.load(std::memory_order_acquire) == 0; });
  }
};

// Never destroyed: its threads outlive every destructor.
Helpers& helpers() {
  static Helpers* made = new Helpers;
  return *made;
}

}  // namespace

int availableThreads() {
#if defined(__linux__)
  // A process that is held to some of the cores must not start threads for the others: they would only wait for one another.
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  int n = (int)std::thread::hardware_concurrency();
  return n > 0 ? n : 1;
}

void runTeam(int threads, void (*job)(const void*, const Team&), const void* call) {
  if (threads > 1) {
    std::unique_lock<std::mutex> mine(helpers().caller, std::try_to_lock);
    if (mine.owns_lock()) {
      helpers().run(threads, job, call);
      return;
    }
  }
  job(call, Team{0, 1, Barrier::meet, nullptr});
}

}  // namespace refrain
