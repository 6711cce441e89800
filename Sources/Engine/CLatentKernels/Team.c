#define _GNU_SOURCE
#include "Team.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "TeamPlace.h"

// libgomp lets threads that wait spin for milliseconds. On a machine with other work the thread that is waited for has no
// processor to run on then: a chain of small steps took 20 times as long. Here a thread that waits spins for some tens of
// microseconds, longer than the gaps between the regions of a program, and then sleeps; and work that is dealt out in shares
// does not wait for a thread that has not begun. Each thread that runs programs has a team of its own.

#define LATENT_MOST_THREADS 256

// The gate of a region: its number, whether workers may join, and how many have.
#define LATENT_GATE_OPEN 0x8000u
#define LATENT_GATE_JOINED 0x7fffu
#define LATENT_GATE_REGION 0xffff0000u

// Turns of waiting before a thread sleeps: 40 microseconds where a pause takes 20 nanoseconds, and next to nothing where the
// teams of several threads have more members than there are processors.
static const int turns_before_sleep = 2000, turns_in_a_crowd = 50;
static _Atomic int members;

_Thread_local latent_place latent_here;
static _Thread_local latent_team *own_team;
static _Thread_local int wanted_threads;
static pthread_key_t end_of_thread;
static pthread_once_t key_is_made = PTHREAD_ONCE_INIT;

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static int processors(void) {
  static _Atomic int known;
  int count = atomic_load_explicit(&known, memory_order_relaxed);
  if (count == 0) {
    cpu_set_t set;
    count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    atomic_store(&known, count);
  }
  return count;
}

static void sleep_while(_Atomic unsigned *word, unsigned value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake(_Atomic unsigned *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

void latent_wait_while(_Atomic unsigned *word, unsigned value, _Atomic int *sleepers) {
  int turns = atomic_load_explicit(&members, memory_order_relaxed) > processors() ? turns_in_a_crowd : turns_before_sleep;
  for (int turn = 0; turn < turns; turn++) {
    if (atomic_load_explicit(word, memory_order_acquire) != value) return;
    relax();
  }
  // Whoever changes the word looks for sleepers afterwards, and the kernel looks at the word once more.
  atomic_fetch_add(sleepers, 1);
  if (atomic_load(word) == value) sleep_while(word, value);
  atomic_fetch_sub(sleepers, 1);
}

void latent_wake(_Atomic unsigned *word, _Atomic int *sleepers) {
  if (atomic_load(sleepers) > 0) wake(word);
}

static void *work(void *context) {
  latent_team *team = context;
  unsigned done = 0;
  for (;;) {
    unsigned gate = atomic_load(&team->gate);
    if (atomic_load(&team->is_over)) return NULL;
    unsigned region = gate & LATENT_GATE_REGION, joined = gate & LATENT_GATE_JOINED;
    int is_open = (gate & LATENT_GATE_OPEN) != 0;
    // A region that is over does not open again; numbers come round, and another one of its number may.
    if (!is_open) done = 0;
    if (region == done || !is_open || joined + 1 >= (unsigned)atomic_load(&team->size)) {
      latent_wait_while(&team->gate, gate, &team->sleepers);
      continue;
    }
    if (!atomic_compare_exchange_strong(&team->gate, &gate, gate + 1)) continue;
    done = region;
    latent_here = (latent_place){team, (int)joined + 1};
    team->function(team->data);
    latent_here = (latent_place){NULL, 0};
    atomic_fetch_add(&team->finished, 1);
    latent_wake(&team->finished, &team->waiting);
  }
}

static void disband(void *context) {
  latent_team *team = context;
  own_team = NULL;
  atomic_store(&team->is_over, 1);
  atomic_fetch_add(&team->gate, 0x10000u);
  wake(&team->gate);
  for (int i = 0; i < team->workers; i++) pthread_join(team->threads[i], NULL);
  atomic_fetch_sub(&members, team->workers + 1);
  free(team->threads);
  free(team);
}

static void make_key(void) { pthread_key_create(&end_of_thread, disband); }

// The calling thread's team with workers for a region of that size, or as many as there can be; NULL if there can be none.
static latent_team *recruited(int size) {
  if (!own_team) {
    pthread_once(&key_is_made, make_key);
    latent_team *team = calloc(1, sizeof *team);
    if (team) team->threads = calloc(LATENT_MOST_THREADS, sizeof *team->threads);
    if (!team || !team->threads) {
      free(team);
      return NULL;
    }
    // A region that no worker has done yet.
    atomic_store(&team->gate, 0x10000u);
    own_team = team;
    atomic_fetch_add(&members, 1);
    pthread_setspecific(end_of_thread, team);
  }
  while (own_team->workers < size - 1 && own_team->workers < LATENT_MOST_THREADS) {
    if (pthread_create(&own_team->threads[own_team->workers], NULL, work, own_team)) break;
    own_team->workers++;
    atomic_fetch_add(&members, 1);
  }
  return own_team->workers > 0 ? own_team : NULL;
}

void latent_team_run(int size, int others_must_join, void (*function)(void *), void *data) {
  latent_place outer = latent_here;
  latent_team *team = size > 1 && !outer.team ? recruited(size) : NULL;
  if (!team) {
    static latent_team alone = {.size = 1};
    if (outer.team) latent_here = (latent_place){&alone, 0};
    function(data);
    latent_here = outer;
    return;
  }
  team->function = function;
  team->data = data;
  size = size <= team->workers + 1 ? size : team->workers + 1;
  atomic_store(&team->size, size);
  atomic_store(&team->finished, 0);
  unsigned region = ((atomic_load(&team->gate) & LATENT_GATE_REGION) + 0x10000u) & LATENT_GATE_REGION;
  // 0 is what a worker has done that has done none.
  if (region == 0) region = 0x10000u;
  atomic_store(&team->gate, region | LATENT_GATE_OPEN);
  latent_wake(&team->gate, &team->sleepers);
  latent_here = (latent_place){team, 0};
  function(data);
  latent_here = (latent_place){NULL, 0};
  unsigned expected = (unsigned)size - 1;
  if (!others_must_join) expected = atomic_fetch_and(&team->gate, ~LATENT_GATE_OPEN) & LATENT_GATE_JOINED;
  for (unsigned finished; (finished = atomic_load(&team->finished)) != expected;) {
    latent_wait_while(&team->finished, finished, &team->waiting);
  }
  // Closed before anything of the next region is written, which nobody must join too early.
  atomic_fetch_and(&team->gate, ~LATENT_GATE_OPEN);
}

static int default_threads(void) {
  static _Atomic int known;
  int count = atomic_load(&known);
  if (count > 0) return count;
  const char *wish = getenv("OMP_NUM_THREADS");
  if (wish) count = atoi(wish);
  if (count <= 0) count = processors();
  if (count > LATENT_MOST_THREADS) count = LATENT_MOST_THREADS;
  atomic_store(&known, count);
  return count;
}

int latent_team_threads(int set) {
  int old = wanted_threads > 0 ? wanted_threads : default_threads();
  if (set > 0) wanted_threads = set < LATENT_MOST_THREADS ? set : LATENT_MOST_THREADS;
  return old;
}
