#ifndef LATENT_TILE_H
#define LATENT_TILE_H

#include <stddef.h>
#include <stdint.h>

#include "latent_elementwise.h"
#include "latent_reduce.h"

/// A tile program is a fused loop: for every element of an iteration space it loads operands, runs a chain of
/// element-wise instructions, stores results, and folds others into reductions. It runs tile by tile, each instruction on
/// a whole tile, so that everything between a load and a store stays in the first-level cache.

/// Lanes in a tile: long enough to hide the call of a kernel, short enough that a dozen tiles stay in the cache.
#define LATENT_TILE 1024

/// The most dimensions that an iteration space can have once neighbours are merged.
#define LATENT_MAX_RANK 8

/// The most registers that a program can have.
#define LATENT_MAX_REGISTERS 256

/// How elements lie in memory; in a register every one is a 32-bit lane.
typedef enum {
  LATENT_STORAGE_LANE32 = 0,
  LATENT_STORAGE_U8,
  LATENT_STORAGE_BF16
} latent_storage;

/// How a view walks through memory along the iteration space.
typedef enum {
  LATENT_ACCESS_CONTIGUOUS = 0,
  LATENT_ACCESS_SCALAR,  // one element for all; loads only
  LATENT_ACCESS_STRIDED
} latent_access;

/// Memory that a register is loaded from or stored to.
typedef struct {
  void *base;
  latent_storage storage;
  latent_access access;
  int reg;
  ptrdiff_t strides[LATENT_MAX_RANK];  // in elements, for each dimension of the iteration space; strided access only
  size_t row, span;  // it repeats a row of so many elements for a span of so many; 0 if it does not, strided access only
} latent_view;

/// One kernel call on a tile. Unused operands are -1.
typedef struct {
  latent_kernel kernel;
  int operands[3];
  int result;
} latent_instruction;

/// A register folded over the reduced dimensions. The result is contiguous, [outer, inner].
typedef struct {
  latent_reduce_kind kind;
  int is_integer;
  int reg;
  latent_storage storage;
  void *result;
} latent_reduction;

/// The iteration space is row-major over `sizes`; with reductions it is also [outer, reduced, inner].
typedef struct {
  int rank;
  size_t sizes[LATENT_MAX_RANK];
  size_t outer, reduced, inner;
  size_t tile;  // lanes of a tile of a map: whole rows of what is repeated, where they fit
  size_t grain;  // what shares of a map are multiples of
  int input_count, instruction_count, output_count, reduction_count;
  const latent_view *inputs;
  const latent_instruction *instructions;
  const latent_view *outputs;
  const latent_reduction *reductions;
  int register_count;
  int threads;
  void *scratch;  // latent_tile_scratch_size bytes, 64-byte aligned
} latent_tile_program;

/// The scratch memory that a program with these counts needs, in bytes; `threads`, `register_count`, the sizes, and
/// `reduction_count` must be set.
size_t latent_tile_scratch_size(const latent_tile_program *program);

/// Runs the program over its whole iteration space. The result depends on the thread count but not on timing.
void latent_tile_run(const latent_tile_program *program);

/// Runs programs that touch no memory in common but for reading, with one start and one end of the threads. A program
/// for several threads must have `threads` of them, and none that combines the shares of a reduction.
void latent_tile_run_all(const latent_tile_program *const *programs, int count, int threads);

#endif
