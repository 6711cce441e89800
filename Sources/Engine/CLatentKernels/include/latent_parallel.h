#ifndef LATENT_PARALLEL_H
#define LATENT_PARALLEL_H

#include <stddef.h>

/// One of `count` shares of a piece of work.
typedef void (*latent_task)(void *context, int index, int count);

/// Runs every share once and returns when all are done, on the OpenMP pool that oneDNN uses too: a second pool beside its
/// spinning threads costs more than it brings. One share runs in the calling thread without any synchronisation.
void latent_parallel(int count, latent_task task, void *context);

/// How many threads the calling thread's pool has, and oneDNN uses when it is called from this thread.
int latent_thread_count(void);

/// Sets that number for the calling thread alone, and returns what it was.
int latent_exchange_thread_count(int count);

/// The part of `total` items that share `index` of `count` takes: boundaries are multiples of `unit`.
static inline void latent_share(size_t total, size_t unit, int index, int count, size_t *first, size_t *limit) {
  size_t units = (total + unit - 1) / unit;
  size_t low = units * (size_t)index / (size_t)count * unit;
  size_t high = units * ((size_t)index + 1) / (size_t)count * unit;
  *first = low < total ? low : total;
  *limit = high < total ? high : total;
}

#endif
