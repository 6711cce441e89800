#ifndef LATENT_ATTENTION_H
#define LATENT_ATTENTION_H

#include <stddef.h>

/// Rows of features, [batch, position, head, feature]: strides count elements, features are neighbours.
typedef struct {
  const float *base;
  ptrdiff_t batch, position, head;
} latent_attention_operand;

/// The same, to write.
typedef struct {
  float *base;
  ptrdiff_t batch, position, head;
} latent_attention_result;

/// Numbers that are added to the scaled scores, [batch, head, query, key], by strides of which any may be 0; minus
/// infinity hides a key. No mask if `base` is null.
typedef struct {
  const float *base;
  ptrdiff_t batch, head, query, key;
} latent_attention_mask;

/// Scaled dot-product attention in blocks, softmax(scale q k^T + mask) v: the scores are never stored, so that memory
/// grows with the number of positions and not with its square (Rabe & Staats 2021; Dao et al. 2022).
///
/// Query head h attends to key head h / (query_heads / key_heads).
typedef struct {
  size_t batches, query_heads, key_heads, queries, keys, features;
  float scale;
  /// Whether query i sees keys j <= i + keys - queries only: the last query is the last key's position.
  int is_causal;
  latent_attention_operand query, key, value;
  latent_attention_mask mask;
  /// A query that sees no key gives zeros.
  latent_attention_result output;
  /// log(sum(exp(scores))) of each query, [batch, query head, query] without gaps; minus infinity where it sees no key.
  float *log_sum_exp;
} latent_attention;

/// The gradient of a function of attention's output with respect to its three operands.
typedef struct {
  /// Sizes, operands, mask, and what the attention wrote: `output` and `log_sum_exp`.
  latent_attention attention;
  /// The gradient with respect to the output.
  latent_attention_operand cotangent;
  latent_attention_result query, key, value;
} latent_attention_gradient;

/// How many floats of memory a run with a number of threads needs beside its operands.
size_t latent_attention_scratch_size(const latent_attention *attention, int threads);
size_t latent_attention_gradient_scratch_size(const latent_attention_gradient *gradient, int threads);

/// Computes output and log-sum-exp. Sums depend on the number of threads, never on timing.
void latent_attention_run(const latent_attention *attention, float *scratch, int threads);

/// Computes all three gradients, likewise.
void latent_attention_gradient_run(const latent_attention_gradient *gradient, float *scratch, int threads);

#endif
