#ifndef LATENT_TEAM_H
#define LATENT_TEAM_H

/// Calls a function in the calling thread and, at the same time, in up to `size - 1` others; returns when all calls have.
///
/// If others must join, the function is called in `size` threads, as OpenMP has it. Otherwise those that have not begun when
/// the calling thread is done are not waited for, so that the function must be able to do all the work in one call.
void latent_team_run(int size, int others_must_join, void (*function)(void *), void *data);

/// How many threads a region that does not say it has in the calling thread; 0 sets nothing.
int latent_team_threads(int set);

#endif
