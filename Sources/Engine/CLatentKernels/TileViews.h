#ifndef LATENT_TILE_VIEWS_H
#define LATENT_TILE_VIEWS_H

// How a tile's lanes come from strided memory and go back to it.

#include "latent_tile.h"

static const size_t storage_size[] = {4, 1, 2};

static void load_run(const latent_view *view, ptrdiff_t offset, ptrdiff_t stride, size_t n, uint32_t *destination) {
  char *source = (char *)view->base + offset * (ptrdiff_t)storage_size[view->storage];
  switch (view->storage) {
    case LATENT_STORAGE_LANE32:
      latent_load_strided32(n, source, stride, destination);
      break;
    case LATENT_STORAGE_U8:
      for (size_t i = 0; i < n; i++) destination[i] = ((uint8_t *)source)[(ptrdiff_t)i * stride] != 0;
      break;
    case LATENT_STORAGE_BF16:
      for (size_t i = 0; i < n; i++) destination[i] = (uint32_t)((uint16_t *)source)[(ptrdiff_t)i * stride] << 16;
      break;
  }
}

static void store_run(const latent_view *view, ptrdiff_t offset, ptrdiff_t stride, size_t n, const uint32_t *source) {
  char *destination = (char *)view->base + offset * (ptrdiff_t)storage_size[view->storage];
  switch (view->storage) {
    case LATENT_STORAGE_LANE32:
      latent_store_strided32(n, source, stride, destination);
      break;
    case LATENT_STORAGE_U8:
      for (size_t i = 0; i < n; i++) ((uint8_t *)destination)[(ptrdiff_t)i * stride] = source[i] != 0;
      break;
    case LATENT_STORAGE_BF16:
      for (size_t i = 0; i < n; i++) {
        latent_store_bf16(1, (const float *)source + i, (uint16_t *)destination + (ptrdiff_t)i * stride);
      }
      break;
  }
}

// Where the odometer of the iteration space stands at a linear index.
typedef struct {
  size_t index[LATENT_MAX_RANK];
} place;

static place place_of(const latent_tile_program *p, size_t linear) {
  place result;
  for (int d = p->rank - 1; d > 0; d--) {
    result.index[d] = linear % p->sizes[d];
    linear /= p->sizes[d];
  }
  result.index[0] = linear;
  return result;
}

// Walks a strided view over [start, start + n), one run of the innermost dimension at a time.
static void walk(
    const latent_tile_program *p, const latent_view *view, place at, size_t n, uint32_t *tile, int is_store) {
  int last = p->rank - 1;
  ptrdiff_t offset = 0;
  for (int d = 0; d <= last; d++) offset += (ptrdiff_t)at.index[d] * view->strides[d];
  size_t done = 0;
  while (done < n) {
    size_t run = p->sizes[last] - at.index[last];
    if (run > n - done) run = n - done;
    if (is_store) {
      store_run(view, offset, view->strides[last], run, tile + done);
    } else {
      load_run(view, offset, view->strides[last], run, tile + done);
    }
    done += run;
    offset += (ptrdiff_t)run * view->strides[last];
    at.index[last] += run;
    for (int d = last; d > 0 && at.index[d] == p->sizes[d]; d--) {
      offset += view->strides[d - 1] - (ptrdiff_t)at.index[d] * view->strides[d];
      at.index[d] = 0;
      at.index[d - 1]++;
    }
  }
}

#endif
