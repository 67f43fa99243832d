/**
 * What a call of the addon brings: numbers from the bound array and ArrayBuffers, taken one by one in the order in which addon.ts writes
 * them. Of every array it checks that the buffer reaches as far as the kernel will.
 */
#pragma once
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdio.h>

#include "kernels.h"
#include "threads.h"

namespace refrain {

/** What belongs to one environment, the main thread's or a worker's. */
struct Instance {
  const Kernels* kernels;
  int threads;
  double* numbers = nullptr;
  size_t count = 0;
  napi_ref keepsNumbers = nullptr;
};

/**
 * Multiplications that each thread must have: 0.2 ms. A pass of 2 ms gains from a second one; one of 0.2 ms loses, as half of what a thread
 * reads in dW then lies in the other's cache.
 */
constexpr double WORTH_A_THREAD = 10e6;

inline int threadsFor(const Instance& instance, double multiplications, int rows) {
  double worth = multiplications / WORTH_A_THREAD;
  int n = instance.threads < rows ? instance.threads : rows;
  if (worth < n) n = (int)worth;
  return n > 1 ? n : 1;
}

/** Of a step of an optimiser, which takes the buffers of many parameters. */
constexpr size_t MOST_ARGUMENTS = 96;

/** The arguments and numbers of one call, taken one by one. */
class Call {
 public:
  napi_env env;
  Instance* instance = nullptr;

  /** @param most how many arguments the function takes: Node fills in those that are not given, one by one */
  Call(napi_env env, napi_callback_info info, size_t most = 20) : env(env), given(most) {
    void* data;
    napi_get_cb_info(env, info, &given, arguments, nullptr, &data);
    instance = static_cast<Instance*>(data);
    if (instance->numbers == nullptr) fail("bind() has not been called");
  }

  const Kernels& kernels() const { return *instance->kernels; }
  bool failed() const { return wrong; }
  double number() { return wrong || at >= (int)instance->count ? 0 : instance->numbers[at++]; }
  int integer() { return (int)number(); }
  bool flag() { return number() != 0; }

  /** The next argument from the offset that is the next number on, or null; it must reach `reach` floats further. */
  float* array(double reach) {
    double offset = number();
    napi_value value = next < given ? arguments[next] : nullptr;
    next++;
    void* data = nullptr;
    size_t bytes = 0;
    if (value == nullptr || wrong || napi_get_arraybuffer_info(env, value, &data, &bytes) != napi_ok) return nullptr;
    if (offset < 0 || (offset + reach) * sizeof(float) > (double)bytes) {
      char message[160];
      snprintf(message, sizeof message, "argument %zu has %zu bytes, but %.0f are needed; was its ArrayBuffer detached?", next, bytes,
               (offset + reach) * sizeof(float));
      fail(message);
      return nullptr;
    }
    return static_cast<float*>(data) + (intptr_t)offset;
  }

  float* required(double reach) {
    float* data = array(reach);
    if (data == nullptr && !wrong && reach > 0) fail("an array is missing");
    return data;
  }

  /** The next argument as a whole, however long. */
  float* scratch(size_t* bytes) {
    double offset = number();
    void* data = nullptr;
    if (next >= given || napi_get_arraybuffer_info(env, arguments[next++], &data, bytes) != napi_ok || offset != 0) fail("a workspace is missing");
    return static_cast<float*>(data);
  }

  Steps steps(double T, double B, double features) {
    Steps s;
    s.time = (intptr_t)number();
    s.batch = (intptr_t)number();
    if (s.time < 0 || s.batch < 0) fail("strides must not be negative");
    s.data = array((T - 1) * s.time + (B - 1) * s.batch + features);
    return s;
  }

  States states(double B, double features) {
    States s;
    s.batch = (intptr_t)number();
    if (s.batch < 0) fail("strides must not be negative");
    s.data = array((B - 1) * s.batch + features);
    return s;
  }

  void fail(const char* message) {
    if (!wrong) napi_throw_range_error(env, nullptr, message);
    wrong = true;
  }

 private:
  napi_value arguments[MOST_ARGUMENTS];
  size_t given, next = 0;
  int at = 0;
  bool wrong = false;
};

/** Runs a kernel on as many threads as its multiplications are worth, up to `most`. */
template <class T>
void runKernel(const Instance& instance, void (*Kernels::*kernel)(const T&, const Team&), const T& call, double multiplications, int most) {
  struct Job {
    void (*kernel)(const T&, const Team&);
    const T& call;
  } job = {instance.kernels->*kernel, call};
  runTeam(
      threadsFor(instance, multiplications, most),
      [](const void* p, const Team& team) {
        const Job& job = *static_cast<const Job*>(p);
        job.kernel(job.call, team);
      },
      &job);
}

// node-recurrent.cc
napi_value recurrentSizes(napi_env env, napi_callback_info info);
napi_value recurrentForward(napi_env env, napi_callback_info info);
napi_value recurrentBackward(napi_env env, napi_callback_info info);

}  // namespace refrain
