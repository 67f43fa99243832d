#include "node-memory.h"

#include <stdint.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace refrain {

void preferLargePages(void* data, size_t bytes) {
#if defined(__linux__)
  constexpr uintptr_t PAGE = 2 << 20;
  uintptr_t first = ((uintptr_t)data + PAGE - 1) / PAGE * PAGE, last = ((uintptr_t)data + bytes) / PAGE * PAGE;
  if (last > first) madvise((void*)first, last - first, MADV_HUGEPAGE);
#else
  (void)data, (void)bytes;
#endif
}

void preferLargePagesForOutputs() {
#if defined(__GLIBC__)
  static bool done = false;
  if (__atomic_exchange_n(&done, true, __ATOMIC_RELAXED)) return;
  // glibc maps what is longer than a limit by itself, and hands back what is free at the heap's end beyond twice that limit. It raises the
  // limit, to 32 MB at most, to the length of what was mapped and freed. What follows is then cut from the heap, one behind the other.
  constexpr size_t LIMIT = (31 << 20) + (512 << 10), FIRST = 31 << 20, SECOND = 29 << 20;
  char* volatile mapped = static_cast<char*>(malloc(LIMIT));  // volatile: a compiler may leave out what is freed unused
  free(mapped);
  char* volatile first = static_cast<char*>(malloc(FIRST));
  char* volatile second = static_cast<char*>(malloc(SECOND));
  size_t apart = (uintptr_t)second - (uintptr_t)first;
  if (first && second && apart >= FIRST && apart < FIRST + 4096) preferLargePages(first, apart + SECOND);
  free(second);
  free(first);
#endif
}

}  // namespace refrain
