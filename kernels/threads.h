/**
 * The threads that help with a call. They start when first wanted, wait by spinning for a moment and then asleep, and are never
 * joined: asleep they do not keep a process alive.
 */
#pragma once
#include "kernels.h"

namespace refrain {

/** The processors that this process may use. */
int availableThreads();

/**
 * Runs `job` once for each index below `threads`, index 0 on the calling thread, and returns when all are done. If another caller (a
 * worker of the same process) has the threads, the job is run by a team of one: the result is the same.
 */
void runTeam(int threads, void (*job)(const void* call, const Team& team), const void* call);

}  // namespace refrain
