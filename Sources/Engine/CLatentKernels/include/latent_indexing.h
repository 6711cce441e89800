#ifndef LATENT_INDEXING_H
#define LATENT_INDEXING_H

#include <stddef.h>
#include <stdint.h>

/// Tensors seen as [outer, dimension, inner]; `element_size` in bytes. Indices count along the dimension.

/// result[o, k, :] = source[o, clamp(indices[k]), :]; the source's dimension has `size` slices, at least one if there
/// are indices.
void latent_gather(
    const void *source, const int32_t *indices, void *result, size_t outer, size_t size, size_t inner, size_t count,
    size_t element_size);

/// result = 0; result[o, indices[k], :] += updates[o, k, :], ignoring indices outside 0 ..< size. Updates are added in
/// the order of k.
void latent_scatter_add_f32(
    const float *updates, const int32_t *indices, float *result, size_t outer, size_t size, size_t inner,
    size_t count);
void latent_scatter_add_i32(
    const int32_t *updates, const int32_t *indices, int32_t *result, size_t outer, size_t size, size_t inner,
    size_t count);

/// result[o, i] = the place of the largest (or smallest) of source[o, :, i].
void latent_argument_f32(
    const float *source, int32_t *result, size_t outer, size_t size, size_t inner, int is_minimum);
void latent_argument_i32(
    const int32_t *source, int32_t *result, size_t outer, size_t size, size_t inner, int is_minimum);

/// result[o, k, i] = k, as int32 or as float.
void latent_iota(void *result, size_t outer, size_t size, size_t inner, int is_float);

/// Whether all n floats are finite.
int latent_all_finite(const float *x, size_t n);

#endif
