/**
 * Threads, in a module whose memory is shared: each is an instance of the module in a worker of its own, which calls `serve` and never
 * returns. A call is announced by one word that holds its number and how many threads it wants, so that no thread can mistake one call's
 * share for another's. Nobody but a worker ever sleeps: the page that calls may not.
 *
 * Part of wasm.cc.
 */
#pragma once

static const int MOST_THREADS = 16;
static const int STACK_BYTES = 65536;
/** Some 100 µs: longer than the gap between two calls of a training loop. */
static const int SPINS_BEFORE_SLEEP = 20000;

/** Below it a thread is not worth waking. */
static const double OPERATIONS_WORTH_THREADS = 1e7;

alignas(64) static char stacks[MOST_THREADS][STACK_BYTES];
/** The number of the call, times 256, plus its threads. */
alignas(64) static int announced = 0;
alignas(64) static int busy = 0;
alignas(64) static int waiting = 0;
alignas(64) static int meetings = 0;
alignas(64) static int ready = 0;
static int most = 1;
static Job job;
static const void* jobCall;

template <class Done>
static void spinUntil(Done done) {
  while (!done()) {
  }
}

static void meetAll(void* threads) {
  int before = __atomic_load_n(&meetings, __ATOMIC_RELAXED);
  if (__atomic_add_fetch(&waiting, 1, __ATOMIC_ACQ_REL) == (int)(intptr_t)threads) {
    __atomic_store_n(&waiting, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&meetings, before + 1, __ATOMIC_RELEASE);
  } else {
    spinUntil([&] { return __atomic_load_n(&meetings, __ATOMIC_ACQUIRE) != before; });
  }
}

static Team teamOf(int index, int threads) { return {index, threads, meetAll, (void*)(intptr_t)threads}; }

/** Where the stack of a worker begins: it grows downwards. */
EXPORT(stackOf) char* stackOf(int worker) { return stacks[worker + 1]; }

EXPORT(setThreads) void setThreads(int count) { most = count < MOST_THREADS ? count : MOST_THREADS; }

/** How many workers wait for calls. */
EXPORT(arrived) int arrived() { return __atomic_load_n(&ready, __ATOMIC_ACQUIRE); }

/** A worker's life. */
EXPORT(serve) void serve() {
  int seen = __atomic_load_n(&announced, __ATOMIC_ACQUIRE);
  int index = __atomic_add_fetch(&ready, 1, __ATOMIC_ACQ_REL);
  for (;;) {
    int now = seen;
    for (int spins = 0; now == seen && spins < SPINS_BEFORE_SLEEP; spins++) now = __atomic_load_n(&announced, __ATOMIC_ACQUIRE);
    if (now == seen) {
      __builtin_wasm_memory_atomic_wait32(&announced, seen, -1);
      continue;
    }
    seen = now;
    if (index >= (now & 255)) continue;
    work(job, jobCall, teamOf(index, now & 255));
    __atomic_sub_fetch(&busy, 1, __ATOMIC_RELEASE);
  }
}

static void run(Job newJob, const void* call, double operations) {
  job = newJob;
  jobCall = call;
  int threads = 1 + arrived();
  if (threads > most) threads = most;
  if (operations < OPERATIONS_WORTH_THREADS) threads = 1;
  if (threads > 1) {
    __atomic_store_n(&busy, threads - 1, __ATOMIC_RELAXED);
    __atomic_store_n(&announced, ((announced >> 8) + 1) << 8 | threads, __ATOMIC_RELEASE);
    __builtin_wasm_memory_atomic_notify(&announced, MOST_THREADS);
  }
  work(job, jobCall, teamOf(0, threads));
  if (threads > 1) spinUntil([] { return __atomic_load_n(&busy, __ATOMIC_ACQUIRE) == 0; });
}
