#include "latent_parallel.h"

// The entry points of libgomp that compilers emit for `#pragma omp parallel`; called directly because Swift's clang
// brings no OpenMP runtime of its own.
extern void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int);

typedef struct {
  latent_task task;
  void *context;
  int count;
} team_work;

// The team can be smaller than asked for, so every thread takes each team-size-th share.
static void run_shares(void *data) {
  team_work *work = data;
  int step = omp_get_num_threads();
  for (int index = omp_get_thread_num(); index < work->count; index += step) {
    work->task(work->context, index, work->count);
  }
}

void latent_parallel(int count, latent_task task, void *context) {
  if (count <= 1) {
    task(context, 0, 1);
    return;
  }
  team_work work = {task, context, count};
  GOMP_parallel(run_shares, &work, (unsigned)count, 0);
}

int latent_thread_count(void) { return omp_get_max_threads(); }

int latent_exchange_thread_count(int count) {
  int old = omp_get_max_threads();
  if (count > 0 && count != old) omp_set_num_threads(count);
  return old;
}
