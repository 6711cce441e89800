#ifndef LATENT_SORT_H
#define LATENT_SORT_H

#include <stddef.h>
#include <stdint.h>

/// result[o, :, i] = the indices of source[o, :, i] in ascending or descending order.
///
/// Stable: equal elements stay in their order, and 0 equals -0. NaN comes last either way. scratch holds 2 size entries.
void latent_argument_sort_f32(
    const float *source, int32_t *result, uint64_t *scratch, size_t outer, size_t size, size_t inner,
    int is_descending);
void latent_argument_sort_i32(
    const int32_t *source, int32_t *result, uint64_t *scratch, size_t outer, size_t size, size_t inner,
    int is_descending);

#endif
