#include "AttentionBlock.h"
#include "latent_parallel.h"

// One query at a time, features in the lanes: a step of generation, which is bound by reading the keys and values that
// were kept. The score of sixteen keys are as many vectors of partial sums, folded into one.

// Lanes of two vectors that lie in pairs of blocks of 8, 4, 2, or 1: the first of each pair, and the second.
#define LATENT_PAIR_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define LATENT_PAIR_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define LATENT_PAIR_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define LATENT_PAIR_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define LATENT_REST_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LATENT_REST_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LATENT_REST_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LATENT_REST_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

// The sums of sixteen vectors' lanes, in the lanes of the first.
#define LATENT_FOLD(S)                                                     \
  LATENT_UNROLL for (int i = 0; i < (S); i++) {            \
    const latent_lanes low = x[i], high = x[i + (S)];                           \
    x[i] = __builtin_shufflevector(low, high, LATENT_PAIR_##S) +                \
           __builtin_shufflevector(low, high, LATENT_REST_##S);                 \
  }

LATENT_INLINE void fold(latent_lanes *x) {
  LATENT_FOLD(8)
  LATENT_FOLD(4)
  LATENT_FOLD(2)
  LATENT_FOLD(1)
}

// The scores of 16 keys, of which the ones from `last` on are the last.
LATENT_INLINE void score(
    const float *query, const float *keys, ptrdiff_t key, size_t last, size_t features, latent_lanes *scores) {
  latent_lanes x[LATENT_LANES];
  const size_t whole = features / LATENT_LANES * LATENT_LANES;
  // Four at a time, whose sums fit any processor's registers.
  for (size_t j = 0; j < LATENT_LANES; j += 4) {
    const float *rows[4];
    latent_lanes sums[4];
    LATENT_UNROLL for (size_t i = 0; i < 4; i++) {
      rows[i] = keys + (ptrdiff_t)(j + i < last ? j + i : last) * key;
      sums[i] = 0.0f;
    }
    for (size_t f = 0; f < whole; f += LATENT_LANES) {
      const latent_lanes q = *(const latent_lanes *)(query + f);
      LATENT_UNROLL for (int i = 0; i < 4; i++) sums[i] += q * *(const latent_lanes *)(rows[i] + f);
    }
    LATENT_UNROLL for (size_t i = 0; i < 4; i++) x[j + i] = sums[i];
  }
  fold(x);
  for (size_t f = whole; f < features; f++) {
    latent_lanes k;
    LATENT_UNROLL for (size_t j = 0; j < LATENT_LANES; j++) {
      k[j] = keys[(ptrdiff_t)(j < last ? j : last) * key + (ptrdiff_t)f];
    }
    x[0] += query[f] * k;
  }
  *scores = x[0];
}

typedef struct {
  float top, sum;
} row_state;

// Takes sixteen keys into the output of a query.
LATENT_CLONES static void take(
    const latent_attention *p, const float *query, const float *keys, const float *values, const float *mask,
    size_t count, row_state *state, float *output) {
  latent_lanes x;
  score(query, keys, p->key.position, count - 1, p->features, &x);
  x *= p->scale * LATENT_LOG2_E;
  float top = state->top;
  float weights[LATENT_LANES];
  *(latent_lanes *)weights = x;
  for (size_t j = 0; j < LATENT_LANES; j++) {
    if (mask && j < count) weights[j] += LATENT_LOG2_E * mask[(ptrdiff_t)j * p->mask.key];
    weights[j] = j < count ? weights[j] : -INFINITY;
    top = weights[j] > top ? weights[j] : top;
  }
  const float base = top == -INFINITY ? 0.0f : top;
  latent_lanes changes = state->top - base, factors;
  latent_exp2_weights(&changes, &factors);
  x = *(const latent_lanes *)weights - base;
  latent_exp2_weights(&x, (latent_lanes *)weights);
  const float factor = factors[0];
  float sum = 0.0f;
  for (size_t j = 0; j < count; j++) sum += weights[j];
  *state = (row_state){top, state->sum * factor + sum};

  const ptrdiff_t value = p->value.position;
  size_t f = 0;
  for (; f + LATENT_LANES <= p->features; f += LATENT_LANES) {
    latent_lanes y = factor * *(const latent_lanes *)(output + f);
    for (size_t j = 0; j < count; j++) y += weights[j] * *(const latent_lanes *)(values + (ptrdiff_t)j * value + f);
    *(latent_lanes *)(output + f) = y;
  }
  for (; f < p->features; f++) {
    float y = factor * output[f];
    for (size_t j = 0; j < count; j++) y += weights[j] * values[(ptrdiff_t)j * value + (ptrdiff_t)f];
    output[f] = y;
  }
}

static void attend(const latent_attention *p, size_t n, size_t head, size_t i) {
  const size_t key_head = head / (p->query_heads / p->key_heads), visible = latent_attention_visible(p, i);
  const float *query = latent_operand_rows(&p->query, n, head) +
                       (ptrdiff_t)i * p->query.position;
  const float *keys = latent_operand_rows(&p->key, n, key_head);
  const float *values = latent_operand_rows(&p->value, n, key_head);
  const float *mask = p->mask.base ? p->mask.base + (ptrdiff_t)n * p->mask.batch + (ptrdiff_t)head * p->mask.head +
                                         (ptrdiff_t)i * p->mask.query
                                   : NULL;
  float *output = latent_result_rows(&p->output, n, head) +
                  (ptrdiff_t)i * p->output.position;
  row_state state = {-INFINITY, 0.0f};
  for (size_t f = 0; f < p->features; f++) output[f] = 0.0f;
  for (size_t j = 0; j < visible; j += LATENT_LANES) {
    const size_t count = visible - j < LATENT_LANES ? visible - j : LATENT_LANES;
    take(
        p, query, keys + (ptrdiff_t)j * p->key.position, values + (ptrdiff_t)j * p->value.position,
        mask ? mask + (ptrdiff_t)j * p->mask.key : NULL, count, &state, output);
  }
  const float factor = state.sum == 0.0f ? 0.0f : 1.0f / state.sum;
  for (size_t f = 0; f < p->features; f++) output[f] *= factor;
  p->log_sum_exp[(n * p->query_heads + head) * p->queries + i] =
      state.sum == 0.0f ? -INFINITY : LATENT_LOG_2 * state.top + latent_log(state.sum);
}

static void run_share(void *context, int index, int count) {
  const latent_attention *p = context;
  size_t first, limit;
  latent_share(p->batches * p->query_heads * p->queries, 1, index, count, &first, &limit);
  for (size_t row = first; row < limit; row++) {
    const size_t head = row / p->queries;
    attend(p, head / p->query_heads, head % p->query_heads, row % p->queries);
  }
}

void latent_attention_rows_run(const latent_attention *p, int threads) {
  latent_parallel(threads, run_share, (void *)p);
}
