#include "latent_parallel.h"

#include <stdatomic.h>

#include "Team.h"
#include "TeamPlace.h"

typedef struct {
  latent_task task;
  void *context;
  int count;
  _Atomic int next;
} shared_work;

// Each thread takes the next share that nobody has taken: one that comes late finds less to do.
static void run_shares(void *data) {
  shared_work *work = data;
  for (int index; (index = atomic_fetch_add(&work->next, 1)) < work->count;) {
    work->task(work->context, index, work->count);
  }
}

void latent_parallel(int count, latent_task task, void *context) {
  if (count <= 1) {
    task(context, 0, 1);
    return;
  }
  shared_work work = {task, context, count, 0};
  if (latent_openmp_is_ours()) {
    latent_team_run(count, 0, run_shares, &work);
  } else {
    latent_openmp_run(count, run_shares, &work);
  }
}

int latent_thread_count(void) { return latent_exchange_thread_count(0); }

int latent_exchange_thread_count(int count) {
  return latent_openmp_is_ours() ? latent_team_threads(count) : latent_openmp_threads(count);
}
