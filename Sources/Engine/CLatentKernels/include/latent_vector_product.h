#ifndef LATENT_VECTOR_PRODUCT_H
#define LATENT_VECTOR_PRODUCT_H

#include <stddef.h>

#include "latent_elementwise.h"

/// One row times a matrix, y = activation(x W + bias): the product that a model of a single example is made of. It is
/// bound by reading W once, so W is read as it lies, bfloat16 or float32, by all threads in shares of its columns.
typedef struct {
  const void *x;        // k elements
  const void *w;        // k x n, row-major
  const float *bias;    // n numbers, or NULL
  float *y;             // n numbers
  latent_kernel activation;  // from one float to one float, or NULL
  const void *activation_operand;  // its second operand, a scalar, or NULL
  size_t k, n;
  int is_bf16;     // whether x and w are bfloat16
  float *scratch;  // k numbers, needed for bfloat16
} latent_vector_product;

/// Computes the product with a number of threads.
void latent_vector_product_run(const latent_vector_product *product, int threads);

#endif
