/** How the addon asks the system for memory in pages of 2 MB. Elsewhere than on Linux nothing is asked. */
#pragma once
#include <stddef.h>

namespace refrain {

/** Asks that a long stretch of memory, not yet touched, be backed by large pages, of which fewer have to be looked up. */
void preferLargePages(void* data, size_t bytes);

/**
 * The same for what malloc will give to outputs, once in a process. Outputs belong to the garbage collector, which begins to collect after
 * 32 MB of them: a training's first steps find no memory that was used before, and every page costs a fault.
 */
void preferLargePagesForOutputs();

}  // namespace refrain
