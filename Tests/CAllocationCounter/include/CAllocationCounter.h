#ifndef LATENT_ALLOCATION_COUNTER_H
#define LATENT_ALLOCATION_COUNTER_H

/// Starts counting every allocation that any code of this process makes, on any thread.
void latent_count_allocations(void);

/// Stops, and says how many there were.
long latent_counted_allocations(void);

#endif
