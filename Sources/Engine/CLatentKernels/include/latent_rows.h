#ifndef LATENT_ROWS_H
#define LATENT_ROWS_H

#include <stddef.h>
#include <stdint.h>

/// Copies rows of a matrix, one after another, on all threads if that pays: row `indices[i]` becomes row i of the result.
/// Without indices (null) the first `count` rows are copied. Indices must be rows of the source.
void latent_copy_rows_f32(const float *source, size_t width, const int64_t *indices, size_t count, float *result);

/// The same for bytes, each divided by `divisor`.
void latent_copy_rows_u8(
    const uint8_t *source, size_t width, const int64_t *indices, size_t count, float divisor, float *result);

#endif
