#include "TileViews.h"

#include <string.h>

#include "latent_parallel.h"

// Every share has its own register tiles; with reductions also room for partial results.
static size_t register_bytes(const latent_tile_program *p) {
  return (size_t)p->register_count * LATENT_TILE * 4;
}

static size_t partial_lanes(const latent_tile_program *p) {
  return (p->outer * p->inner + 15) / 16 * 16;
}

static size_t share_bytes(const latent_tile_program *p) {
  return register_bytes(p) + (size_t)p->reduction_count * partial_lanes(p) * 4;
}

size_t latent_tile_scratch_size(const latent_tile_program *p) { return share_bytes(p) * (size_t)p->threads; }

static char *share_scratch(const latent_tile_program *p, int index) {
  return (char *)p->scratch + share_bytes(p) * (size_t)index;
}

static void *partial(const latent_tile_program *p, int index, int reduction) {
  return share_scratch(p, index) + register_bytes(p) + (size_t)reduction * partial_lanes(p) * 4;
}

// Which repeated row a view's register holds, and how many lanes of it.
typedef struct {
  size_t span, lanes;
} held_rows;

typedef struct {
  const latent_tile_program *program;
  char *scratch;
  void *registers[LATENT_MAX_REGISTERS];
  held_rows held[LATENT_MAX_REGISTERS];
} tile_state;

static void *scratch_tile(tile_state *s, int reg) { return s->scratch + (size_t)reg * LATENT_TILE * 4; }

// Scalars are loaded once per share, not once per tile.
static void begin(tile_state *s, const latent_tile_program *p, int index) {
  s->program = p;
  s->scratch = share_scratch(p, index);
  for (int r = 0; r < p->register_count; r++) s->registers[r] = scratch_tile(s, r);
  for (int i = 0; i < p->input_count; i++) {
    const latent_view *view = &p->inputs[i];
    if (view->access == LATENT_ACCESS_SCALAR) load_run(view, 0, 0, 1, scratch_tile(s, view->reg));
    s->held[view->reg].lanes = 0;
  }
}

// Whether a view's register holds the lanes from `start` on already, as it does within a span when tiles are whole rows.
static int is_held(tile_state *s, const latent_view *view, size_t start, size_t n) {
  held_rows *held = &s->held[view->reg];
  if (view->row == 0) return 0;
  size_t span = start / view->span;
  int is_whole = start % view->row == 0 && start + n <= (span + 1) * view->span;
  int is_held = is_whole && held->span == span && n <= held->lanes;
  if (!is_held) *held = (held_rows){span, is_whole ? n : 0};
  return is_held;
}

// Asks for the next tile while this one is computed.
static void prefetch(const void *tile, size_t n) {
  for (size_t i = n * 4; i < n * 8; i += 64) __builtin_prefetch((const char *)tile + i);
}

static void evaluate(tile_state *s, size_t start, size_t n) {
  const latent_tile_program *p = s->program;
  place at = {{0}};
  int has_place = 0;
  for (int i = 0; i < p->input_count; i++) {
    const latent_view *view = &p->inputs[i];
    if (view->access == LATENT_ACCESS_SCALAR) continue;
    void *tile = scratch_tile(s, view->reg);
    if (view->access == LATENT_ACCESS_CONTIGUOUS) {
      switch (view->storage) {
        case LATENT_STORAGE_LANE32:
          tile = (char *)view->base + start * 4;
          prefetch(tile, n);
          break;
        case LATENT_STORAGE_U8:
          latent_load_u8(n, (const uint8_t *)view->base + start, tile);
          break;
        case LATENT_STORAGE_BF16:
          latent_load_bf16(n, (const uint16_t *)view->base + start, tile);
          break;
      }
    } else if (!is_held(s, view, start, n)) {
      if (!has_place) at = place_of(p, start);
      has_place = 1;
      walk(p, view, at, n, tile, 0);
    }
    s->registers[view->reg] = tile;
  }
  // A result that goes straight to contiguous memory is computed there.
  for (int o = 0; o < p->output_count; o++) {
    const latent_view *view = &p->outputs[o];
    if (view->access == LATENT_ACCESS_CONTIGUOUS && view->storage == LATENT_STORAGE_LANE32) {
      s->registers[view->reg] = (char *)view->base + start * 4;
    }
  }
  for (int i = 0; i < p->instruction_count; i++) {
    const latent_instruction *in = &p->instructions[i];
    const void *a = s->registers[in->operands[0]];
    const void *b = in->operands[1] < 0 ? NULL : s->registers[in->operands[1]];
    const void *c = in->operands[2] < 0 ? NULL : s->registers[in->operands[2]];
    in->kernel(n, a, b, c, s->registers[in->result]);
  }
  for (int o = 0; o < p->output_count; o++) {
    const latent_view *view = &p->outputs[o];
    const void *tile = s->registers[view->reg];
    if (view->access == LATENT_ACCESS_STRIDED) {
      if (!has_place) at = place_of(p, start);
      has_place = 1;
      walk(p, view, at, n, (uint32_t *)tile, 1);
    } else if (view->storage == LATENT_STORAGE_U8) {
      latent_store_u8(n, tile, (uint8_t *)view->base + start);
    } else if (view->storage == LATENT_STORAGE_BF16) {
      latent_store_bf16(n, tile, (uint16_t *)view->base + start);
    }
  }
}

static void run_map(void *context, int index, int count) {
  const latent_tile_program *p = context;
  size_t first, limit;
  latent_share(p->outer * p->reduced * p->inner, p->grain, index, count, &first, &limit);
  if (first >= limit) return;
  tile_state s;
  begin(&s, p, index);
  for (size_t start = first; start < limit; start += p->tile) {
    evaluate(&s, start, limit - start < p->tile ? limit - start : p->tile);
  }
}

static void set_identity(const latent_reduction *r, size_t n, void *lanes) {
  float f = latent_reduce_identity_f32(r->kind);
  int32_t i = latent_reduce_identity_i32(r->kind);
  latent_fill32(n, r->is_integer ? (void *)&i : (void *)&f, lanes);
}

static void accumulate(const latent_reduction *r, size_t n, const void *x, void *accumulator) {
  if (r->is_integer) {
    latent_accumulate_i32(r->kind, n, x, accumulator);
  } else {
    latent_accumulate_f32(r->kind, n, x, accumulator);
  }
}

static void fold_run(const latent_reduction *r, size_t n, const char *x, void *accumulator) {
  if (r->is_integer) {
    int32_t value = latent_reduce_i32(r->kind, n, (const int32_t *)x);
    latent_accumulate_i32(r->kind, 1, &value, accumulator);
  } else {
    float value = latent_reduce_f32(r->kind, n, (const float *)x);
    latent_accumulate_f32(r->kind, 1, &value, accumulator);
  }
}

static void finish(const latent_reduction *r, size_t first, size_t n, const void *lanes) {
  latent_view view = {.base = r->result, .storage = r->storage, .access = LATENT_ACCESS_CONTIGUOUS};
  store_run(&view, (ptrdiff_t)first, 1, n, lanes);
}

// Folds rows [row, limit) of the [reduced, inner] matrix at `outer` into the accumulators [inner].
static void fold_rows(tile_state *s, size_t outer, size_t row, size_t limit, int share) {
  const latent_tile_program *p = s->program;
  size_t base = outer * p->reduced * p->inner;
  if (p->inner == 1) {
    for (; row < limit; row += LATENT_TILE) {
      size_t n = limit - row < LATENT_TILE ? limit - row : LATENT_TILE;
      evaluate(s, base + row, n);
      for (int r = 0; r < p->reduction_count; r++) {
        const latent_reduction *reduction = &p->reductions[r];
        fold_run(reduction, n, s->registers[reduction->reg], (float *)partial(p, share, r) + outer);
      }
    }
  } else if (p->inner <= LATENT_TILE) {
    size_t rows_per_tile = LATENT_TILE / p->inner;
    while (row < limit) {
      size_t rows = limit - row < rows_per_tile ? limit - row : rows_per_tile;
      evaluate(s, base + row * p->inner, rows * p->inner);
      for (int r = 0; r < p->reduction_count; r++) {
        const latent_reduction *reduction = &p->reductions[r];
        float *accumulator = (float *)partial(p, share, r) + outer * p->inner;
        const float *tile = s->registers[reduction->reg];
        for (size_t i = 0; i < rows; i++) accumulate(reduction, p->inner, tile + i * p->inner, accumulator);
      }
      row += rows;
    }
  } else {
    for (size_t column = 0; column < p->inner; column += LATENT_TILE) {
      size_t n = p->inner - column < LATENT_TILE ? p->inner - column : LATENT_TILE;
      for (size_t i = row; i < limit; i++) {
        evaluate(s, base + i * p->inner + column, n);
        for (int r = 0; r < p->reduction_count; r++) {
          const latent_reduction *reduction = &p->reductions[r];
          float *accumulator = (float *)partial(p, share, r) + outer * p->inner + column;
          accumulate(reduction, n, s->registers[reduction->reg], accumulator);
        }
      }
    }
  }
}

// Short rows: many of them in one tile, each folded to one lane.
static void fold_short_rows(tile_state *s, size_t first, size_t limit) {
  const latent_tile_program *p = s->program;
  size_t rows_per_tile = LATENT_TILE / p->reduced;
  while (first < limit) {
    size_t rows = limit - first < rows_per_tile ? limit - first : rows_per_tile;
    evaluate(s, first * p->reduced, rows * p->reduced);
    for (int r = 0; r < p->reduction_count; r++) {
      const latent_reduction *reduction = &p->reductions[r];
      const char *tile = s->registers[reduction->reg];
      uint32_t lanes[LATENT_TILE];
      set_identity(reduction, rows, lanes);
      for (size_t i = 0; i < rows; i++) fold_run(reduction, p->reduced, tile + i * p->reduced * 4, lanes + i);
      finish(reduction, first, rows, lanes);
    }
    first += rows;
  }
}

// Enough outer rows for all shares: each share finishes its own.
static void run_by_outer(void *context, int index, int count) {
  const latent_tile_program *p = context;
  size_t first, limit;
  latent_share(p->outer, 1, index, count, &first, &limit);
  if (first >= limit) return;
  tile_state s;
  begin(&s, p, index);
  if (p->inner == 1 && p->reduced <= LATENT_TILE) {
    fold_short_rows(&s, first, limit);
    return;
  }
  for (int r = 0; r < p->reduction_count; r++) {
    set_identity(&p->reductions[r], (limit - first) * p->inner, (float *)partial(p, index, r) + first * p->inner);
  }
  for (size_t outer = first; outer < limit; outer++) fold_rows(&s, outer, 0, p->reduced, index);
  for (int r = 0; r < p->reduction_count; r++) {
    finish(
        &p->reductions[r], first * p->inner, (limit - first) * p->inner,
        (float *)partial(p, index, r) + first * p->inner);
  }
}

// Few outer rows: the shares split the reduced dimension, and the caller combines their partial results in order.
static void run_by_reduced(void *context, int index, int count) {
  const latent_tile_program *p = context;
  tile_state s;
  begin(&s, p, index);
  for (int r = 0; r < p->reduction_count; r++) {
    set_identity(&p->reductions[r], p->outer * p->inner, partial(p, index, r));
  }
  size_t first, limit;
  latent_share(p->reduced, p->inner == 1 ? 64 : 1, index, count, &first, &limit);
  for (size_t outer = 0; outer < p->outer && first < limit; outer++) fold_rows(&s, outer, first, limit, index);
}

// The task whose shares are the whole program, or null if partial results must be combined afterwards.
static latent_task whole_task(const latent_tile_program *p) {
  if (p->reduction_count == 0) return run_map;
  return p->outer >= (size_t)p->threads && p->reduced > 0 ? run_by_outer : NULL;
}

void latent_tile_run(const latent_tile_program *p) {
  latent_task task = whole_task(p);
  if (task) {
    latent_parallel(p->threads, task, (void *)p);
    return;
  }
  latent_parallel(p->threads, run_by_reduced, (void *)p);
  for (int r = 0; r < p->reduction_count; r++) {
    for (int index = 1; index < p->threads; index++) {
      accumulate(&p->reductions[r], p->outer * p->inner, partial(p, index, r), partial(p, 0, r));
    }
    finish(&p->reductions[r], 0, p->outer * p->inner, partial(p, 0, r));
  }
}

typedef struct {
  const latent_tile_program *const *programs;
  int count;
} sweep;

// Programs for one thread are dealt out; of the others every thread takes its share.
static void run_sweep(void *context, int index, int count) {
  const sweep *s = context;
  for (int i = 0; i < s->count; i++) {
    const latent_tile_program *p = s->programs[i];
    if (p->threads <= 1) {
      if (i % count == index) latent_tile_run(p);
    } else {
      whole_task(p)((void *)p, index, p->threads);
    }
  }
}

void latent_tile_run_all(const latent_tile_program *const *programs, int count, int threads) {
  sweep all = {programs, count};
  latent_parallel(threads, run_sweep, &all);
}
