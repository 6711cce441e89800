#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

#include "Team.h"
#include "TeamPlace.h"

// The entry points of OpenMP that oneDNN calls. Defined in the program, they take the place of libgomp's, so that oneDNN's
// regions run on the teams that our own kernels run on. What another library asks for is passed on to libgomp: its loops and
// tasks know nothing of our teams. A program is linked with `--export-dynamic-symbol` for each of them (`scripts/swift`);
// where it is not, oneDNN finds libgomp's, and our kernels run on libgomp's threads too.

void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags);

static uintptr_t first_address, last_address;
static int is_in_force;

static int find_library(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size, (void)context;
  if (!info->dlpi_name || !strstr(info->dlpi_name, "libdnnl")) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    uintptr_t end = start + info->dlpi_phdr[i].p_memsz;
    if (!first_address || start < first_address) first_address = start;
    if (end > last_address) last_address = end;
  }
  return 1;
}

// Before oneDNN's first region, which only our own calls begin.
__attribute__((constructor(101))) static void find_libraries(void) {
  dl_iterate_phdr(find_library, NULL);
  void *found = dlsym(RTLD_DEFAULT, "GOMP_parallel");
  is_in_force = first_address != 0 && (!found || found == (void *)(uintptr_t)GOMP_parallel);
}

int latent_openmp_is_ours(void) { return is_in_force; }

static int is_ours(const void *caller) {
  return (uintptr_t)caller >= first_address && (uintptr_t)caller < last_address;
}

#define LATENT_PASS_ON(type, name, ...)                          \
  static type (*_Atomic next)(__VA_ARGS__);                      \
  if (!next) next = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name);

void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags) {
  LATENT_PASS_ON(void, "GOMP_parallel", void (*)(void *), void *, unsigned, unsigned)
  if (next && !is_ours(__builtin_return_address(0))) {
    next(function, data, threads, flags);
    return;
  }
  latent_team_run(threads > 0 ? (int)threads : latent_team_threads(0), 1, function, data);
}

void GOMP_barrier(void) {
  latent_team *team = latent_here.team;
  if (!team) {
    LATENT_PASS_ON(void, "GOMP_barrier", void)
    if (next) next();
    return;
  }
  unsigned round = atomic_load(&team->round);
  if (atomic_fetch_add(&team->arrived, 1) + 1 == team->size) {
    atomic_store(&team->arrived, 0);
    atomic_fetch_add(&team->round, 1);
    latent_wake(&team->round, &team->resting);
    return;
  }
  while (atomic_load(&team->round) == round) latent_wait_while(&team->round, round, &team->resting);
}

int omp_get_thread_num(void) {
  if (latent_here.team) return latent_here.number;
  LATENT_PASS_ON(int, "omp_get_thread_num", void)
  return next ? next() : 0;
}

int omp_get_num_threads(void) {
  if (latent_here.team) return latent_here.team->size;
  LATENT_PASS_ON(int, "omp_get_num_threads", void)
  return next ? next() : 1;
}

int omp_in_parallel(void) {
  if (latent_here.team) return 1;
  LATENT_PASS_ON(int, "omp_in_parallel", void)
  return next ? next() : 0;
}

int omp_get_max_threads(void) {
  LATENT_PASS_ON(int, "omp_get_max_threads", void)
  return next && !is_ours(__builtin_return_address(0)) ? next() : latent_team_threads(0);
}

void latent_openmp_run(int size, void (*function)(void *), void *data) {
  LATENT_PASS_ON(void, "GOMP_parallel", void (*)(void *), void *, unsigned, unsigned)
  if (next) {
    next(function, data, (unsigned)size, 0);
  } else {
    function(data);
  }
}

int latent_openmp_threads(int set) {
  LATENT_PASS_ON(int, "omp_get_max_threads", void)
  int old = next ? next() : 1;
  if (set > 0 && set != old) {
    static void (*_Atomic set_next)(int);
    if (!set_next) set_next = (void (*)(int))dlsym(RTLD_NEXT, "omp_set_num_threads");
    if (set_next) set_next(set);
  }
  return old;
}
