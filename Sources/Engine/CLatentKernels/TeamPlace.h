#ifndef LATENT_TEAM_PLACE_H
#define LATENT_TEAM_PLACE_H

// What Team.c and OpenMP.c share: the team of a thread, and where a thread is.

#include <pthread.h>
#include <stdatomic.h>

typedef struct {
  // Which region may be joined, and by how many it has been.
  _Atomic unsigned gate;
  _Atomic int sleepers;
  // The workers that are done with the region.
  _Atomic unsigned finished;
  _Atomic int waiting;
  // A barrier within a region: how many have come, and how often all have.
  _Atomic int arrived;
  _Atomic unsigned round;
  _Atomic int resting;
  void (*function)(void *);
  void *data;
  _Atomic int size;  // threads of the present region
  int workers;       // that exist
  pthread_t *threads;
  _Atomic int is_over;
} latent_team;

typedef struct {
  latent_team *team;  // of the region that the thread is in; NULL outside
  int number;
} latent_place;

extern _Thread_local latent_place latent_here;

// Waits until a word may have another value, at first awake; whoever changes the word wakes the sleepers.
void latent_wait_while(_Atomic unsigned *word, unsigned value, _Atomic int *sleepers);
void latent_wake(_Atomic unsigned *word, _Atomic int *sleepers);

// Whether oneDNN's regions run on our teams; if not, libgomp's are what all run on.
int latent_openmp_is_ours(void);
void latent_openmp_run(int size, void (*function)(void *), void *data);
int latent_openmp_threads(int set);

#endif
