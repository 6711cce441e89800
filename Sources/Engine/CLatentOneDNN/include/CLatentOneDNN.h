#ifndef LATENT_ONEDNN_H
#define LATENT_ONEDNN_H

#include <stddef.h>
#include <stdint.h>

/// Everything that Latent asks of oneDNN. Differences between its major versions (2 and 3) stay behind this header.
///
/// Functions return 0, or oneDNN's status when it refuses. Handles must be destroyed; they are used by one thread at a
/// time, whichever it is. A run allocates nothing: what it works in besides its operands is lent to it, aligned to 64 bytes,
/// before the first; handles that do not run at once may be lent the same.

typedef enum { LATENT_DNN_F32 = 0, LATENT_DNN_BF16 } latent_dnn_type;

/// The oneDNN version in use, such as 20603 for 2.6.3.
int latent_dnn_version(void);

/// Whether this processor computes bfloat16 products at speed.
int latent_dnn_has_bf16(void);

/// What is done to a result while it is still in registers.
typedef enum {
  LATENT_DNN_IDENTITY = 0,
  LATENT_DNN_TANH,
  LATENT_DNN_LOGISTIC,
  LATENT_DNN_RELU,
} latent_dnn_activation;

/// A float32 bias for each column or channel, and an activation after it.
typedef struct {
  int has_bias;
  latent_dnn_activation activation;
} latent_dnn_epilogue;

/// `type` is that of the operands; sums are in float32 and rounded to `result_type`.

/// C[b] = op(A[b]) op(B[b]) for row-major matrices, op transposing on request; op(A) is m x k and op(B) k x n.
typedef struct latent_matmul latent_matmul;
int latent_matmul_create(
    latent_matmul **result, latent_dnn_type type, latent_dnn_type result_type, int64_t batch, int64_t m, int64_t n, int64_t k, int transpose_a,
    int transpose_b, latent_dnn_epilogue epilogue);
int latent_matmul_run(latent_matmul *matmul, const void *a, const void *b, const void *bias, void *c);
size_t latent_matmul_scratch_size(const latent_matmul *matmul);
void latent_matmul_lend_scratch(latent_matmul *matmul, void *memory);
void latent_matmul_destroy(latent_matmul *matmul);

/// Which tensor of a convolution is computed from the other two.
typedef enum {
  LATENT_CONVOLUTION_FORWARD = 0,      // input, kernel -> output
  LATENT_CONVOLUTION_INPUT_GRADIENT,   // output, kernel -> input
  LATENT_CONVOLUTION_KERNEL_GRADIENT,  // input, output -> kernel
} latent_convolution_direction;

/// Geometry; activations are [batch, height, width, channels], kernels [kernel_h, kernel_w, in / groups, out].
typedef struct {
  int64_t batch, groups;
  int64_t in_channels, in_size[2];
  int64_t out_channels, out_size[2];
  int64_t kernel_size[2], strides[2], padding_low[2], padding_high[2], dilations[2];
} latent_convolution_shape;

/// Only the forward direction has an epilogue.
typedef struct latent_convolution latent_convolution;
int latent_convolution_create(
    latent_convolution **result, latent_dnn_type type, latent_dnn_type result_type,
    latent_convolution_direction direction, const latent_convolution_shape *shape, latent_dnn_epilogue epilogue);
int latent_convolution_run(
    latent_convolution *convolution, const void *first, const void *second, const void *bias, void *result);
size_t latent_convolution_scratch_size(const latent_convolution *convolution);
void latent_convolution_lend_scratch(latent_convolution *convolution, void *memory);
void latent_convolution_destroy(latent_convolution *convolution);

#endif
